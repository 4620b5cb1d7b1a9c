/** What every store must remember of computers that are no devices: that a required deployment has started on them (S6-025). */

import test from 'ava'
import type { DeploymentId } from '../../server/address/identifiers.ts'
import { assert } from '../../server/assert.ts'
import { swapSmbiosGuid } from '../../server/address/smbios-guid.ts'
import type { PxeClient } from '../../server/boot/pxe-client.ts'
import type { ComputerIdentity } from '../../server/site/unknown-computer-mark.ts'
import type { NewRun, Store } from '../../server/store/ports.ts'
import { type OpenSite, startMs } from './open-test-store.ts'
import {
  client,
  collection,
  collectionId,
  deployment,
  device,
  guid,
  hash,
  mac,
  newRun,
  runId,
  saved,
  smallSite,
} from './site-builders.ts'

const first = mac('52:54:00:00:00:a1')
const second = mac('52:54:00:00:00:a2')
const other = mac('52:54:00:00:00:b1')
const someGuid = guid('00112233-4455-6677-8899-AABBCCDDEEFF')
const anotherGuid = guid('99112233-4455-6677-8899-AABBCCDDEEFF')
const allUnknown = collectionId('RVL10002')

async function deployToUnknown(store: Store): Promise<DeploymentId> {
  const { sequence } = await smallSite(store)
  return saved(await store.deployments.create(deployment(sequence.id, allUnknown, { purpose: 'required' }))).id
}

/** A required run of a computer; `digit` tells runs apart. */
function runOf(unknown: ComputerIdentity, deploymentId: DeploymentId, digit = 'a'): NewRun {
  const [lane = first] = unknown.macAddresses
  const keys = { token: hash(digit), ticket: hash(digit === 'f' ? '0' : 'f'), identityKey: `key-${digit}` }
  const run = newRun({ id: runId(digit), deploymentId, lane, required: true, ...keys })
  return {
    ...run,
    resumeTicketSha256: `${digit}${run.resumeTicketSha256.slice(1)}`,
    unknownComputer: { ...unknown, architecture: 'x64' },
  }
}

async function marksOf(store: Store, asking: Partial<PxeClient>): Promise<readonly DeploymentId[]> {
  return (await store.about(client(asking))).unknownComputerMarks.map(({ deploymentId }) => deploymentId)
}

export function unknownComputerSuite(open: OpenSite): void {
  test('S6-025, S6-028: a required run marks the unknown computer, by its GUID and each of its cards', async (t) => {
    const site = await open(t)
    const { store } = site
    const id = await deployToUnknown(store)
    const stranger = { macAddress: first, smbiosGuid: someGuid }
    t.deepEqual(await marksOf(store, stranger), [])
    await store.startRun(runOf({ macAddresses: [first, second], smbiosGuid: someGuid }, id))
    const facts = await store.about(client(stranger))
    t.deepEqual(facts.devices, [])
    t.deepEqual(facts.unknownComputerMarks, [{ deploymentId: id, startedAtMs: startMs }])
    const ways: readonly Partial<PxeClient>[] = [
      { macAddress: second },
      { macAddress: other, smbiosGuid: someGuid },
      { macAddress: other, smbiosGuid: swapSmbiosGuid(someGuid) },
    ]
    for (const asking of ways) t.deepEqual(await marksOf(store, asking), [id])
    t.deepEqual(await marksOf(store, { macAddress: other }), [])
    t.deepEqual(await marksOf(store, { macAddress: first, smbiosGuid: anotherGuid }), [], 'an adapter that went on')
    const again = await site.reopen()
    t.deepEqual(await marksOf(again, stranger), [id])
    t.deepEqual(await marksOf(again, { macAddress: other }), [])
  })

  test('S6-028: an available run marks no unknown computer, nor does a GUID that many have find one', async (t) => {
    const { store } = await open(t)
    const id = await deployToUnknown(store)
    await store.startRun({ ...runOf({ macAddresses: [first] }, id), required: false })
    t.deepEqual(await marksOf(store, { macAddress: first }), [])
    const dummy = guid('03000200-0400-0500-0006-000700080009')
    await store.startRun({ ...runOf({ macAddresses: [first], smbiosGuid: someGuid }, id, 'b'), mayReplaceLive: true })
    t.deepEqual(await marksOf(store, { macAddress: first, smbiosGuid: dummy }), [id])
    t.deepEqual(await marksOf(store, { macAddress: other, smbiosGuid: dummy }), [])
  })

  test('S6-025: started once more, a deployment has one mark; a deployment that is removed takes its marks along', async (t) => {
    const { store, clock } = await open(t)
    const id = await deployToUnknown(store)
    await store.startRun(runOf({ macAddresses: [first] }, id))
    clock.nowMs += 3_600_000
    const later = runOf({ macAddresses: [first, second] }, id, 'b')
    await store.startRun({ ...later, run: { ...later.run, startedAtMs: clock.nowMs }, mayReplaceLive: true })
    const { unknownComputerMarks } = await store.about(client({ macAddress: first }))
    t.deepEqual(unknownComputerMarks, [{ deploymentId: id, startedAtMs: clock.nowMs }])
    saved(await store.deployments.remove(id, undefined))
    t.deepEqual(await marksOf(store, { macAddress: second }), [])
  })

  test('S6-027: cleared by any of its addresses, the computer has no mark by any other', async (t) => {
    const { store } = await open(t)
    const id = await deployToUnknown(store)
    await store.startRun(runOf({ macAddresses: [first, second] }, id))
    await store.startRun(runOf({ macAddresses: [other] }, id, 'b'))
    const clear = async (computer: ComputerIdentity, deploymentId?: DeploymentId) =>
      saved(await store.clearRequiredPxeDeploymentsOfUnknownComputer(computer, deploymentId)).unknownComputerMarks
    t.is(await clear({ macAddresses: [second] }, saved(await store.deployments.create(await another(store))).id), 0)
    t.deepEqual(await marksOf(store, { macAddress: first }), [id])
    t.is(await clear({ macAddresses: [second] }, id), 1)
    t.deepEqual(await marksOf(store, { macAddress: first }), [])
    t.deepEqual(await marksOf(store, { macAddress: other }), [id])
    t.is(await clear({ macAddresses: [second] }), 0)
  })

  test('S6-027, D19: an address that several computers used clears none of them until one is named', async (t) => {
    const { store } = await open(t)
    const id = await deployToUnknown(store)
    await store.startRun(runOf({ macAddresses: [first], smbiosGuid: someGuid }, id))
    await store.startRun({
      ...runOf({ macAddresses: [first], smbiosGuid: anotherGuid }, id, 'b'),
      mayReplaceLive: true,
    })
    const unclear = await store.clearRequiredPxeDeploymentsOfUnknownComputer({ macAddresses: [first] })
    t.is(unclear.kind, 'refused')
    t.regex(unclear.kind === 'refused' ? unclear.reason : '', new RegExp(`${someGuid}|${anotherGuid}`))
    t.deepEqual(await marksOf(store, { macAddress: first, smbiosGuid: someGuid }), [id])
    const named = { macAddresses: [first], smbiosGuid: someGuid }
    t.is(saved(await store.clearRequiredPxeDeploymentsOfUnknownComputer(named)).unknownComputerMarks, 1)
    t.deepEqual(await marksOf(store, { macAddress: first, smbiosGuid: someGuid }), [])
    t.deepEqual(await marksOf(store, { macAddress: first, smbiosGuid: anotherGuid }), [id])
  })

  test('S6-027: cleared for a collection: all unknown computers, or the devices that are in it', async (t) => {
    const { store } = await open(t)
    const { sequence, pc, lab } = await smallSite(store)
    const toUnknown = saved(
      await store.deployments.create(deployment(sequence.id, allUnknown, { purpose: 'required' })),
    )
    const toLab = saved(await store.deployments.create(deployment(sequence.id, lab.id, { purpose: 'required' })))
    const empty = saved(await store.collections.create(collection({ name: 'Empty' })))
    await store.startRun(runOf({ macAddresses: [first] }, toUnknown.id))
    await store.startRun(runOf({ macAddresses: [other] }, toUnknown.id, 'b'))
    const ofDevice = newRun({ id: runId('d'), deviceId: pc.id, deploymentId: toLab.id, required: true })
    await store.startRun({ ...ofDevice, runTokenSha256: hash('1'), resumeTicketSha256: hash('2') })
    t.deepEqual(saved(await store.clearRequiredPxeDeploymentsOfCollection(empty.id)), {
      deviceMarks: 0,
      unknownComputerMarks: 0,
    })
    const otherDeployment = await store.clearRequiredPxeDeploymentsOfCollection(allUnknown, toLab.id)
    t.deepEqual(saved(otherDeployment), { deviceMarks: 0, unknownComputerMarks: 0 })
    t.deepEqual(saved(await store.clearRequiredPxeDeploymentsOfCollection(allUnknown)), {
      deviceMarks: 0,
      unknownComputerMarks: 2,
    })
    t.deepEqual(await marksOf(store, { macAddress: other }), [])
    t.is((await store.devices.get(pc.id))?.requiredPxeMarks.length, 1)
    t.deepEqual(saved(await store.clearRequiredPxeDeploymentsOfCollection(lab.id)), {
      deviceMarks: 1,
      unknownComputerMarks: 0,
    })
    t.is((await store.devices.get(pc.id))?.requiredPxeMarks.length, 0)
    t.deepEqual(await store.clearRequiredPxeDeploymentsOfCollection(collectionId('RVL1FFFF')), { kind: 'not-found' })
  })

  test('S6-018, S6-028: the marks go with the computer when it becomes a device', async (t) => {
    const { store } = await open(t)
    const id = await deployToUnknown(store)
    await store.startRun(runOf({ macAddresses: [first, second], smbiosGuid: someGuid }, id))
    const pc = saved(await store.devices.create(device({ name: 'PC-9', macAddresses: [second] })))
    const marks = [{ deploymentId: id, startedAtMs: startMs }]
    t.deepEqual(pc.requiredPxeMarks, marks)
    t.like(await store.about(client({ macAddress: second })), { devices: [pc], unknownComputerMarks: [] })
    t.deepEqual(await marksOf(store, { macAddress: first }), [], 'they are the device’s now')
    t.like(await store.clearRequiredPxeDeploymentsOfUnknownComputer({ macAddresses: [second] }), { kind: 'refused' })
    // A device that is given the address later gets them as well, whatever dummy its maker left in it.
    await store.startRun(runOf({ macAddresses: [other], smbiosGuid: anotherGuid }, id, 'b'))
    const dummy = guid('03000200-0400-0500-0006-000700080009')
    const [lab] = (await store.devices.list()).filter(({ name }) => name === 'PC-1')
    assert(lab !== undefined, 'the small site has a device')
    const edited = saved(
      await store.devices.replace(lab.id, { ...lab, macAddresses: [other], smbiosGuid: dummy }, undefined),
    )
    t.deepEqual(edited.requiredPxeMarks, marks)
  })
}

async function another(store: Store) {
  const [sequence] = await store.taskSequences.list()
  assert(sequence !== undefined, 'the small site has a task sequence')
  return deployment(sequence.id, allUnknown, { purpose: 'required' })
}
