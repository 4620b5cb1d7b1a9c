/** The API over the real store: resources, edits, faults, secrets, uploads; each answer judged by the OpenAPI document's schema. */

import { createHash } from 'node:crypto'
import test from 'ava'
import { z } from 'zod'
import { apiRoutes } from '../../server/http/api/api-routes.ts'
import { rootArchive } from '../support/root-archive.ts'
import { adminToken, addContent, openTestSite, type TestSite } from './test-site.ts'

let site: TestSite
test.before(async () => {
  site = await openTestSite()
})
test.after.always(() => site.close())

let sequences = 0
const sequence = (...children: readonly object[]) => ({ name: `Install ${(sequences += 1)}`, children })
const setVariable = (value: string, secret = false) => ({
  name: 'Set',
  action: { type: 'set-task-sequence-variable', variable: 'Key', value, secret },
})

test('a device is created, shown, changed and removed, with its revision as ETag', async (t) => {
  const created = await site.api('POST', '/devices', { name: 'PC1', macAddresses: ['52-54-00-AA-00-01'] })
  t.is(created.status, 201)
  t.deepEqual(created.json['macAddresses'], ['52:54:00:aa:00:01'])
  const path = `/devices/${String(created.json['id'])}`
  t.is(created.headers.location, `/api/v1${path}`)
  const shown = await site.api('GET', path)
  t.is(shown.headers.etag, created.headers.etag)
  t.is(shown.headers['cache-control'], 'no-store')
  const changed = await site.api('PUT', path, { name: 'PC2' }, { 'if-match': shown.headers.etag ?? '' })
  t.is(changed.json['name'], 'PC2')
  const stale = await site.api('PUT', path, { name: 'PC3' }, { 'if-match': shown.headers.etag ?? '' })
  t.is(stale.status, 412)
  t.is((await site.api('PUT', path, { name: 'PC3' })).status, 200)
  t.is((await site.api('DELETE', path, undefined, { 'if-match': '"1"' })).status, 412)
  t.is((await site.api('DELETE', path)).status, 204)
  t.is((await site.api('GET', path)).status, 404)
})

test('every fault of a request is listed with its path', async (t) => {
  const answer = await site.api('POST', '/devices', {
    name: '',
    macAddresses: ['x', '52:54:00:aa:00:02'],
    colour: 'red',
  })
  t.is(answer.status, 422)
  t.is(answer.headers['content-type'], 'application/problem+json')
  const faults = z.array(z.object({ path: z.string(), message: z.string() })).parse(answer.json['faults'])
  t.deepEqual(faults.map(({ path }) => path).sort(), ['', 'macAddresses[0]', 'name'])
})

test('a task sequence lists every fault of the document with its path', async (t) => {
  const answer = await site.api('POST', '/task-sequences', {
    sequence: sequence(
      { name: 'A', action: { type: 'no-such-step' } },
      { name: '', action: { type: 'run-command-line' } },
    ),
  })
  t.is(answer.status, 422)
  const faults = z.array(z.object({ path: z.string() })).parse(answer.json['faults'])
  t.true(faults.length >= 2)
  t.true(faults.every(({ path }) => path.startsWith('sequence.children[')))
})

test('a task sequence that refers to an image that is not there is refused', async (t) => {
  const step = { name: 'Apply', action: { type: 'apply-operating-system-image', imageId: 'RVL0FFFF' } }
  const answer = await site.api('POST', '/task-sequences', { bootImageId: 'RVL0FFFE', sequence: sequence(step) })
  t.is(answer.status, 422)
  t.is(z.array(z.unknown()).parse(answer.json['faults']).length, 2)
})

test('A12: secret values never come back, and *** keeps the value', async (t) => {
  const secret = { name: 'Password', value: 'canary-4711', secret: true }
  const created = await site.api('POST', '/devices', { name: 'S', variables: [secret] })
  const path = `/devices/${String(created.json['id'])}`
  const masked = [{ ...secret, value: '***' }]
  t.deepEqual(created.json['variables'], masked)
  t.deepEqual((await site.api('PUT', path, { name: 'S2', variables: masked })).json['variables'], masked)
  const [device] = (await site.store.devices.list()).filter(({ name }) => name === 'S2')
  t.is(device?.variables[0]?.value, 'canary-4711')
  const unmasked = await site.api('PUT', path, { name: 'S2', variables: [{ ...secret, value: '***', secret: false }] })
  t.deepEqual(unmasked.json['variables'], [{ name: 'Password', value: '', secret: false }])
  const sequenced = await site.api('POST', '/task-sequences', { sequence: sequence(setVariable('canary-4712', true)) })
  t.is(sequenced.status, 201)
  t.false(sequenced.body.includes('canary'))
  const again = await site.api('PUT', `/task-sequences/${String(sequenced.json['id'])}`, {
    sequence: sequenced.json['sequence'],
  })
  t.is(again.status, 200)
  const [kept] = (await site.store.taskSequences.list()).filter(({ id }) => id === sequenced.json['id'])
  t.true(JSON.stringify(kept).includes('canary-4712'))
})

test('A12, S1-071: stars under a name that has no stored secret are no value, for devices and collections', async (t) => {
  for (const resource of ['devices', 'collections']) {
    const stars = { name: 'Renamed', value: '***', secret: true }
    const draft = { name: `Stars of ${resource}`, variables: [{ name: 'Open', value: '***' }] }
    const created = await site.api('POST', `/${resource}`, draft)
    t.is(created.status, 201, created.body.toString())
    const variables = [...draft.variables, stars]
    const answer = await site.api('PUT', `/${resource}/${String(created.json['id'])}`, { ...draft, variables })
    t.is(answer.status, 422)
    t.deepEqual(answer.json['faults'], [
      { path: 'variables[1].value', message: 'type this secret again: none is stored under this name' },
    ])
    t.is((await site.api('POST', `/${resource}`, { ...draft, variables })).status, 422)
  }
})

test('lists are bounded and go on where they stopped', async (t) => {
  for (let index = 0; index < 5; index += 1) await site.api('POST', '/collections', { name: `Page ${index}` })
  const page = await site.api('GET', '/collections?limit=2&offset=1')
  t.is(z.array(z.unknown()).parse(page.json['items']).length, 2)
  t.true(Number(page.json['total']) >= 7)
  t.is((await site.api('GET', '/collections?limit=1001')).status, 400)
  t.is((await site.api('GET', '/collections?limit=1&limit=2')).status, 400)
  t.is((await site.api('GET', '/collections?no-such=1')).status, 400)
})

test('a deployment names what is there, and is refused with all faults otherwise', async (t) => {
  const wrong = await site.api('POST', '/deployments', {
    taskSequenceId: 'RVL0FFFF',
    collectionId: 'RVL1FFFF',
    purpose: 'required',
    makeAvailableTo: 'media-and-pxe-hidden',
    availableAtMs: 10,
    expiresAtMs: 5,
  })
  t.is(wrong.status, 422)
  t.is(z.array(z.unknown()).parse(wrong.json['faults']).length, 3)
  const { json } = await site.api('POST', '/task-sequences', { sequence: sequence(setVariable('1')) })
  const made = await site.api('POST', '/deployments', {
    taskSequenceId: json['id'],
    collectionId: 'RVL10001',
    purpose: 'available',
    makeAvailableTo: 'clients',
  })
  t.is(made.status, 201, made.body.toString())
  t.is(made.json['availableAtMs'], site.clock.nowMs)
  t.is(made.json['obeyScheduleInBootImage'], false, 'S5-022: as published, unless the administrator says otherwise')
  const path = `/deployments/${String(made.json['id'])}`
  const draft = {
    taskSequenceId: json['id'],
    collectionId: 'RVL10001',
    purpose: 'available',
    makeAvailableTo: 'clients',
  }
  const changed = await site.api('PUT', path, { ...draft, obeyScheduleInBootImage: true })
  t.is(changed.json['obeyScheduleInBootImage'], true)
  const again = await site.api('PUT', path, draft)
  t.is(again.json['obeyScheduleInBootImage'], true, 'who does not know the field does not change it')
  const inUse = await site.api('DELETE', `/task-sequences/${String(json['id'])}`)
  t.is(inUse.status, 409)
})

test('S5-003: a deployment has an identifier of the site, and keeps its task sequence and collection', async (t) => {
  const path = '/task-sequences'
  const one = await site.api('POST', path, { sequence: { ...sequence(setVariable('1')), name: 'One' } })
  const other = await site.api('POST', path, { sequence: { ...sequence(setVariable('1')), name: 'Other' } })
  const draft = {
    taskSequenceId: one.json['id'],
    collectionId: 'RVL10001',
    purpose: 'available',
    makeAvailableTo: 'clients',
  }
  const made = await site.api('POST', '/deployments', draft)
  t.regex(String(made.json['id']), /^RVL[0-9A-F]{5}$/)
  const own = `/deployments/${String(made.json['id'])}`
  const changed = { ...draft, taskSequenceId: other.json['id'], collectionId: 'RVL10002' }
  const refused = await site.api('PUT', own, changed)
  t.is(refused.status, 422)
  t.deepEqual(refused.json['faults'], [
    {
      path: 'taskSequenceId',
      message: `a deployment keeps ${String(one.json['id'])}, with which it was made; make another one`,
    },
    { path: 'collectionId', message: 'a deployment keeps RVL10001, with which it was made; make another one' },
  ])
  t.is((await site.api('PUT', own, { ...draft, purpose: 'required', comment: 'now' })).status, 200)
})

test('S5-004: options that a task sequence never has are refused with the reason', async (t) => {
  const draft = {
    taskSequenceId: 'RVL00001',
    collectionId: 'RVL10001',
    purpose: 'available',
    makeAvailableTo: 'clients',
  }
  const reasons = {
    requireAdministratorApproval: /"requireAdministratorApproval"[^]*nobody requests it/,
    deployWhetherOrNotUserIsLoggedOn: /"deployWhetherOrNotUserIsLoggedOn"[^]*starts whether or not/,
    commitChangesOnWriteFilterDevices: /no write filters/,
    contentOption: /download-when-needed and download-before-start; nothing is read from a share/,
    anythingElse: /anythingElse/,
  }
  for (const [option, reason] of Object.entries(reasons)) {
    const refused = await site.api('POST', '/deployments', { ...draft, [option]: true })
    t.is(refused.status, 422)
    t.regex(refused.body.toString(), reason)
  }
})

test('options of a deployment are kept, one that is not sent stays, and null takes an alert away', async (t) => {
  const made = await site.api('POST', '/task-sequences', {
    sequence: { ...sequence(setVariable('1')), name: 'Options' },
  })
  const draft = {
    taskSequenceId: made.json['id'],
    collectionId: 'RVL10001',
    purpose: 'required',
    makeAvailableTo: 'clients',
  }
  const options = {
    sendWakeUpPackets: true,
    showTaskSequenceProgress: false,
    contentOption: 'download-before-start',
    successAlert: { belowPercent: 80, atMs: 1_900_000_000_000 },
    failureAlert: { abovePercent: 5 },
  }
  const { status, json, body } = await site.api('POST', '/deployments', { ...draft, ...options })
  t.is(status, 201, body.toString())
  t.like(json, { ...options, runIndependentlyOfAssignments: true, allowInternetClients: false })
  const path = `/deployments/${String(json['id'])}`
  const kept = await site.api('PUT', path, { ...draft, comment: 'as it was', failureAlert: null })
  t.like(kept.json, { sendWakeUpPackets: true, successAlert: options.successAlert, failureAlert: undefined })
  const refused = await site.api('PUT', path, { ...draft, purpose: 'available' })
  t.is(refused.status, 422)
  t.regex(refused.body.toString(), /sendWakeUpPackets/)
})

test('content is sent as octets and becomes a version with all its files', async (t) => {
  const { json } = await site.api('POST', '/operating-system-images', { name: 'OS', architecture: 'x64' })
  const octets = await rootArchive()
  const path = `/operating-system-images/${String(json['id'])}`
  const version = await addContent(site, path, { 'rootfs.tar': octets })
  t.is(version.status, 201)
  t.is(version.json['version'], 1)
  const shown = await site.api('GET', path)
  const sha256 = createHash('sha256').update(octets).digest('hex')
  t.deepEqual(shown.json['content'], {
    contentId: json['id'],
    version: 1,
    files: [{ name: 'rootfs.tar', sha256, bytes: octets.length }],
  })
  const missing = await site.api('POST', `${path}/content`, {
    files: [{ name: 'a', sha256: '0'.repeat(64), bytes: 1 }],
  })
  t.is(missing.status, 422)
  const twice = { sha256, bytes: octets.length }
  t.is(
    (
      await site.api('POST', `${path}/content`, {
        files: [
          { name: 'a', ...twice },
          { name: 'A', ...twice },
        ],
      })
    ).status,
    422,
  )
})

test('D06: an upload over the quota is refused, announced or not, and nothing stays', async (t) => {
  const own = await openTestSite()
  t.teardown(() => own.close())
  const { json } = await own.api('POST', '/operating-system-images', { name: 'Big', architecture: 'x64' })
  const target = `/api/v1/operating-system-images/${String(json['id'])}/content/files?name=rootfs.tar`
  const headers = { authorization: `Bearer ${adminToken}` }
  const announced = await own
    .ask('PUT', target, { headers: { ...headers, 'content-length': String(2 ** 31) } })
    .catch(() => undefined)
  t.true(announced === undefined || announced.status === 413)
  const chunked = await own
    .ask('PUT', target, {
      headers: { ...headers, 'transfer-encoding': 'chunked' },
      body: Buffer.alloc(9 * 1024 * 1024),
    })
    .catch(() => undefined)
  t.true(chunked === undefined || chunked.status === 413)
  t.deepEqual(await own.library.list(), [])
})

test('D06: a large body is 413, a deep one is 400', async (t) => {
  const large = await site.api('POST', '/devices', { name: 'x'.repeat(1024 * 1024 + 1) }).catch(() => undefined)
  t.true(large === undefined || large.status === 413)
  const headers = { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json' }
  const deep = await site.ask('POST', '/api/v1/devices', { headers, body: '['.repeat(100_000) })
  t.is(deep.status, 400)
  const wide = JSON.stringify(Object.fromEntries(Array.from({ length: 10_001 }, (_, index) => [`k${index}`, 1])))
  t.is((await site.ask('POST', '/api/v1/devices', { headers, body: wide })).status, 400)
  t.is((await site.ask('POST', '/api/v1/devices', { headers, body: '{' })).status, 400)
})

test('D10: __proto__ and constructor are keys like others, and unknown ones', async (t) => {
  const headers = { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json' }
  for (const body of [
    '{"name":"x","__proto__":{"polluted":1}}',
    '{"name":"x","constructor":{"prototype":{"polluted":1}}}',
  ]) {
    t.is((await site.ask('POST', '/api/v1/devices', { headers, body })).status, 422)
  }
  t.false('polluted' in {})
})

test('boot-preview explains the decision', async (t) => {
  const answer = await site.api('GET', '/boot-preview?mac=52:54:00:00:00:77&architecture=7&stage=firmware')
  t.is(answer.status, 200, answer.body.toString())
  t.is(answer.json['decision'], 'continue-to-local-disk')
  t.is((await site.api('GET', '/boot-preview?mac=nobody')).status, 400)
})

test('tokens are shown once, work, and stop working when removed', async (t) => {
  const { json } = await site.api('POST', '/tokens', { name: 'script' })
  const headers = { authorization: `Bearer ${String(json['token'])}` }
  t.is((await site.ask('GET', '/api/v1/devices', { headers })).status, 200)
  const listed = await site.api('GET', '/tokens')
  t.false(listed.body.includes(String(json['token'])))
  t.is((await site.api('DELETE', `/tokens/${String(json['id'])}`)).status, 204)
  t.is((await site.ask('GET', '/api/v1/devices', { headers })).status, 401)
})

test('the OpenAPI document names every route, and is public', async (t) => {
  const answer = await site.ask('GET', '/api/v1/openapi.json')
  t.is(answer.status, 200)
  t.regex(String(answer.json['openapi']), /^3\.1\./)
  const paths = z.record(z.string(), z.record(z.string(), z.unknown())).parse(answer.json['paths'])
  const named = Object.entries(paths).flatMap(([path, item]) =>
    Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`),
  )
  const served = site.app.routes
    .filter(({ path }) => path.startsWith('/api/v1/') && path !== '/api/v1/progress' && path !== '/api/v1/openapi.json')
    .map(({ method, path }) => `${method} ${path}`)
  t.deepEqual(named.sort(), served.sort())
})

test('answers of every list, and of each object in it, fit the schemas of the document', async (t) => {
  const own = await openTestSite()
  t.teardown(() => own.close())
  const { json } = await own.api('POST', '/boot-images', { name: 'B', architecture: 'x64' })
  await addContent(own, `/boot-images/${String(json['id'])}`, { vmlinuz: Buffer.from('kernel') })
  await own.api('POST', '/devices', { name: 'D', smbiosGuid: '4C4C4544-0043-4810-8054-B4C04F4A3332' })
  await own.api('POST', '/task-sequences', { bootImageId: json['id'], sequence: sequence(setVariable('1')) })
  await own.api('POST', '/tokens', { name: 'T' })
  const routes = apiRoutes(own.dependencies).filter(({ method, path }) => method === 'get' && !path.includes('{'))
  t.true(routes.length > 10)
  for (const route of routes) {
    const query = route.path === '/boot-preview' ? '?mac=52:54:00:00:00:01' : ''
    const answer = await own.api('GET', route.path + query)
    t.is(answer.status, 200, route.path)
    const schema = route.answers[200]
    if (schema === undefined || schema === 'none') t.fail(`${route.path} has no schema`)
    else if (typeof schema === 'string') t.is(answer.headers['content-type'], schema)
    else t.true(schema.safeParse(answer.json).success, `${route.path}: ${answer.body.toString().slice(0, 400)}`)
  }
})

test('B08: a kernel argument that no script would carry is refused when it is written, with its place', async (t) => {
  const image = {
    name: 'Arguments',
    architecture: 'x64',
    kernelArguments: ['console=ttyS0', 'init=/bin/sh', 'quiet splash'],
  }
  const answer = await site.api('POST', '/boot-images', image)
  t.is(answer.status, 422)
  const faults = JSON.stringify(answer.json['faults'])
  t.regex(faults, /kernelArguments\[1\].*init is not an argument that may be set/)
  t.regex(faults, /kernelArguments\[2\].*plain characters/)
})
