/** Media over the API: what is refused and why, what is on one, and how images of them are read. */

import { createHash } from 'node:crypto'
import test from 'ava'
import { z } from 'zod'
import { mediumFiles, parseMediumManifest } from '../../server/contract/medium.ts'
import { generatedPassword } from '../../server/http/api/media/medium-password.ts'
import { tarOf } from '../support/root-archive.ts'
import { bootFiles, deploy, deployForMedia, faultTexts, makeMedium, openMedium, password } from './media-site.ts'
import { adminToken, openTestSite, type TestSite } from './test-site.ts'

const token = { authorization: `Bearer ${adminToken}` }
const dayMs = 24 * 3_600_000

async function open(t: { teardown(end: () => Promise<void>): void }): Promise<TestSite> {
  const site = await openTestSite()
  t.teardown(() => site.close())
  return site
}

const read = async (site: TestSite, path: string, headers: Record<string, string> = {}, method = 'GET') =>
  site.ask(method, path, { headers: path.startsWith('/api') ? { ...token, ...headers } : headers })

test('S6-040, S7-006, S7-012, S7-016, S7-019: one call makes a bootable medium with everything that follows from a deployment', async (t) => {
  const site = await open(t)
  const { deploymentId, bootImageId } = await deployForMedia(site)
  const { id, json } = await makeMedium(site, { deploymentId, password, unattended: true })
  t.like(json, {
    kind: 'bootable',
    label: 'Reveille',
    state: 'usable',
    unattended: true,
    passwordRequired: true,
    deploymentId,
    deployments: [deploymentId],
    serverSelection: 'site-based',
    servers: ['http://192.0.2.1:8080'],
    expiresAtMs: site.clock.nowMs + 365 * dayMs,
    warnings: [],
    faults: [],
    uses: [],
  })
  t.like(json['bootImage'], { id: bootImageId, version: 1, architecture: 'x64' })
  t.is(json['password'], undefined, 'who gave it knows it')
  const contents = await openMedium(site, id, password)
  const values = Object.fromEntries(contents.variables.map(({ name, value }) => [name, value]))
  t.deepEqual(values, {
    SMSTSAssignUsersMode: 'Disabled',
    SMSTSPreferredAdvertID: deploymentId,
    SMSTSMP: 'http://192.0.2.1:8080',
  })
  t.deepEqual((await site.api('GET', `/media/${id}`)).json, json)
  t.is(z.array(z.unknown()).parse((await site.api('GET', '/media')).json['items']).length, 1)
})

test('A02, S7-010: the generated password comes once, and is in no answer and no audit after that', async (t) => {
  const site = await open(t)
  const { bootImageId } = await deployForMedia(site)
  const { id, json } = await makeMedium(site, { bootImageId, generatePassword: true })
  const given = String(json['password'])
  t.regex(given, /^([bdfghjklmnprstvz][aiou]){2}(-([bdfghjklmnprstvz][aiou]){2}){5}$/)
  t.truthy((await openMedium(site, id, given)).mediumKey)
  t.false((await site.api('GET', `/media/${id}`)).body.includes(given))
  t.false(JSON.stringify(await site.store.media({ offset: 0, limit: 100 })).includes(given))
  t.false(JSON.stringify(site.logged).includes(given))
  t.false((await site.api('GET', '/audit')).body.includes(given))
  t.is(new Set(Array.from({ length: 100 }, generatedPassword)).size, 100)
})

test('S6-045, A7-02: an unattended medium that does not know what to run is refused', async (t) => {
  const site = await open(t)
  const { bootImageId, deploymentId } = await deployForMedia(site)
  const create = async (fields: object) =>
    site.api('POST', '/media', { kind: 'bootable', bootImageId, password, unattended: true, ...fields })
  const refused = await create({})
  t.is(refused.status, 422)
  t.regex(faultTexts(refused), /^unattended: .*SMSTSPreferredAdvertID.*prestart command/)
  const byVariable = await create({ variables: [{ name: 'smstspreferredadvertid', value: deploymentId }] })
  t.like(byVariable.json, { deploymentId, deployments: [deploymentId] })
  const byCommand = await create({ prestart: { commandLine: 'sh choose.sh' } })
  t.is(byCommand.status, 201)
  t.is(byCommand.json['deployments'], undefined)
})

test('S7-011, S7-018, S7-019, S7-021, S7-040, S7-042: whatever cannot be is refused, all at once, with what to do', async (t) => {
  const site = await open(t)
  const { bootImageId, sequenceId, deploymentId } = await deployForMedia(site)
  const forClients = await deploy(site, sequenceId, { makeAvailableTo: 'clients' })
  const bare = await site.api('POST', '/packages', { name: 'Empty' })
  const create = async (fields: object) =>
    faultTexts(await site.api('POST', '/media', { kind: 'bootable', bootImageId, password, ...fields }))
  t.regex(
    await create({ deploymentId: forClients }),
    /^deploymentId: deployment RVL2\w+ is made available to clients only/,
  )
  t.regex(await create({ deployments: ['RVL2FFFF'] }), /^deployments: there is no deployment RVL2FFFF/)
  const other = [{ name: 'SMSTSPreferredAdvertID', value: forClients }]
  t.regex(await create({ deploymentId, variables: other }), /^variables\[0\]\.value: names .* leave one of them out/)
  t.regex(await create({ password: 'short' }), /^password: has fewer than 12 characters/)
  t.regex(await create({ generatePassword: true }), /^password: is given, and is to be generated/)
  t.regex(
    await create({ password: undefined }),
    /^password: is needed: .*anyone who holds the medium may ask to deploy/,
  )
  const secret = [{ name: 'Key', value: 'canary-1', secret: true }]
  t.regex(
    await create({ password: null, variables: secret }),
    /^variables\[0\]: Key is secret: give the medium a password/,
  )
  const soon = site.clock.nowMs + dayMs
  t.regex(await create({ startsAtMs: soon, expiresAtMs: soon }), /^expiresAtMs: is not after startsAtMs/)
  t.regex(await create({ expiresAtMs: 1 }), /^expiresAtMs: is over already/)
  const two = ['http://a', 'https://b:8443']
  t.regex(await create({ servers: two, serverSelection: 'site-based' }), /^servers: site-based media have exactly one/)
  t.regex(await create({ variables: [{ name: 'smstsmp', value: 'http://a' }] }), /^variables\[0\]\.name: .*servers/)
  t.regex(await create({ servers: ['ftp://a'] }), /^servers\[0\]/)
  t.regex(await create({ servers: ['http://name:word@a'] }), /^servers\[0\]/)
  t.regex(
    await create({ prestart: { commandLine: 'x', packageId: 'RVL0FFFF' } }),
    /^prestart\.packageId: there is no package/,
  )
  const empty = String(bare.json['id'])
  t.regex(await create({ prestart: { commandLine: 'x', packageId: empty } }), /^prestart\.packageId: .* has no content/)
  t.regex(await create({ bootImageId: 'RVL0FFFF' }), /^bootImageId: there is no boot image RVL0FFFF/)
  t.regex(await create({ bootImageId: undefined }), /^bootImageId: is needed/)
  const several = await create({ password: 'short', bootImageId: 'RVL0FFFF', unattended: true, expiresAtMs: 1 })
  t.is(several.split('\n').length, 3, several)
  t.is((await site.store.media({ offset: 0, limit: 100 })).total, 0)
})

test('S7-012, S7-021: several servers are asked in order, and the files of a prestart command are on the medium', async (t) => {
  const site = await open(t)
  const { bootImageId } = await deployForMedia(site)
  const made = await site.api('POST', '/packages', { name: 'Chooser' })
  const packageId = String(made.json['id'])
  const script = Buffer.from('#!/bin/sh\n')
  await site.ask('PUT', `/api/v1/packages/${packageId}/content`, {
    headers: { ...token, 'content-type': 'application/octet-stream' },
    body: await tarOf([{ name: 'choose.sh', text: script.toString(), mode: 0o755 }]),
  })
  const servers = ['http://192.0.2.1:8080', 'http://192.0.2.2:8080']
  const prestart = { commandLine: './choose.sh', packageId }
  const { id, json } = await makeMedium(site, { bootImageId, password, servers, prestart })
  t.like(json, { serverSelection: 'dynamic', servers, prestart })
  const contents = await openMedium(site, id, password)
  t.deepEqual<unknown, unknown>(contents.prestart, { commandLine: './choose.sh', contentId: packageId })
  t.is(contents.variables.find(({ name }) => name === 'SMSTSLocationMPs')?.value, servers.join('*'))
  const image = (await read(site, `/api/v1/media/${id}/image?format=usb`)).body
  t.true(image.includes(script))
})

test('S7-005, S7-036, S7-039: secret variables are sealed on the medium and nowhere else', async (t) => {
  const site = await open(t)
  const { bootImageId } = await deployForMedia(site)
  const value = 'canary-media-4711'
  const variables = [{ name: 'Key', value, secret: true }]
  const { id, body } = await makeMedium(site, { bootImageId, password, variables })
  t.false(body.includes(value))
  const contents = await openMedium(site, id, password)
  t.deepEqual(
    contents.variables.find(({ name }) => name === 'Key'),
    { name: 'Key', value, secret: true },
  )
  t.false((await site.api('GET', `/media/${id}`)).body.includes(value))
  t.false((await site.api('GET', '/audit')).body.includes(value))
  t.false(JSON.stringify(site.logged).includes(value))
  for (const format of ['iso', 'usb']) {
    const image = (await read(site, `/api/v1/media/${id}/image?format=${format}`)).body
    t.false(image.includes(value))
    t.true(image.includes('PasswordRequired=true'))
  }
})

test('an image is the same each time, and is read whole, by ranges, and by those who ask for its head', async (t) => {
  const site = await open(t)
  const { bootImageId } = await deployForMedia(site)
  const { id, json } = await makeMedium(site, { bootImageId, password: null })
  t.deepEqual(json['warnings'], [
    'It has no password: anyone who holds this medium may ask to deploy.',
    'It has no password: anyone who holds this medium reads its variables.',
  ])
  for (const format of ['iso', 'usb']) {
    const path = `/api/v1/media/${id}/image?format=${format}`
    const whole = await read(site, path)
    t.is(whole.status, 200)
    const { etag = '' } = whole.headers
    const head = await read(site, path, {}, 'HEAD')
    t.is(head.headers['content-length'], String(whole.body.length))
    t.is(head.headers.etag, etag)
    t.is(head.body.length, 0)
    t.is(whole.headers['repr-digest'], undefined)
    const part = await read(site, path, { range: 'bytes=1000-400000', 'if-range': etag })
    t.is(part.status, 206)
    t.true(part.body.equals(whole.body.subarray(1000, 400_001)))
    const several = await read(site, path, { range: 'bytes=0-9,500-509' })
    t.regex(String(several.headers['content-type']), /^multipart\/byteranges/)
    t.is((await read(site, path, { range: `bytes=${whole.body.length}-` })).status, 416)
    t.is((await read(site, path, { 'if-none-match': etag })).status, 304)
    t.is((await read(site, path, { 'if-match': '"other"' })).status, 412)
    t.true((await read(site, path)).body.equals(whole.body))
    const at = whole.body.indexOf('{\n "format": 1,')
    const manifest = parseMediumManifest(whole.body.subarray(at, whole.body.indexOf('\n}\n', at) + 3).toString())
    t.is(manifest?.mediumId, id)
    const sealed = await site.store.mediumVariables(id)
    const hash = createHash('sha256')
      .update(sealed ?? '')
      .digest('hex')
    t.is<string | undefined, string>(
      manifest?.files.find(({ path: name }) => name === mediumFiles.variables)?.sha256,
      hash,
    )
  }
  t.is((await read(site, `/api/v1/media/${id}/image?format=iso&volume=2`)).status, 404)
  t.is((await read(site, `/api/v1/media/${'0'.repeat(32)}/image?format=iso`)).status, 404)
})

test('S05: a disc is served to management controllers while it is published, and to nobody else', async (t) => {
  const site = await open(t)
  const { bootImageId } = await deployForMedia(site)
  const { id } = await makeMedium(site, { bootImageId, password })
  const path = `/media/${id}/1.iso`
  t.is((await read(site, path)).status, 404)
  const untilMs = site.clock.nowMs + dayMs
  const published = await site.api('POST', `/media/${id}/publish`, { untilMs })
  t.deepEqual(published.json['urls'], [`http://192.0.2.1:8080${path}`])
  const head = await read(site, path, {}, 'HEAD')
  t.like(head.headers, { 'accept-ranges': 'bytes', 'set-cookie': undefined, location: undefined })
  const part = await read(site, path, { range: 'bytes=32768-34815' })
  t.is(part.status, 206)
  t.is(part.body.toString('latin1', 1, 6), 'CD001')
  for (const wrong of ['2.iso', '1.img', '01.iso', '1.iso/', '%31.iso'])
    t.is((await read(site, `/media/${id}/${wrong}`)).status, 404, wrong)
  t.is((await site.ask('POST', path)).status, 405)
  site.clock.nowMs = untilMs
  t.is((await read(site, path)).status, 404)
  await site.api('POST', `/media/${id}/publish`, { untilMs: untilMs + dayMs })
  t.is((await read(site, path, {}, 'HEAD')).status, 200)
  t.is((await site.api('POST', `/media/${id}/unpublish`)).status, 200)
  t.is((await read(site, path)).status, 404)
  await site.api('POST', `/media/${id}/publish`, { untilMs: untilMs + dayMs })
  await site.api('POST', `/media/${id}/revoke`)
  t.is((await read(site, path)).status, 404)
  t.is((await site.api('POST', `/media/${id}/publish`, { untilMs: untilMs + dayMs })).status, 409)
})

test('a medium without a password is published only for who accepts what that means', async (t) => {
  const site = await open(t)
  const { bootImageId } = await deployForMedia(site)
  const { id } = await makeMedium(site, { bootImageId, password: null, expiresAtMs: site.clock.nowMs + dayMs })
  const untilMs = site.clock.nowMs + 2 * dayMs
  t.regex(
    faultTexts(await site.api('POST', `/media/${id}/publish`, { untilMs })),
    /^acceptsAnyone: .*may ask to deploy/,
  )
  t.is((await site.api('POST', `/media/${id}/publish`, { untilMs, acceptsAnyone: true })).status, 200)
  t.regex(faultTexts(await site.api('POST', `/media/${id}/publish`, { untilMs: 1 })), /^untilMs: is over/)
  site.clock.nowMs += dayMs
  t.is((await read(site, `/media/${id}/1.iso`)).status, 404, 'it has expired')
  t.is((await site.api('POST', `/media/${id}/publish`, { untilMs, acceptsAnyone: true })).status, 409)
})

test('B12: a medium is described, revoked for good, and deleted only then', async (t) => {
  const site = await open(t)
  const { bootImageId } = await deployForMedia(site)
  const { id } = await makeMedium(site, { bootImageId, password, description: 'First floor' })
  const described = await site.api('PUT', `/media/${id}`, { description: 'Second floor' })
  t.is(described.json['description'], 'Second floor')
  t.is((await site.api('PUT', `/media/${id}`, { description: 'x', label: 'y' })).status, 422)
  const kept = await site.api('DELETE', `/media/${id}`)
  t.is(kept.status, 409)
  t.regex(String(kept.json['detail']), /Revoke it first/)
  const revoked = await site.api('POST', `/media/${id}/revoke`)
  t.like(revoked.json, { state: 'revoked', revoked: { by: 'administrator (preset token)' } })
  t.is((await site.api('DELETE', `/media/${id}`)).status, 204)
  t.is((await site.api('GET', `/media/${id}`)).status, 404)
  const audit = z.object({ items: z.array(z.object({ action: z.string(), kind: z.string(), id: z.string() })) })
  const { items } = audit.parse((await site.api('GET', '/audit?kind=medium')).json)
  t.deepEqual(
    items.map(({ action }) => action),
    ['remove', 'revoke', 'change', 'create'],
  )
})

test('S7-001: what a medium is made of stays in the library until it is revoked, also when its boot image is gone', async (t) => {
  const site = await open(t)
  const { bootImageId, sequenceId, deploymentId } = await deployForMedia(site)
  const { id } = await makeMedium(site, { bootImageId, password })
  const before = (await read(site, `/api/v1/media/${id}/image?format=iso`)).body
  for (const path of [`/deployments/${deploymentId}`, `/task-sequences/${sequenceId}`, `/boot-images/${bootImageId}`])
    t.is((await site.api('DELETE', path)).status, 204, path)
  const laterMs = site.clock.nowMs + 500 * dayMs
  await site.library.collectGarbage(await site.store.keptContent(), laterMs)
  t.true((await read(site, `/api/v1/media/${id}/image?format=iso`)).body.equals(before))
  await site.api('POST', `/media/${id}/revoke`)
  t.is((await read(site, `/api/v1/media/${id}/image?format=iso`)).status, 409)
  const { removed } = await site.library.collectGarbage(await site.store.keptContent(), laterMs)
  t.is(removed.length, Object.keys(bootFiles).length)
})
