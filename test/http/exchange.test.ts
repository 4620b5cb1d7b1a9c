/** Exports and imports between real sites over HTTP (S11), and what is refused of them. */

import test from 'ava'
import { parsePackageId } from '../../server/address/identifiers.ts'
import { readBundle } from '../../server/content/read-bundle.ts'
import { writeBundle } from '../../server/content/write-bundle.ts'
import { type FilledSite, fillSite, siteSecret } from './filled-site.ts'
import { adminToken, type Answer, openTestSite, type TestSite } from './test-site.ts'

let home: TestSite
let filled: FilledSite
test.before(async () => {
  home = await openTestSite()
  filled = await fillSite(home)
})
test.after.always(async () => home.close())

interface BundledObject {
  readonly kind: string
  readonly id: string
  readonly files: readonly { readonly name: string; readonly sha256: string }[]
  readonly draft: Record<string, unknown>
}

async function exportFrom(
  site: TestSite,
  body: object,
): Promise<{ zip: Buffer; objects: BundledObject[]; text: string }> {
  const answer = await site.api('POST', '/task-sequences/export', body)
  if (answer.status !== 200) throw new Error(answer.body.toString())
  const read = await readBundle(answer.body)
  if (read.kind === 'refused') throw new Error(read.fault)
  const text = read.octets.toString()
  const bundle: { objects: BundledObject[] } = JSON.parse(text)
  return { zip: answer.body, objects: bundle.objects, text }
}

async function startImport(site: TestSite, zip: Uint8Array, type = 'application/zip'): Promise<Answer> {
  return site.ask('POST', '/api/v1/task-sequences/imports', {
    headers: { authorization: `Bearer ${adminToken}`, 'content-type': type },
    body: zip,
  })
}

async function sendMissing(site: TestSite, pending: Record<string, unknown>): Promise<void> {
  const missing = pending['missingFiles']
  for (const file of Array.isArray(missing) ? missing : []) {
    const octets = await home.api('GET', `/content-files/${String(file.sha256)}`)
    const { status } = await site.ask(
      'PUT',
      `/api/v1/task-sequences/imports/${String(pending['id'])}/files/${String(file.sha256)}`,
      {
        headers: { authorization: `Bearer ${adminToken}`, 'content-type': 'application/octet-stream' },
        body: octets.body,
      },
    )
    if (status !== 201) throw new Error(String(status))
  }
}

const zipOf = async (text: string): Promise<Buffer> => {
  const chunks: Uint8Array[] = []
  for await (const chunk of writeBundle(text)) chunks.push(chunk)
  return Buffer.concat(chunks)
}

test('S11-002: an export holds everything that a task sequence needs, each once', async (t) => {
  const { objects, text } = await exportFrom(home, { ids: [filled.parent, filled.child], comment: 'For the lab' })
  const { first: _, ...ids } = filled.ids
  t.deepEqual(objects.map(({ id }) => id).toSorted(), [filled.parent, filled.child, ...Object.values(ids)].toSorted())
  t.true(text.includes('For the lab'))
  const agent = objects.find(({ id }) => id === filled.ids['agent'])
  t.deepEqual(
    agent?.files.map(({ name }) => name),
    ['setup.sh', 'data/a file'],
  )
})

test('S11-003: an export holds no secret, and says which were left out', async (t) => {
  const { text, objects } = await exportFrom(home, { ids: [filled.parent] })
  t.false(text.includes(siteSecret))
  const parent = objects.find(({ id }) => id === filled.parent)
  t.like(parent, {
    typeAgain: [{ path: 'children[3].action.localAdminPassword', stepName: 'Apply Windows Settings', disabled: true }],
  })
})

test('S11-001, S11-004: what one site exports another imports, with new ids and its files', async (t) => {
  const other = await openTestSite()
  try {
    const { zip } = await exportFrom(home, { ids: [filled.parent] })
    const started = await startImport(other, zip)
    t.is(started.status, 201, started.body.toString())
    const path = `/task-sequences/imports/${String(started.json['id'])}`
    const early = await other.api('POST', `${path}/complete`)
    t.is(early.status, 422)
    t.is(early.json['code'], 'files-missing')
    t.deepEqual(await other.store.packages.list(), [], 'nothing is there while something is missing')
    await sendMissing(other, started.json)
    const done = await other.api('POST', `${path}/complete`)
    t.is(done.status, 201, done.body.toString())
    t.like(done.json, {
      typeAgain: [
        { stepName: 'Folder', disabled: false },
        { stepName: 'Apply Windows Settings', disabled: true },
      ],
      withoutContent: [],
    })
    const [agent] = (await other.store.packages.list()).filter(({ name }) => name === 'Agent')
    const [base] = (await other.store.packages.list()).filter(({ name }) => name === 'Base')
    t.not<string | undefined, string | undefined>(agent?.id, filled.ids['agent'])
    t.is(agent?.programs[1]?.runFirst?.packageId, base?.id)
    t.deepEqual(
      agent?.content?.files.map(({ name, executable }) => [name, executable]),
      [
        ['setup.sh', true],
        ['data/a file', undefined],
      ],
    )
    const [editor] = (await other.store.applications.list()).filter(({ name }) => name === 'Editor')
    t.is(editor?.dependencies.length, 1)
    const [drivers] = await other.store.driverPackages.list()
    t.truthy(drivers && (await other.store.driverIndex(drivers.id)))
    const parent = (await other.store.taskSequences.list()).find(({ sequence }) => sequence.name === 'Parent')
    const shown = await other.api('GET', `/task-sequences/${String(parent?.id)}`)
    t.deepEqual(shown.json['faults'], [], 'every reference leads somewhere')
    t.like(parent?.sequence.children[4], { action: { packageId: agent?.id } })
    t.is(parent?.settings.runFirst?.packageId, base?.id)
    t.is((await other.api('POST', `${path}/complete`)).status, 404, 'it is done once')
  } finally {
    await other.close()
  }
})

test('S11-004: what exists is ignored, overwritten or made anew beside it', async (t) => {
  const other = await openTestSite()
  try {
    const { zip } = await exportFrom(home, { ids: [filled.child] })
    const bring = async (action?: string): Promise<Answer> => {
      const { json } = await startImport(other, zip)
      const actions = action === undefined ? {} : { [`task-sequence:${filled.child}`]: action }
      return other.api('POST', `/task-sequences/imports/${String(json['id'])}/complete`, { actions })
    }
    t.is((await bring('overwrite')).status, 422, 'there is nothing to overwrite')
    const created = await bring()
    t.is(created.status, 201)
    const [old] = await other.store.taskSequences.list()
    const again = await bring()
    t.like(again.json, { objects: [{ action: 'ignore-duplicate', id: old?.id }], typeAgain: [] })
    t.is((await bring('overwrite')).status, 201)
    const [overwritten] = await other.store.taskSequences.list()
    t.is(overwritten?.revision, 2)
    t.is((await bring('create-new')).status, 201)
    t.deepEqual(
      (await other.store.taskSequences.list()).map(({ sequence }) => sequence.name),
      ['Child', 'Child - Copy'],
    )
  } finally {
    await other.close()
  }
})

test('S11-001: without dependencies, references follow the names of what is there, or nothing is imported', async (t) => {
  const other = await openTestSite()
  try {
    const { zip, objects } = await exportFrom(home, { ids: [filled.parent], dependencies: false, content: false })
    t.deepEqual(
      objects.map(({ id }) => id),
      [filled.parent],
    )
    const refused = await startImport(other, zip)
    t.is(refused.status, 422)
    t.true(refused.body.toString().includes('(Agent), which stayed behind'))
    t.is((await startImport(home, zip)).status, 201, 'where it comes from everything is there')
  } finally {
    await other.close()
  }
})

test('one refusal takes everything back', async (t) => {
  const other = await openTestSite()
  try {
    const { zip } = await exportFrom(home, { ids: [filled.parent], content: false })
    const started = await startImport(other, zip)
    t.is(started.status, 201)
    const { json } = await other.api('POST', '/task-sequences', { sequence: { name: 'Parent', children: [] } })
    const id = parsePackageId(String(json['id']))
    const editor = { key: 'somebody', name: 'Somebody' }
    const request = { editor, newTokenSha256: '0'.repeat(64), nowMs: other.clock.nowMs }
    t.like(id && (await other.store.taskSequences.takeEditLock(id, request)), { kind: 'taken' })
    const answer = await other.api('POST', `/task-sequences/imports/${String(started.json['id'])}/complete`, {
      actions: { [`task-sequence:${filled.parent}`]: 'overwrite' },
    })
    t.is(answer.status, 423)
    t.deepEqual(await other.store.packages.list(), [])
    t.deepEqual(await other.store.applications.list(), [])
    t.is((await other.store.taskSequences.list()).length, 1)
  } finally {
    await other.close()
  }
})

test('an import that waits is bounded and expires, and takes only its own files', async (t) => {
  const other = await openTestSite()
  try {
    const { zip } = await exportFrom(home, { ids: [filled.child] })
    const answers = [
      await startImport(other, zip),
      await startImport(other, zip),
      await startImport(other, zip),
      await startImport(other, zip),
    ]
    t.deepEqual(
      answers.map(({ status }) => status),
      [201, 201, 201, 201],
    )
    t.is((await startImport(other, zip)).status, 503)
    const path = `/task-sequences/imports/${String(answers[0]?.json['id'])}`
    t.is((await other.api('PUT', `${path}/files/${'0'.repeat(64)}`, {})).status, 404)
    t.is((await other.api('DELETE', path)).status, 204)
    t.is((await other.api('DELETE', path)).status, 404)
    other.clock.nowMs += 3_600_001
    t.is((await other.api('POST', `/task-sequences/imports/${String(answers[1]?.json['id'])}/complete`)).status, 404)
    t.is((await startImport(other, zip)).status, 201)
  } finally {
    await other.close()
  }
})

test('E01, E03: what is no export is refused, and nothing of it stays', async (t) => {
  const { text } = await exportFrom(home, { ids: [filled.child] })
  const bundle: Record<string, unknown> = JSON.parse(text)
  const [object] = Array.isArray(bundle['objects']) ? bundle['objects'] : []
  const changed = async (changes: object) => startImport(home, await zipOf(JSON.stringify({ ...bundle, ...changes })))
  const hash = '0'.repeat(64)
  const before = (await home.store.taskSequences.list()).length
  t.is((await startImport(home, Buffer.from('PK no zip'))).status, 422)
  t.is((await startImport(home, await zipOf('{'))).status, 400)
  t.is((await startImport(home, await zipOf(text), 'text/plain')).status, 415)
  t.is((await changed({ version: 2 })).status, 422)
  t.is((await changed({ objects: [object, object] })).status, 422, 'twice the same')
  t.is(
    (await changed({ objects: [{ ...object, files: [{ name: '../../etc/passwd', sha256: hash, bytes: 1 }] }] })).status,
    422,
  )
  t.is(
    (await changed({ objects: [{ ...object, files: [{ name: '/etc/passwd', sha256: hash, bytes: 1 }] }] })).status,
    422,
  )
  const children = [{ name: 'Self', action: { type: 'run-task-sequence', taskSequenceId: filled.child } }]
  const cycle = { ...object, draft: { enabled: true, sequence: { name: 'Child', children } } }
  const answer = await changed({ objects: [cycle] })
  t.is(answer.status, 422)
  t.true(answer.body.toString().includes('lead back'))
  t.is((await home.store.taskSequences.list()).length, before)
})

test('a file of the library is asked for by its hash, its head alone too', async (t) => {
  const { objects } = await exportFrom(home, { ids: [filled.parent] })
  const [file] = objects.find(({ id }) => id === filled.ids['agent'])?.files ?? []
  const path = `/content-files/${file?.sha256}`
  const head = await home.api('HEAD', path)
  t.deepEqual([head.status, head.headers['content-length'], head.body.length], [200, '10', 0])
  t.is((await home.api('GET', path)).body.toString(), '#!/bin/sh\n')
  t.is((await home.api('GET', `/content-files/${'0'.repeat(64)}`)).status, 404)
  t.is((await home.ask('GET', `/api/v1${path}`)).status, 401)
})
