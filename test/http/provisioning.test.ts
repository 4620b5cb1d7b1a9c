/** An unknown computer becomes a device of the site when a run of its succeeds, and leaves nothing behind when it fails. */

import test, { type ExecutionContext } from 'ava'
import type { SiteSettings } from '../../server/http/dependencies.ts'
import { bootImageFiles } from '../../server/site/boot-image.ts'
import { approve, kindOf, lanesOf, prepare, startedEvent } from './agent-site.ts'
import { addContent, TestAgent, type TestSite } from './test-site.ts'

const [first, second] = ['52:54:00:77:00:01', '52:54:00:77:00:02'] as const
const smbiosGuid = '00112233-4455-6677-8899-AABBCCDDEEFF'
const serialNumber = '5CG1234ABC'
const unknownName = `Unknown computer ${first}`

interface Wanted {
  readonly purpose?: 'available' | 'required'
  readonly unknownComputers?: SiteSettings['unknownComputers']
}

async function openSite(t: ExecutionContext, { purpose = 'required', unknownComputers = 'approve' }: Wanted = {}) {
  const prepared = await prepare({ unknownComputers }, { collectionId: 'RVL10002', purpose })
  const { site, deploymentId } = prepared
  t.teardown(() => site.close())
  const [image] = await site.store.bootImages.list()
  const files = Object.values(bootImageFiles).map((name) => [name, Buffer.from(name)] as const)
  await addContent(site, `/boot-images/${image?.id ?? ''}`, Object.fromEntries(files))
  return { site, deploymentId }
}

function machine(addresses: readonly string[] = [first, second], changes: object = {}): TestAgent {
  const { hello } = new TestAgent(first)
  const hardware = { ...hello.hardware, macAddresses: addresses, smbiosGuid, serialNumber, ...changes }
  return new TestAgent(first, { hardware })
}

interface End {
  readonly agent?: TestAgent
  readonly kind?: 'succeeded' | 'failed'
  readonly computerName?: string
  readonly before?: () => Promise<unknown>
}

/** Approved, started, and ended as it says. */
async function run({ site, deploymentId }: { site: TestSite; deploymentId: string }, end: End = {}): Promise<void> {
  const { agent = machine(), kind = 'succeeded', computerName } = end
  const hello = await agent.sayHello(site)
  await approve(site, hello)
  const session = String(hello.json['session'])
  const started = await agent.say(site, '/agent/v1/runs', { deploymentId, variables: [] }, session)
  const { runId, runToken } = started.json
  if (started.status !== 200) throw new Error(started.body.toString())
  await end.before?.()
  const outcome = kind === 'succeeded' ? { kind } : { kind, path: [], exitCode: 1, message: 'no disk' }
  const body = { kind: 'sequence-ended', outcome, ...(computerName === undefined ? {} : { computerName }) }
  const events = [startedEvent, { sequence: 2, atMs: 2, body }]
  const told = await agent.say(site, '/agent/v1/events', { runId, events }, String(runToken))
  if (told.status !== 200) throw new Error(told.body.toString())
  if (Object.keys(told.json).join() !== 'acknowledged') throw new Error(told.body.toString())
}

/** All but the one that every prepared site has. */
async function madeIn({ store }: TestSite) {
  return (await store.devices.list()).filter(({ name }) => name !== 'PC1')
}

async function preview(site: TestSite): Promise<string> {
  const { json } = await site.api('GET', `/boot-preview?mac=${first}&uuid=${smbiosGuid}`)
  return `${String(json['decision'])}: ${String(json['reason'])}`
}

test('S6-018, S9-020: it is a device with all that its agent told, and required deployments to unknown computers are not for it', async (t) => {
  const prepared = await openSite(t)
  const { site, deploymentId } = prepared
  t.regex(await preview(site), /^boot: required deployment/)
  await run(prepared, { computerName: 'DESK-1' })
  const [device, ...others] = await madeIn(site)
  t.deepEqual(others, [])
  t.like(device, { name: 'DESK-1', macAddresses: [first, second], smbiosGuid, serialNumber })
  t.deepEqual(
    device?.requiredPxeMarks.map((mark) => mark.deploymentId),
    [deploymentId],
  )
  t.is(await preview(site), 'continue-to-local-disk: nothing is deployed to device DESK-1')
  t.is(kindOf(await machine().sayHello(site)), 'nothing-to-run')
  const members = await site.api('GET', '/collections/RVL10001/members')
  t.regex(members.body.toString(), /DESK-1/)
  const [entry] = await site.store.auditEntries({ kind: 'device', limit: 1 })
  t.like(entry, { action: 'create', name: 'DESK-1', id: device?.id })
  t.is(entry?.by, undefined)
  t.like(
    (await lanesOf(site)).find(({ id }) => id === first),
    { name: 'DESK-1', deviceId: device?.id },
  )
  const [kept] = await site.store.listRuns(1)
  t.is(kept?.deviceId, device?.id)
  // Not even where somebody clears its marks: unknown computers are others.
  await site.api('POST', `/devices/${device?.id ?? ''}/clear-required-pxe-deployments`)
  t.regex(await preview(site), /^continue-to-local-disk: nothing is deployed/)
})

test('S6-018, S6-055, S12-009: a run that failed leaves no record; the computer is as unknown as before, and takes the place of nobody', async (t) => {
  const prepared = await openSite(t)
  const { site } = prepared
  await run(prepared, { kind: 'failed', computerName: 'DESK-1' })
  t.deepEqual(await madeIn(site), [])
  t.regex(await preview(site), /^continue-to-local-disk: .*unknown computers/)
  await site.api('POST', `/unknown-computers/clear-required-pxe-deployments?mac=${first}&uuid=${smbiosGuid}`)
  t.regex(await preview(site), /^boot: required deployment/)
  const stranger = await site.api('GET', '/boot-preview?mac=52:54:00:77:00:55')
  t.is(stranger.json['decision'], 'boot')
})

for (const [what, computerName, name] of [
  ['a name that is taken gets a number', 'pc1', 'pc1-2'],
  ['without a name it has its address', undefined, `Computer ${first}`],
  ['what unknown computers are called is no name', unknownName, `Computer ${first}`],
  ['nor is what moves a screen about', 'a\u001b[2J', `Computer ${first}`],
] as const) {
  test(`the name of the device: ${what}`, async (t) => {
    const prepared = await openSite(t)
    await run(prepared, computerName === undefined ? {} : { computerName })
    t.deepEqual(
      (await madeIn(prepared.site)).map((device) => device.name),
      [name],
    )
  })
}

test('what was chosen at the machine is marked, too, and where the site allows unknown computers they become devices as well', async (t) => {
  const prepared = await openSite(t, { purpose: 'available', unknownComputers: 'allow' })
  await run(prepared)
  const [device] = await madeIn(prepared.site)
  t.deepEqual(
    device?.requiredPxeMarks.map(({ deploymentId }) => deploymentId),
    [prepared.deploymentId],
  )
})

test('settings of the site: off makes none; collections list the new device; each change is in the audit', async (t) => {
  const prepared = await openSite(t, { purpose: 'available' })
  const { site } = prepared
  t.like((await site.api('GET', '/settings')).json, { provisionUnknown: true, provisionIntoCollections: [] })
  t.is((await site.api('PUT', '/settings', { provisionUnknown: false })).status, 200)
  await run(prepared)
  t.deepEqual(await madeIn(site), [])

  const id = String((await site.api('POST', '/collections', { name: 'New ones' })).json['id'])
  for (const refused of ['RVL10099', 'RVL10001']) {
    t.is((await site.api('PUT', '/settings', { provisionIntoCollections: [refused] })).status, 409)
  }
  const settings = { provisionUnknown: true, provisionIntoCollections: [id] }
  t.like((await site.api('PUT', '/settings', settings)).json, settings)
  t.is((await site.api('DELETE', `/collections/${id}`)).status, 409)
  await run(prepared, { agent: machine(['52:54:00:77:00:09'], { smbiosGuid: smbiosGuid.replace(/F$/, '0') }) })
  const [device] = await madeIn(site)
  t.deepEqual((await site.api('GET', `/collections/${id}`)).json['directMembers'], [device?.id])
  t.is((await site.store.auditEntries({ kind: 'site-settings', limit: 9 })).length, 2)
})

test('S6-011: what was listed as duplicate meanwhile is no part of the record; a serial number that another device has neither', async (t) => {
  const prepared = await openSite(t)
  const { site } = prepared
  const before = async () => {
    await site.api('PUT', `/duplicate-hardware-identifiers/${second}`, {})
    await site.api('POST', '/devices', { name: 'Other', serialNumber })
  }
  await run(prepared, { before })
  const made = (await madeIn(site)).find(({ name }) => name !== 'Other')
  t.deepEqual([made?.macAddresses, made?.smbiosGuid, made?.serialNumber], [[first], smbiosGuid, undefined])
})

test('where somebody made it a device meanwhile that record stays the only one, with the mark', async (t) => {
  const prepared = await openSite(t)
  const { site, deploymentId } = prepared
  await run(prepared, { before: async () => site.api('POST', '/devices', { name: 'Mine', macAddresses: [second] }) })
  const made = await madeIn(site)
  t.like(made, [{ name: 'Mine', macAddresses: [second], requiredPxeMarks: [{ deploymentId }] }])
})

test('S5-043: what was installed a moment ago is well: nothing that is required of its new collections installs it anew by itself', async (t) => {
  const prepared = await openSite(t)
  const { site } = prepared
  await run(prepared, { computerName: 'DESK-1' })
  const [device] = await madeIn(site)
  const made = await site.api('POST', '/collections', { name: 'Desks', queries: ['name like "DESK-%"'] })
  const [sequence] = await site.store.taskSequences.list()
  const deployed = await site.api('POST', '/deployments', {
    taskSequenceId: sequence?.id,
    collectionId: made.json['id'],
    purpose: 'required',
    makeAvailableTo: 'media-and-pxe',
  })
  t.is(deployed.status, 201, deployed.body.toString())
  t.regex(await preview(site), /^continue-to-local-disk: .*the machine is well/)
  await site.api('POST', `/devices/${device?.id ?? ''}/clear-required-pxe-deployments`)
  t.regex(await preview(site), /^boot: required deployment/)
})
