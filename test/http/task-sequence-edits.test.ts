/** Editing and searching a task sequence over the API, on a real site. */

import test from 'ava'
import { commandStep } from '../support/sequences.ts'
import { packageId } from '../store/site-builders.ts'
import { type Answer, openTestSite, type TestSite } from './test-site.ts'

const secretStep = {
  name: 'Pin',
  action: { type: 'set-task-sequence-variable', variable: 'Pin', value: 'canary-4712', secret: true },
}

async function withSequence(site: TestSite, name = 'Edited'): Promise<string> {
  const sequence = { name, children: [commandStep('a'), { name: 'g', children: [secretStep] }] }
  const { json } = await site.api('POST', '/task-sequences', { sequence })
  return String(json['id'])
}

function names(answer: Answer): string {
  const sequence: unknown = answer.json['sequence']
  return JSON.stringify(sequence)
    .replaceAll(/.*?"name":"([^"]*)"/g, '$1 ')
    .replace(/ [^ ]*$/, '')
}

function faultPaths(answer: Answer): readonly unknown[] {
  const faults: unknown = answer.json['faults']
  return Array.isArray(faults) ? faults.map((fault: { readonly path?: unknown }) => fault.path) : []
}

test('S1-097: edits are one change and one revision, and secrets stay', async (t) => {
  const site = await openTestSite()
  t.teardown(() => site.close())
  const id = await withSequence(site)
  const edits = [
    { kind: 'add', node: commandStep('n'), at: { after: [0] } },
    { kind: 'copy', path: [2, 0], at: { into: [] } },
    { kind: 'remove', path: [0] },
  ]
  const answer = await site.api('POST', `/task-sequences/${id}/edits`, { edits })
  t.is(answer.status, 200)
  t.is(names(answer), 'Edited n g Pin Pin')
  t.is(answer.json['revision'], 2)
  t.is(answer.headers.etag, '"2"')
  t.false(answer.body.toString().includes('canary'))
  const stored = await site.store.taskSequences.list()
  t.is(JSON.stringify(stored).split('canary-4712').length - 1, 2)
})

test('S1-097: a step with its secret is pasted from another sequence', async (t) => {
  const site = await openTestSite()
  t.teardown(() => site.close())
  const [from, to] = [await withSequence(site, 'Source'), await withSequence(site)]
  const edits = [{ kind: 'paste', taskSequenceId: from, path: [1], at: { into: [1] } }]
  const answer = await site.api('POST', `/task-sequences/${to}/edits`, { edits })
  t.is(names(answer), 'Edited a g Pin g Pin')
  t.is(JSON.stringify(await site.store.taskSequences.list()).split('canary-4712').length - 1, 3)
  const missing = await site.api('POST', `/task-sequences/${to}/edits`, {
    edits: [{ kind: 'paste', taskSequenceId: from, path: [7], at: { into: [] } }],
  })
  t.deepEqual([missing.status, faultPaths(missing)], [422, ['edits[0].path']])
})

test('S1-095: an edit of an older revision is refused, and changes nothing', async (t) => {
  const site = await openTestSite()
  t.teardown(() => site.close())
  const id = await withSequence(site)
  const path = `/task-sequences/${id}/edits`
  const remove = { edits: [{ kind: 'remove', path: [0] }] }
  t.is((await site.api('POST', path, remove, { 'if-match': '"1"' })).status, 200)
  t.is((await site.api('POST', path, remove, { 'if-match': '"1"' })).status, 412)
  t.is(names(await site.api('GET', `/task-sequences/${id}`)), 'Edited g Pin')
})

test('S1-095: a lock and an older revision are told before faults of the edits, which nobody could judge yet', async (t) => {
  const site = await openTestSite()
  t.teardown(() => site.close())
  const id = await withSequence(site)
  const faulty = { edits: [{ kind: 'remove', path: [9] }] }
  const lostPaste = { edits: [{ kind: 'paste', taskSequenceId: 'RVL0FFFE', path: [7], at: { into: [] } }] }
  const status = async (target: string, edits: object, headers: Record<string, string>): Promise<number> =>
    (await site.api('POST', `/task-sequences/${target}/edits`, edits, headers)).status
  t.is(await status(id, faulty, { 'if-match': '"1"' }), 422)
  t.is(await status(id, faulty, { 'if-match': '"7"' }), 412)
  t.is(await status(id, lostPaste, { 'if-match': '"7"' }), 412)
  await site.store.taskSequences.takeEditLock(packageId(id), {
    editor: { key: 'page-session:Bob', name: 'Bob' },
    newTokenSha256: '0'.repeat(64),
    nowMs: site.clock.nowMs,
  })
  t.is(await status(id, faulty, { 'if-match': '"7"' }), 423)
  t.is(await status('RVL0FFFE', faulty, { 'if-match': '"7"' }), 404)
})

test('every fault of a list of edits is named with its place', async (t) => {
  const site = await openTestSite()
  t.teardown(() => site.close())
  const id = await withSequence(site)
  const edits = [
    { kind: 'remove', path: [9] },
    { kind: 'add', node: { action: { type: 'run-command-line' } }, at: { into: [] } },
  ]
  const answer = await site.api('POST', `/task-sequences/${id}/edits`, { edits })
  t.is(answer.status, 422)
  t.deepEqual(faultPaths(answer), ['edits[0].path', 'edits[1].node.action.commandLine'])
  const broken = await site.api('POST', `/task-sequences/${id}/edits`, {
    edits: [
      {
        kind: 'add',
        node: { action: { type: 'apply-operating-system-image', imageId: 'RVL0FFFE' } },
        at: { into: [] },
      },
    ],
  })
  t.deepEqual([broken.status, faultPaths(broken)], [422, ['sequence.children[2].action.imageId']])
})

test('S1-098: search answers with paths, and finds no secret', async (t) => {
  const site = await openTestSite()
  t.teardown(() => site.close())
  const id = await withSequence(site)
  const hits = async (query: string): Promise<unknown> =>
    (await site.api('GET', `/task-sequences/${id}/search?${query}`)).json['hits']
  t.deepEqual(await hits('text=pin&scopes=name,variable'), [
    { path: [1, 0], kind: 'step', name: 'Pin', found: ['name', 'variable'] },
  ])
  t.deepEqual(await hits('text=canary'), [])
  t.is((await site.api('GET', `/task-sequences/${id}/search?scopes=nothing`)).status, 400)
})

test('S2: the API says what step types there are, with the limits of their fields', async (t) => {
  const site = await openTestSite()
  t.teardown(() => site.close())
  const { json } = await site.api('GET', '/task-sequence-step-types')
  const items: unknown = json['items']
  t.like(Array.isArray(items) && items.find(({ type }: { readonly type?: unknown }) => type === 'run-command-line'), {
    title: 'Run Command Line',
    category: 'general',
    fields: { workingDirectory: { variable: 'WorkingDirectory', form: { kind: 'text', charactersMax: 255 } } },
  })
})
