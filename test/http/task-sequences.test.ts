/** Everything around the document of a task sequence over the API: settings, revisions, edit lock, folders, other actions. */

import test from 'ava'
import { z } from 'zod'
import { defaultDeploymentOptions } from '../../server/site/deployment-options.ts'
import { apiRoutes } from '../../server/http/api/api-routes.ts'
import { adminToken, type Answer, openTestSite, type TestSite } from './test-site.ts'
import { applyImage, newRun, packageId, saved, startedRun, taskSequence } from '../store/site-builders.ts'

let site: TestSite
test.before(async () => {
  site = await openTestSite()
})
test.after.always(() => site.close())

let sequences = 0
const step = { name: 'Say', action: { type: 'run-command-line', commandLine: 'echo hello' } }
const document = (name = `Sequence ${(sequences += 1)}`, children: readonly object[] = [step]) => ({ name, children })

async function create(body: object = {}): Promise<{ path: string; answer: Answer }> {
  const answer = await site.api('POST', '/task-sequences', { sequence: document(), ...body })
  return { path: `/task-sequences/${String(answer.json['id'])}`, answer }
}

const faultsOf = (answer: Answer) =>
  z.array(z.object({ path: z.string(), message: z.string() })).parse(answer.json['faults'])
const pathsOf = (answer: Answer) => faultsOf(answer).map(({ path }) => path)
const itemsOf = (answer: Answer) => z.array(z.record(z.string(), z.unknown())).parse(answer.json['items'])

/** Somebody else than the preset token, with a token of his own. */
async function colleague(name: string): Promise<TestSite['api']> {
  const token = String((await site.api('POST', '/tokens', { name })).json['token'])
  return async (method, path, body, headers = {}) =>
    site.api(method, path, body, { ...headers, authorization: `Bearer ${token}` })
}

test('S1-078, S1-079, S1-082, S1-083: settings are shown with their defaults, changed, and kept by an edit that does not name them', async (t) => {
  const { path, answer } = await create()
  t.is(answer.status, 201, answer.body.toString())
  t.like(answer.json, { isHighImpact: false, faults: [] })
  t.like(answer.json['settings'], { maximumRunMinutes: 120, highImpact: false })
  const settings = {
    maximumRunMinutes: 0,
    platforms: [{ architecture: 'x64' }],
    highImpact: true,
    customNotification: { headline: 'a', message: 'b', emphasis: 'c', closing: 'd' },
    softwareCenter: { restartRequired: true, estimatedRunMinutes: 20 },
  }
  const changed = await site.api('PUT', path, { sequence: document(), settings })
  t.is(changed.status, 200, changed.body.toString())
  t.true(changed.json['isHighImpact'])
  const untouched = await site.api('PUT', path, { sequence: document() })
  t.deepEqual(untouched.json['settings'], changed.json['settings'])
  t.like(untouched.json['settings'], settings)
})

test('S1-083: faults of the document and of the settings are listed together', async (t) => {
  const { answer } = await create({
    sequence: document('', [{ name: 'A', action: { type: 'no-such-step' } }]),
    settings: { maximumRunMinutes: 1.5, customNotification: { headline: 'a' } },
  })
  t.is(answer.status, 422)
  t.deepEqual(pathsOf(answer).sort(), [
    'sequence.children[0].action.type',
    'sequence.name',
    'settings.customNotification',
    'settings.customNotification.closing',
    'settings.customNotification.emphasis',
    'settings.customNotification.message',
    'settings.maximumRunMinutes',
  ])
})

test('S1-083: what deploys an operating system is shown as high-impact without anybody saying so', async (t) => {
  const partitions = [{ name: 'Root', use: 'primary', size: { percentOfRemaining: 100 }, fileSystem: 'ext4' }]
  const action = { type: 'format-and-partition-disk', diskNumber: 0, diskType: 'gpt', partitions }
  const { answer } = await create({ sequence: document(undefined, [{ action }]) })
  t.is(answer.status, 201, answer.body.toString())
  t.true(answer.json['isHighImpact'])
  t.like(answer.json['settings'], { highImpact: false })
})

test('each change is a revision with its author, and restoring makes a new one', async (t) => {
  const own = await colleague('script')
  const { path } = await create({ comment: 'first', settings: { maximumRunMinutes: 30 } })
  const changed = await own('PUT', path, { sequence: document('Second name'), settings: {}, comment: 'second' })
  t.is(changed.status, 200, changed.body.toString())
  await own('POST', `${path}/disable`)
  const listed = itemsOf(await site.api('GET', `${path}/revisions`))
  t.deepEqual(
    listed.map(({ revision, changedBy, comment }) => [revision, changedBy, comment]),
    [
      [3, 'script (API token)', ''],
      [2, 'script (API token)', 'second'],
      [1, 'administrator (preset token)', 'first'],
    ],
  )
  t.is(listed[0]?.['changedAtMs'], site.clock.nowMs)
  const first = await site.api('GET', `${path}/revisions/1`)
  t.like(first.json['object'], { revision: 1, enabled: true, settings: { maximumRunMinutes: 30 } })
  const stale = await site.api('POST', `${path}/revisions/1/restore`, undefined, { 'if-match': '"2"' })
  t.is(stale.status, 412)
  const restored = await site.api('POST', `${path}/revisions/1/restore`, undefined, { 'if-match': '"3"' })
  t.is(restored.status, 200, restored.body.toString())
  t.like(restored.json, { revision: 4, enabled: false, settings: { maximumRunMinutes: 30 } })
  t.is(itemsOf(await site.api('GET', `${path}/revisions`))[0]?.['comment'], 'Restored from revision 1')
  t.deepEqual((await site.api('GET', `${path}/revisions/1`)).json, first.json)
  t.is((await site.api('GET', `${path}/revisions/9`)).status, 404)
  t.is((await site.api('POST', `${path}/revisions/9/restore`)).status, 404)
  t.is((await site.api('GET', '/task-sequences/RVL0FFFF/revisions')).status, 404)
})

test('A12: secret values do not come out of old revisions, and come back with one that is restored', async (t) => {
  const set = (value: string) => ({
    action: { type: 'set-task-sequence-variable', variable: 'Key', value, secret: true },
  })
  const { path, answer } = await create({ sequence: document('Secret', [set('canary-1')]) })
  await site.api('PUT', path, { sequence: document('Secret', [set('canary-2')]) })
  const shown = await site.api('GET', `${path}/revisions/1`)
  t.is(shown.status, 200)
  t.false(shown.body.includes('canary'))
  const restored = await site.api('POST', `${path}/revisions/1/restore`)
  t.false(restored.body.includes('canary'))
  const copy = await site.api('POST', `${path}/copy`)
  t.false(copy.body.includes('canary'))
  for (const id of [answer.json['id'], copy.json['id']]) {
    t.regex(JSON.stringify(await site.store.taskSequences.get(packageId(String(id)))), /canary-1/)
  }
})

test('S1-096: an old revision whose image is gone is not restored', async (t) => {
  const image = await site.api('POST', '/operating-system-images', { name: 'Gone', architecture: 'x64' })
  const imageId = String(image.json['id'])
  const { path, answer } = await create({ sequence: document(undefined, [applyImage(imageId)]) })
  t.is(answer.status, 201, answer.body.toString())
  await site.api('PUT', path, { sequence: document() })
  t.is((await site.api('DELETE', `/operating-system-images/${imageId}`)).status, 204)
  const refused = await site.api('POST', `${path}/revisions/1/restore`)
  t.is(refused.status, 422)
  t.deepEqual(pathsOf(refused), ['sequence.children[0].action.imageId'])
})

test('S1-095: while a colleague edits, every editing verb answers 423 with who and until when; viewing needs no lock', async (t) => {
  const own = await colleague('editor')
  const { path } = await create()
  t.deepEqual((await site.api('GET', `${path}/edit-lock`)).json, { held: false })
  const taken = await own('POST', `${path}/edit-lock`)
  t.is(taken.status, 201, taken.body.toString())
  const expiresAtMs = site.clock.nowMs + 30 * 60_000
  t.like(taken.json, { held: true, isYours: true, expiresAtMs })
  const holder = 'editor (API token)'
  const seen = await site.api('GET', `${path}/edit-lock`)
  t.deepEqual(seen.json, { held: true, holder, isYours: false, takenAtMs: site.clock.nowMs, expiresAtMs })
  const verbs = [
    ['PUT', path, { sequence: document() }],
    ['POST', `${path}/enable`],
    ['POST', `${path}/disable`],
    ['POST', `${path}/move`, { folderId: null }],
    ['POST', `${path}/revisions/1/restore`],
    ['DELETE', path],
    ['POST', `${path}/edit-lock`],
    ['DELETE', `${path}/edit-lock`],
  ] as const
  for (const [method, target, body] of verbs) {
    const refused = await site.api(method, target, body)
    t.is(refused.status, 423, `${method} ${target}`)
    t.is(refused.json['code'], 'locked')
    t.deepEqual(refused.json['lock'], { holder, expiresAtMs })
    t.regex(String(refused.json['detail']), /^editor \(API token\) has it open for editing until 20\d\d-/)
  }
  t.is((await site.api('GET', path)).status, 200)
  t.is((await site.api('POST', `${path}/copy`)).status, 201)
  const edited = await own('PUT', path, { sequence: document() }, { 'if-match': '"1"' })
  t.is(edited.status, 200, edited.body.toString())
  t.is((await own('PUT', path, { sequence: document() }, { 'if-match': '"1"' })).status, 412)
})

test('S1-095: a lock is renewed with its token, discarded by its user, and ends after half an hour', async (t) => {
  const own = await openTestSite()
  t.teardown(() => own.close())
  const made = await own.api('POST', '/task-sequences', { sequence: document() })
  const lock = `/task-sequences/${String(made.json['id'])}/edit-lock`
  const taken = await own.api('POST', lock)
  const token = String(taken.json['token'])
  own.clock.nowMs += 20 * 60_000
  const second = await own.api('POST', lock)
  t.is(second.status, 423)
  t.regex(String(second.json['detail']), /You have it open for editing elsewhere/)
  const renewed = await own.api('POST', lock, { token })
  t.is(renewed.status, 200, renewed.body.toString())
  t.like(renewed.json, { token, expiresAtMs: own.clock.nowMs + 30 * 60_000 })
  t.false((await own.api('GET', lock)).body.includes(token))
  t.is((await own.api('DELETE', lock)).status, 204)
  t.is((await own.api('DELETE', lock)).status, 204)
  t.is((await own.api('POST', lock)).status, 201)
  own.clock.nowMs += 30 * 60_000
  t.deepEqual((await own.api('GET', lock)).json, { held: false })
  t.is((await own.api('POST', lock, { token: 'of nothing' })).status, 201)
  t.is((await own.api('POST', '/task-sequences/RVL0FFFF/edit-lock')).status, 404)
})

test('S1-077: a disabled task sequence can be deployed and does not run; enabling it needs no redeployment', async (t) => {
  const image = await site.api('POST', '/boot-images', { name: 'Switch', architecture: 'x64' })
  const { path, answer } = await create({ bootImageId: image.json['id'] })
  await site.api('POST', '/devices', { name: 'Switched', macAddresses: ['52:54:00:77:00:01'] })
  t.is((await site.api('POST', `${path}/disable`)).json['enabled'], false)
  const deployed = await site.api('POST', '/deployments', {
    taskSequenceId: answer.json['id'],
    collectionId: 'RVL10001',
    purpose: 'required',
    makeAvailableTo: 'media-and-pxe',
  })
  t.is(deployed.status, 201, deployed.body.toString())
  const preview = async () =>
    (await site.api('GET', '/boot-preview?mac=52:54:00:77:00:01&architecture=7')).body.toString()
  t.regex(await preview(), /its task sequence is disabled/)
  t.is((await site.api('POST', `${path}/enable`, { comment: 'ready' })).json['revision'], 3)
  t.notRegex(await preview(), /its task sequence is disabled/)
  const refused = await site.api('DELETE', path)
  t.is(refused.status, 409)
  t.regex(String(refused.json['detail']), new RegExp(`deployment ${String(deployed.json['id'])} uses it`))
  t.deepEqual(refused.json['deployments'], [deployed.json['id']])
  t.is((await site.api('DELETE', `/deployments/${String(deployed.json['id'])}`)).status, 204)
})

test('S1-099: folders hold task sequences, lists are filtered by folder and name, and a copy lands in the root', async (t) => {
  const lab = await site.api('POST', '/task-sequence-folders', { name: 'Lab' })
  t.is(lab.status, 201, lab.body.toString())
  const folderId = String(lab.json['id'])
  const inner = await site.api('POST', '/task-sequence-folders', { name: 'Inner', parentId: folderId })
  t.is((await site.api('POST', '/task-sequence-folders', { name: 'inner', parentId: folderId })).status, 409)
  t.is(
    (await site.api('PUT', `/task-sequence-folders/${folderId}`, { name: 'Lab', parentId: inner.json['id'] })).status,
    409,
  )
  const { path, answer } = await create({ sequence: document('Kiosk Install'), folderId })
  t.is(answer.json['folderId'], folderId)
  const found = async (query: string) =>
    itemsOf(await site.api('GET', `/task-sequences?${query}`)).map(({ name }) => name)
  t.deepEqual(await found(`folder=${folderId}`), ['Kiosk Install'])
  t.deepEqual(await found('search=KIOSK'), ['Kiosk Install'])
  t.deepEqual(await found('folder=root&search=kiosk'), [])
  t.is((await site.api('GET', '/task-sequences?folder=none')).status, 400)
  const copy = await site.api('POST', `${path}/copy`)
  t.like(copy.json, { name: 'Kiosk Install - Copy' })
  t.is(copy.json['folderId'], undefined)
  t.is((await site.api('POST', `${path}/copy`, { name: 'Kiosk Install' })).status, 409)
  t.is((await site.api('DELETE', `/task-sequence-folders/${folderId}`)).status, 409)
  t.is((await site.api('PUT', path, { sequence: document('Kiosk Install') })).json['folderId'], folderId)
  t.is((await site.api('POST', `${path}/move`, { folderId: '99' })).status, 409)
  t.is((await site.api('POST', `${path}/move`, { folderId: inner.json['id'] })).json['folderId'], inner.json['id'])
  t.is((await site.api('POST', `${path}/move`, { folderId: null })).json['folderId'], undefined)
  t.deepEqual(new Set(await found('folder=root&search=kiosk')), new Set(['Kiosk Install', 'Kiosk Install - Copy']))
  t.is((await site.api('DELETE', `/task-sequence-folders/${String(inner.json['id'])}`)).status, 204)
  t.is((await site.api('DELETE', `/task-sequence-folders/${folderId}`)).status, 204)
})

test('S1-096, S5-006: a task sequence with broken references shows them, and its deployment is refused with the reason', async (t) => {
  // As an import makes it, before its images are there.
  const draft = taskSequence({
    name: 'Imported',
    children: [applyImage('RVL0FFFD')],
    settings: { runFirst: { packageId: packageId('RVL0FFFC'), programName: 'Check' } },
  })
  const { id } = saved(await site.store.taskSequences.create(draft))
  const shown = await site.api('GET', `/task-sequences/${id}`)
  t.deepEqual(faultsOf(shown), [
    { path: 'sequence.children[0].action.imageId', message: 'there is no operating system image RVL0FFFD' },
    { path: 'settings.runFirst.packageId', message: 'there is no package RVL0FFFC' },
  ])
  const [listed] = itemsOf(await site.api('GET', '/task-sequences?search=imported'))
  t.deepEqual(listed?.['faults'], shown.json['faults'])
  const body = { collectionId: 'RVL10001', purpose: 'available', makeAvailableTo: 'clients' }
  const refused = await site.api('POST', '/deployments', { ...body, taskSequenceId: id })
  t.is(refused.status, 422)
  t.deepEqual(pathsOf(refused), ['taskSequenceId', 'taskSequenceId'])
  t.regex(faultsOf(refused)[0]?.message ?? '', /cannot be deployed: .* there is no operating system image RVL0FFFD/)
  const { answer } = await create()
  const sound = await site.api('POST', '/deployments', { ...body, taskSequenceId: answer.json['id'] })
  t.is(sound.status, 201)
  const deployment = `/deployments/${String(sound.json['id'])}`
  t.is((await site.api('PUT', deployment, { ...body, taskSequenceId: id })).status, 422)
})

test('S1-096, S5-042: a deployment whose task sequence broke later can still be suspended', async (t) => {
  const draft = taskSequence({ name: 'Breaks', children: [applyImage('RVL0FFFB')] })
  const { id } = saved(await site.store.taskSequences.create(draft))
  const collectionId = (await site.store.collections.list())[0]?.id
  if (collectionId === undefined) return t.fail('a site has collections')
  const fields = { purpose: 'available', makeAvailableTo: 'media-and-pxe', comment: '' } as const
  const made = saved(
    await site.store.deployments.create({
      taskSequenceId: id,
      collectionId,
      ...fields,
      enabled: true,
      availableAtMs: 0,
      ...defaultDeploymentOptions,
      obeyScheduleInBootImage: false,
      clientSchedule: { assignments: [], rerun: 'always' },
    }),
  )
  const body = { taskSequenceId: id, collectionId, ...fields, enabled: false }
  const suspended = await site.api('PUT', `/deployments/${made.id}`, body)
  t.is(suspended.status, 200, suspended.body.toString())
  return undefined
})

test('S1-078: a run says until when it is monitored', async (t) => {
  const start = newRun()
  const endsAtMs = start.run.startedAtMs + 60_000
  const run = await startedRun(site.store, {
    ...start,
    run: { ...start.run, runTime: { endsAtMs, whenUp: 'end-monitoring' } },
  })
  t.is((await site.api('GET', `/runs/${run.id}`)).json['runTimeEndsAtMs'], endsAtMs)
  await site.store.endOverdueRuns(endsAtMs)
  t.is((await site.api('GET', `/runs/${run.id}`)).json['monitoringEndedAtMs'], endsAtMs)
})

test('D03: a form of another site changes nothing, though these verbs need no body', async (t) => {
  const { path } = await create()
  for (const verb of ['copy', 'enable', 'disable', 'edit-lock', 'revisions/1/restore']) {
    const headers = { authorization: `Bearer ${adminToken}`, 'content-type': 'text/plain' }
    const form = await site.ask('POST', `/api/v1${path}/${verb}`, { headers, body: '{}' })
    t.is(form.status, 415, verb)
  }
})

test('answers of revisions, locks and folders fit the schemas of the document', async (t) => {
  const { path } = await create()
  await site.api('POST', `${path}/edit-lock`)
  const routes = apiRoutes(site.dependencies).filter(
    ({ method, path: name }) => method === 'get' && name.startsWith('/task-sequences/{id}'),
  )
  for (const route of routes) {
    const answer = await site.api('GET', route.path.replace('/task-sequences/{id}', path).replace('{n}', '1'))
    const schema = route.answers[200]
    t.is(answer.status, 200, route.path)
    if (schema === undefined || schema === 'none') t.fail(`${route.path} has no schema`)
    else if (typeof schema === 'string') t.is(answer.headers['content-type'], schema)
    else t.true(schema.safeParse(answer.json).success, `${route.path}: ${answer.body.toString().slice(0, 300)}`)
  }
})
