/** Packages and their like over the API: their files as archives, edits with ETag, faults with their places, and what stands in the way of a removal. */

import test from 'ava'
import { z } from 'zod'
import { contentView } from '../../server/http/api/fields.ts'
import { sha256Of } from '../content/open-test-library.ts'
import { tarOf, type TestEntry } from '../support/root-archive.ts'
import { type Answer, adminToken, openTestSite, type TestSite } from './test-site.ts'

let site: TestSite
test.before(async () => {
  site = await openTestSite()
})
test.after.always(() => site.close())

const faultsOf = ({ json }: Answer) =>
  z.array(z.object({ path: z.string(), message: z.string() })).parse(json['faults'])

async function create(path: string, fields: object): Promise<string> {
  const answer = await site.api('POST', path, fields)
  if (answer.status !== 201) throw new Error(answer.body.toString())
  return `${path}/${String(answer.json['id'])}`
}

async function send(path: string, entries: readonly TestEntry[], query = ''): Promise<Answer> {
  return site.ask('PUT', `/api/v1${path}/content${query}`, {
    headers: { authorization: `Bearer ${adminToken}`, 'content-type': 'application/octet-stream' },
    body: await tarOf(entries),
  })
}

const idOf = (path: string) => path.split('/').at(-1) ?? ''
const namesOf = (answer: Answer) => contentView.parse(answer.json).files.map(({ name }) => name)

const kinds = [
  ['/packages', {}],
  ['/operating-system-upgrade-packages', { architecture: 'x64', editions: ['Pro', 'Home'] }],
  ['/driver-packages', { system: 'linux', models: [{ manufacturer: 'LENOVO', model: '20XW' }], categories: ['Net'] }],
  ['/applications', { publisher: 'Example' }],
] as const

for (const [path, fields] of kinds) {
  test(`S1-007: ${path} take a tar archive, and each one is the next version`, async (t) => {
    const object = await create(path, { name: 'Tree', ...fields })
    t.is((await site.api('GET', `${object}/content`)).status, 404)
    const first = await send(object, [
      { name: './run.sh', text: 'echo', mode: 0o755 },
      { name: './doc/Read me', text: 'hello' },
    ])
    t.is(first.status, 201, first.body.toString())
    t.like(contentView.parse(first.json), { contentId: idOf(object), version: 1 })
    t.deepEqual(
      contentView.parse(first.json).files.map(({ name, bytes, executable }) => ({ name, bytes, executable })),
      [
        { name: 'run.sh', bytes: 4, executable: true },
        { name: 'doc/Read me', bytes: 5, executable: undefined },
      ],
    )
    t.is((await send(object, [{ name: 'only', text: 'x' }])).json['version'], 2)
    t.deepEqual(namesOf(await site.api('GET', `${object}/content`)), ['only'])
    const shown = await site.api('GET', object)
    t.like(shown.json, { name: 'Tree', ...fields, content: { version: 2, files: 1, bytes: 1 }, revision: 3 })
    const listed = z
      .object({ items: z.array(z.looseObject({ id: z.string() })) })
      .parse((await site.api('GET', path)).json)
    t.true(listed.items.some(({ id }) => id === idOf(object)))
  })

  test(`${path} are edited for the revision that was read, and removed`, async (t) => {
    const object = await create(path, { name: 'Edited', ...fields })
    const { etag = '' } = (await site.api('GET', object)).headers
    const changed = await site.api('PUT', object, { name: 'Edited 2', ...fields }, { 'if-match': etag })
    t.like(changed.json, { name: 'Edited 2', revision: 2 })
    t.is((await site.api('PUT', object, { name: 'Late', ...fields }, { 'if-match': etag })).status, 412)
    t.is((await site.api('DELETE', object, undefined, { 'if-match': etag })).status, 412)
    t.is((await site.api('POST', path, { name: 'EDITED 2', ...fields })).status, 409)
    t.is((await site.api('DELETE', object)).status, 204)
    t.is((await site.api('GET', object)).status, 404)
    t.is((await send(object, [{ name: 'a', text: 'x' }])).status, 404)
  })
}

test('E01, E02: a hostile archive is refused with every fault, and makes no version', async (t) => {
  const object = await create('/packages', { name: 'Hostile' })
  const answer = await send(object, [
    { name: 'good', text: 'never kept' },
    { name: '../outside', text: 'x' },
    { name: 'link', type: 'symlink', linkname: '/etc/passwd' },
    { name: 'Good', text: 'x' },
  ])
  t.is(answer.status, 422)
  t.is(answer.json['code'], 'not-a-content-tree')
  t.deepEqual(faultsOf(answer), [
    { path: 'content', message: '../outside: its name climbs out with ".."' },
    {
      path: 'content',
      message: 'link: it is a symbolic link; put what it points to in its place (tar --dereference)',
    },
    { path: 'content', message: 'Good: it differs from good in case only' },
  ])
  t.is((await site.api('GET', object)).json['content'], undefined)
  t.is(await site.library.verify(sha256Of('never kept')), 'missing')
})

test('an upload that is larger than the site allows is refused', async (t) => {
  const object = await create('/packages', { name: 'Large' })
  t.is((await send(object, [{ name: 'a', text: Buffer.alloc(9 * 1024 * 1024) }])).status, 413)
})

const program = { name: 'Install', commandLine: './install.sh' }

test('S2-035: programs have their published settings, and the defaults of the field', async (t) => {
  const first = await create('/packages', { name: 'Runtime', programs: [program] })
  const runFirst = { packageId: idOf(first), programName: 'Install' }
  const second = await create('/packages', {
    name: 'Needs it',
    programs: [{ ...program, runFirst, allowInstallFromTaskSequence: true, successCodes: [0, 17] }],
  })
  t.deepEqual((await site.api('GET', second)).json['programs'], [
    {
      ...program,
      description: '',
      workingDirectory: '',
      runMode: 'local-system',
      maxRunTimeMinutes: 120,
      allowedPlatforms: [],
      runFirst,
      allowInstallFromTaskSequence: true,
      afterRunning: 'restart-by-exit-code',
      successCodes: [0, 17],
    },
  ])
  const removed = await site.api('DELETE', first)
  t.is(removed.status, 409)
  t.is(removed.json['detail'], `package Needs it (${idOf(second)}) uses it`)
  const gone = await site.api('PUT', first, { name: 'Runtime', programs: [] })
  t.regex(String(gone.json['detail']), /a program that would be gone is run first elsewhere: package Needs it/)
  const loop = { ...program, runFirst: { packageId: idOf(second), programName: 'Install' } }
  const looped = await site.api('PUT', first, { name: 'Runtime', programs: [loop] })
  t.is(
    looped.json['detail'],
    `programs would run one another first: ${idOf(first)}:Install, ${idOf(second)}:Install, ${idOf(first)}:Install`,
  )
  const unknown = { ...program, runFirst: { packageId: idOf(first), programName: 'install' } }
  t.regex(
    String((await site.api('POST', '/packages', { name: 'X', programs: [unknown] })).json['detail']),
    /no such program/,
  )
})

test('every fault of a package and of an application is listed with its path', async (t) => {
  const packaged = await site.api('POST', '/packages', {
    name: 'Faulty',
    programs: [program, { ...program, name: 'INSTALL', successCodes: [0, 0] }, { ...program, name: 'x'.repeat(51) }],
  })
  t.is(packaged.status, 422)
  t.deepEqual(
    faultsOf(packaged)
      .map(({ path }) => path)
      .sort(),
    ['programs[1].name', 'programs[1].successCodes[1]', 'programs[2].name'],
  )
  const type = {
    name: 'Script',
    contentFolder: '../x',
    installCommandLine: 'install',
    detection: { kind: 'path-exists', path: 'relative', type: 'file' },
  }
  const application = await site.api('POST', '/applications', {
    name: 'Faulty',
    publisher: 'x'.repeat(129),
    deploymentTypes: [type, { ...type, contentFolder: 'x', requirements: [{ kind: 'minimum-memory', megabytes: 0 }] }],
    dependencies: ['RVL0FFFF'],
    supersedes: [{ applicationId: 'RVL0FFFF' }],
  })
  t.is(application.status, 422)
  t.deepEqual(
    faultsOf(application)
      .map(({ path }) => path)
      .sort(),
    [
      'deploymentTypes[0].contentFolder',
      'deploymentTypes[0].detection.path',
      'deploymentTypes[1].detection.path',
      'deploymentTypes[1].name',
      'deploymentTypes[1].requirements[0].megabytes',
      'publisher',
      'supersedes[0].applicationId',
    ],
  )
  const missing = await site.api('POST', '/applications', { name: 'Missing', dependencies: ['RVL0FFFF'] })
  t.deepEqual(faultsOf(missing), [{ path: 'dependencies[0]', message: 'there is no application RVL0FFFF' }])
})

test('each deployment type of an application has its own folder of files', async (t) => {
  const type = (name: string, contentFolder: string) => ({
    name,
    contentFolder,
    installCommandLine: './install',
    detection: { kind: 'command', commandLine: 'true' },
  })
  const object = await create('/applications', {
    name: 'Two types',
    deploymentTypes: [type('Debian', 'deb'), type('Red Hat', 'rpm')],
  })
  t.is((await send(object, [{ name: 'install', text: 'deb', mode: 0o700 }], '?folder=deb')).status, 201)
  const both = await send(object, [{ name: 'install', text: 'rpm' }], '?folder=rpm')
  t.deepEqual(namesOf(both), ['deb/install', 'rpm/install'])
  const again = await send(object, [{ name: 'other', text: 'deb 2' }], '?folder=deb')
  t.deepEqual(namesOf(again), ['rpm/install', 'deb/other'])
  t.is(again.json['version'], 3)
  const unknown = await send(object, [{ name: 'a', text: 'x' }], '?folder=zip')
  t.is(unknown.status, 400)
  t.regex(faultsOf(unknown)[0]?.message ?? '', /no deployment type .* has the content folder zip/)
})

test('S2-030: what another application needs or replaces is not removed, and none needs itself', async (t) => {
  const base = await create('/applications', { name: 'Base' })
  const old = await create('/applications', { name: 'Old' })
  const upper = await create('/applications', {
    name: 'Upper',
    dependencies: [idOf(base)],
    supersedes: [{ applicationId: idOf(old), uninstall: true }],
  })
  for (const object of [base, old]) {
    t.is((await site.api('DELETE', object)).json['detail'], `application Upper (${idOf(upper)}) uses it`)
  }
  const cycle = await site.api('PUT', base, { name: 'Base', dependencies: [idOf(upper)] })
  t.is(cycle.status, 409)
  t.regex(String(cycle.json['detail']), /^applications would depend on one another: /)
  const self = await site.api('PUT', old, { name: 'Old', supersedes: [{ applicationId: idOf(old) }] })
  t.regex(String(self.json['detail']), /^applications would supersede one another: /)
  t.is((await site.api('DELETE', upper)).status, 204)
  t.is((await site.api('DELETE', base)).status, 204)
})

test('S2-068: a driver package tells what hardware its newest files are for', async (t) => {
  const object = await create('/driver-packages', { name: 'Cards', system: 'windows' })
  t.is((await site.api('GET', `${object}/drivers`)).status, 404)
  const line = (id: string) => `%Card% = Install, PCI\\VEN_8086&DEV_${id}\n`
  await send(object, [{ name: 'old.inf', text: line('0001') }])
  await send(object, [
    { name: 'a.inf', text: line('15B7') },
    { name: 'b.inf', text: line('15B8') },
  ])
  const filesOf = async (query: string) => {
    const { json } = await site.api('GET', `${object}/drivers${query}`)
    return z.array(z.object({ file: z.string() })).parse(json['drivers'])
  }
  t.deepEqual(await filesOf(''), [{ file: 'a.inf' }, { file: 'b.inf' }])
  t.deepEqual(await filesOf(`?hardwareId=${encodeURIComponent('PCI\\VEN_8086&DEV_15b8')}`), [{ file: 'b.inf' }])
  const changed = await site.api('PUT', object, { name: 'Cards', system: 'linux' })
  t.is(changed.json['detail'], 'its files are for windows')
  t.is((await site.api('DELETE', object)).status, 204)
  t.is((await site.api('GET', `${object}/drivers`)).status, 404)
})
