/** MAC addresses that two machines tell are put among the duplicates by the site itself, and by nobody who only lies about an address. */

import test, { type ExecutionContext } from 'ava'
import type { DeviceId } from '../../server/address/identifiers.ts'
import type { KeptInventory } from '../../server/site/inventory.ts'
import type { Device } from '../../server/site/device.ts'
import type { Draft, Store } from '../../server/store/ports.ts'
import { openSqliteSite, startMs } from './open-test-store.ts'
import {
  client,
  collectionId,
  deployment,
  device,
  event,
  guid,
  hash,
  inventory,
  mac,
  newRun,
  runId,
  saved,
  smallSite,
} from './site-builders.ts'

const dock = mac('52:54:00:d0:c0:01')
const [cardA, cardB] = [mac('52:54:00:00:00:a1'), mac('52:54:00:00:00:b1')]
const [guidA, guidB] = [guid('AAAAAAAA-0001-0002-0003-00000000000A'), guid('BBBBBBBB-0001-0002-0003-00000000000B')]

async function twoDevices(t: ExecutionContext, ofA: Partial<Draft<Device>> = {}) {
  const site = await openSqliteSite(t)
  const { store } = site
  const a = saved(await store.devices.create(device({ name: 'A', macAddresses: [dock], smbiosGuid: guidA, ...ofA })))
  const b = saved(await store.devices.create(device({ name: 'B', macAddresses: [cardB], smbiosGuid: guidB })))
  let heardAtMs = startMs
  const tell = async (id: DeviceId, told: Partial<KeptInventory>) => {
    heardAtMs += 3_600_000
    return store.keepInventory(id, inventory({ ...told, heardAtMs }))
  }
  /** A’s agent with the dock, then B’s. */
  const useDock = async () => {
    await tell(a.id, { macAddresses: [dock, cardA], smbiosGuid: guidA })
    return tell(b.id, { macAddresses: [dock, cardB], smbiosGuid: guidB })
  }
  return { ...site, a, b, tell, useDock }
}

async function listedIn(store: Store) {
  return (await store.listedIdentifiers('duplicate')).map(({ identifier }) => identifier)
}

test('S6-011, S12-007: a dock that two machines tell names neither any more, and the second one is itself', async (t) => {
  const { store, a, b, useDock } = await twoDevices(t)
  const overDock = client({ macAddress: dock, smbiosGuid: guidB })
  t.is((await store.about(overDock)).devices.length, 2)
  const kept = await useDock()
  t.like(kept, { listed: [{ identifier: dock, from: 'site', comment: `seen on A (${a.id}) and B (${b.id})` }] })
  t.deepEqual(
    (await store.about(overDock)).devices.map(({ id }) => id),
    [b.id],
  )
  t.deepEqual(
    (await store.about(client({ macAddress: dock, smbiosGuid: guidA }))).devices.map(({ id }) => id),
    [a.id],
  )
  const [entry] = await store.auditEntries({ kind: 'duplicate-hardware-identifier', limit: 5 })
  t.like(entry, { action: 'create', id: dock })
  t.is(entry?.by, undefined)
})

test('S6-011: what somebody takes off the list the site does not put there again', async (t) => {
  const { store, useDock } = await twoDevices(t)
  await useDock()
  saved(await store.unlistIdentifier({ list: 'duplicate', identifier: dock }))
  await useDock()
  t.deepEqual(await listedIn(store), [])
  saved(await store.listIdentifier({ list: 'duplicate', identifier: dock, comment: '' }))
  t.deepEqual(await listedIn(store), [dock])
})

test('A06: an address is not listed that a record cannot do without: who lies about it makes no machine unknown', async (t) => {
  const site = await openSqliteSite(t)
  const { store } = site
  const a = saved(await store.devices.create(device({ name: 'A', macAddresses: [dock] })))
  const liar = saved(await store.devices.create(device({ name: 'Liar', macAddresses: [cardB], smbiosGuid: guidB })))
  await store.keepInventory(a.id, inventory({ macAddresses: [dock], smbiosGuid: guidA }))
  await store.keepInventory(liar.id, inventory({ macAddresses: [cardB, dock], smbiosGuid: guidB }))
  t.deepEqual(await listedIn(store), [])
  t.deepEqual(
    (await store.about(client({ macAddress: dock, smbiosGuid: guidA }))).devices.map(({ id }) => id),
    [a.id],
  )
})

test('A06: nor one that a third device has, whatever two others tell', async (t) => {
  const { store, useDock } = await twoDevices(t, { macAddresses: [cardA] })
  const third = saved(await store.devices.create(device({ name: 'Third', macAddresses: [dock] })))
  await useDock()
  t.deepEqual(await listedIn(store), [])
  t.deepEqual(
    (await store.about(client({ macAddress: dock }))).devices.map(({ id }) => id),
    [third.id],
  )
})

test('A06, S6-028: nor one by which an unknown computer is known on which something has started', async (t) => {
  const { store, useDock } = await twoDevices(t, { macAddresses: [cardA] })
  const { sequence } = await smallSite(store)
  const unknown = collectionId('RVL10002')
  const deployed = saved(await store.deployments.create(deployment(sequence.id, unknown, { purpose: 'required' })))
  const run = newRun({ id: runId('a'), deploymentId: deployed.id, lane: dock, required: true, token: hash('a') })
  await store.startRun({ ...run, unknownComputer: { macAddresses: [dock], architecture: 'x64' } })
  // One that succeeded is a device by now.
  const outcome = { kind: 'failed', path: [], message: '', exitCode: 1 } as const
  const ended = { kind: 'sequence-ended', outcome } as const
  await store.addEvents(runId('a'), [event(1, ended)], startMs)
  await useDock()
  t.deepEqual(await listedIn(store), [])
  t.is((await store.about(client({ macAddress: dock }))).unknownComputerMarks.length, 1)
})

test('a run that goes on keeps its address until it has ended', async (t) => {
  const { store, a, useDock } = await twoDevices(t)
  const { sequence, lab } = await smallSite(store)
  const deployed = saved(await store.deployments.create(deployment(sequence.id, lab.id)))
  await store.startRun(newRun({ id: runId('a'), deploymentId: deployed.id, deviceId: a.id, lane: dock }))
  await useDock()
  t.deepEqual(await listedIn(store), [])
  await store.addEvents(runId('a'), [event(1, { kind: 'sequence-ended', outcome: { kind: 'succeeded' } })], startMs)
  await useDock()
  t.deepEqual(await listedIn(store), [dock])
})

test('S6-011: one machine with two records, placeholders and silence are no two machines', async (t) => {
  const { store, a, b, tell } = await twoDevices(t)
  const macAddresses = [dock]
  await tell(a.id, { macAddresses, smbiosGuid: guidA })
  for (const told of [
    { smbiosGuid: 'AAAAAAAA-0100-0200-0003-00000000000A' },
    { smbiosGuid: 'FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF' },
    { serialNumber: 'To be filled by O.E.M.' },
    {},
  ]) {
    await tell(b.id, { macAddresses, ...told })
    t.deepEqual(await listedIn(store), [])
  }
  await tell(a.id, { macAddresses, serialNumber: 'SERIAL-A' })
  t.like(await tell(b.id, { macAddresses, serialNumber: 'SERIAL-B' }), { listed: [{ identifier: dock }] })
})

test('a record whose agent tells another machine than before says so', async (t) => {
  const { a, tell } = await twoDevices(t)
  t.like(await tell(a.id, { smbiosGuid: guidA }), { isOtherMachine: false })
  t.like(await tell(a.id, { smbiosGuid: guidB }), { isOtherMachine: true })
})
