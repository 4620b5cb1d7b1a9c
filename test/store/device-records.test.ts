/** Records of devices that are merged and split: everything that is kept of them goes along, in one transaction or not at all. */

import test, { type ExecutionContext } from 'ava'
import type { CollectionId } from '../../server/address/identifiers.ts'
import { assert } from '../../server/assert.ts'
import type { Store } from '../../server/store/ports.ts'
import { mac as address } from '../support/boot-fixtures.ts'
import { openSqliteSite, startMs } from './open-test-store.ts'
import {
  client,
  collection,
  deployment,
  device,
  event,
  guid,
  hash,
  inventory,
  newRun,
  runId,
  saved,
  smallSite,
} from './site-builders.ts'

const [macA, macB] = [address('52:54:00:00:00:01'), address('52:54:00:00:00:02')]
const someGuid = guid('00112233-4455-6677-8899-AABBCCDDEEFF')
const ended = event(1, { kind: 'sequence-ended', outcome: { kind: 'succeeded' } })

/** PC-1 (which smallSite made) and PC-2, which ran a required deployment and is in a collection of its own. */
async function twoRecords(t: ExecutionContext) {
  const site = await openSqliteSite(t)
  const { store } = site
  const { pc: kept, sequence, lab } = await smallSite(store)
  const from = saved(
    await store.devices.create(
      device({
        name: 'PC-2',
        macAddresses: [macB],
        smbiosGuid: someGuid,
        variables: [{ name: 'Role', value: 'hidden-7731', secret: true }],
      }),
    ),
  )
  const own = saved(await store.collections.create(collection({ name: 'Own', directMembers: [from.id] })))
  const deployed = saved(await store.deployments.create(deployment(sequence.id, own.id, { purpose: 'required' })))
  const run = { id: runId('a'), deploymentId: deployed.id, deviceId: from.id, lane: macB, required: true }
  await store.startRun(newRun(run))
  await store.observe([
    {
      lane: macB,
      atMs: startMs,
      observation: { kind: 'boot-decided', decision: 'boot', text: '', prompt: false, deviceId: from.id, name: 'PC-2' },
    },
  ])
  await store.keepInventory(from.id, inventory({ model: 'Newer' }))
  await store.noteClientHeard(from.id, startMs)
  return { ...site, kept, from, own, lab, deployed }
}

async function membersOf(store: Store, id: CollectionId) {
  const page = await store.members(id, { offset: 0, limit: 9 })
  return page?.items.map(({ machine }) => ('id' in machine ? machine.id : machine.architecture))
}

const everything = { force: {}, isPreview: false }

test('S6-025: a merged record has identifiers, memberships, variables, marks, runs, lanes and inventory of both', async (t) => {
  const { store, kept, from, own, lab, deployed } = await twoRecords(t)
  await store.addEvents(runId('a'), [ended], startMs)
  t.deepEqual(await membersOf(store, own.id), [from.id])
  const wanted = { id: kept.id, from: from.id, ...everything }
  const before = await store.devices.list()
  const preview = await store.mergeDevices({ ...wanted, isPreview: true })
  t.like(preview, { kind: 'previewed', runs: 1, collections: [own.id], device: { macAddresses: [macA, macB] } })
  t.deepEqual(await store.devices.list(), before)
  t.deepEqual((await store.collections.get(own.id))?.directMembers, [from.id])

  t.like(await store.mergeDevices(wanted), { kind: 'done', runs: 1 })
  const [device, ...others] = await store.devices.list()
  t.deepEqual(others, [])
  t.like(device, {
    id: kept.id,
    name: 'PC-1',
    macAddresses: [macA, macB],
    smbiosGuid: someGuid,
    variables: [{ name: 'Role', value: 'hidden-7731' }],
    requiredPxeMarks: [{ deploymentId: deployed.id }],
    inventory: { model: 'Newer' },
  })
  t.deepEqual((await store.collections.get(own.id))?.directMembers, [kept.id])
  t.deepEqual(await membersOf(store, own.id), [kept.id])
  t.is(await store.memberCount(lab.id), 1)
  t.is((await store.getRun(runId('a')))?.deviceId, kept.id)
  t.like((await store.lanes()).lanes.find(({ lane }) => lane.id === macB)?.lane, { deviceId: kept.id, name: 'PC-1' })
  const facts = await store.about(client({ macAddress: macB }))
  t.is(facts.clientHeardAtMs, startMs)
  t.like(facts.devices, [{ id: kept.id, requiredPxeMarks: [{ deploymentId: deployed.id }] }])
  const entries = await store.auditEntries({ kind: 'device', limit: 3 })
  t.deepEqual(
    entries.map(({ action, id }) => [action, id]),
    [
      ['merge', kept.id],
      ['change', kept.id],
      ['remove', from.id],
    ],
  )
  t.false(JSON.stringify(entries).includes('hidden-7731'))
})

test('a record is not merged while a run goes on on it, nor with itself, nor with another machine, nor with nothing', async (t) => {
  const { store, kept, from } = await twoRecords(t)
  const wanted = { id: kept.id, from: from.id, ...everything }
  const before = await store.devices.list()
  t.like(await store.mergeDevices(wanted), {
    kind: 'not-possible',
    reason: `run ${runId('a')} goes on on PC-2 (${from.id}); wait for its end`,
  })
  await store.addEvents(runId('a'), [ended], startMs)
  t.like(await store.mergeDevices({ ...wanted, from: kept.id }), { kind: 'not-possible' })
  const { id: _, ...draft } = { ...kept, smbiosGuid: guid('99112233-4455-6677-8899-AABBCCDDEEFF') }
  saved(await store.devices.replace(kept.id, draft, undefined))
  t.like(await store.mergeDevices(wanted), { kind: 'not-possible' })
  t.is((await store.devices.list()).length, before.length)
  saved(await store.devices.remove(from.id, undefined))
  t.deepEqual(await store.mergeDevices(wanted), { kind: 'not-found' })
})

test('of two machines in one canary ring the run that began later counts, as of one', async (t) => {
  const { store, clock, kept, from, deployed } = await twoRecords(t)
  await store.addEvents(runId('a'), [ended], startMs)
  const { id: deploymentId, ...draft } = deployed
  saved(await store.deployments.replace(deploymentId, { ...draft, canary: { machines: 5, failuresMax: 0 } }, undefined))
  const keysOf = (digit: string) => ({
    token: hash(digit === 'b' ? '1' : '2'),
    ticket: hash(digit === 'b' ? '3' : '4'),
    identityKey: digit,
  })
  for (const [digit, deviceId, lane] of [
    ['b', kept.id, macA],
    ['c', from.id, macB],
  ] as const) {
    clock.nowMs += 1_000
    const run = { id: runId(digit), deploymentId, deviceId, lane, startedAtMs: clock.nowMs, ...keysOf(digit) }
    t.like(await store.startRun({ ...newRun(run), mayReplaceLive: true }), { state: 'running' })
    const failed = { kind: 'failed', path: [], message: '', exitCode: 1 } as const
    const outcome = digit === 'b' ? ({ kind: 'succeeded' } as const) : failed
    await store.addEvents(runId(digit), [event(1, { kind: 'sequence-ended', outcome })], clock.nowMs)
  }
  t.is((await store.canaryRing(deploymentId)).length, 2)
  t.like(await store.mergeDevices({ id: kept.id, from: from.id, ...everything }), { kind: 'done', runs: 2 })
  t.like(await store.canaryRing(deploymentId), [{ machine: `device ${kept.id}`, state: 'failed' }])
})

test('S6-025: a split record has its identifiers, the marks of both, and no collection unless it is asked for', async (t) => {
  const { store, kept, from, own, deployed } = await twoRecords(t)
  const wanted = { id: from.id, name: 'PC-3', macAddresses: [macB], inSameCollections: false, isPreview: false }
  t.like(await store.splitDevice(wanted), { kind: 'not-possible' }, 'a run goes on')
  await store.addEvents(runId('a'), [ended], startMs)
  t.like(await store.splitDevice({ ...wanted, isPreview: true }), { kind: 'previewed', other: { name: 'PC-3' } })
  t.is((await store.devices.list()).length, 2)
  t.like(await store.splitDevice({ ...wanted, name: kept.name }), { kind: 'not-possible' }, 'the name is taken')
  const split = await store.splitDevice(wanted)
  assert(split.kind === 'done', split.kind)
  const marks = [{ deploymentId: deployed.id, startedAtMs: startMs }]
  t.like(split.device, { name: 'PC-2', macAddresses: [], smbiosGuid: someGuid, requiredPxeMarks: marks })
  t.like(split.other, { name: 'PC-3', macAddresses: [macB], requiredPxeMarks: marks, variables: [] })
  t.is(split.other.smbiosGuid, undefined)
  t.deepEqual((await store.collections.get(own.id))?.directMembers, [from.id])
  const facts = await store.about(client({ macAddress: macB }))
  t.deepEqual([facts.devices.map(({ id }) => id), facts.clientHeardAtMs], [[split.other.id], startMs])
  const again = { id: kept.id, name: 'PC-4', macAddresses: [], serialNumber: 'S-1234', isPreview: false }
  const { id: _, ...draft } = { ...kept, serialNumber: 'S-1234' }
  saved(await store.devices.replace(kept.id, draft, undefined))
  t.like(await store.splitDevice({ ...again, inSameCollections: true }), { kind: 'done', collections: ['RVL10003'] })
  t.is(await store.memberCount(own.id), 1)
  t.deepEqual(
    (await store.auditEntries({ id: from.id, limit: 1 })).map(({ action }) => action),
    ['split'],
  )
})
