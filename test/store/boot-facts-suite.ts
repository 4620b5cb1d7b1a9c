/** What every store must know about a client that asks for a boot. */

import test from 'ava'
import type { ExecutionContext } from 'ava'
import type { DeploymentId } from '../../server/address/identifiers.ts'
import { swapSmbiosGuid } from '../../server/address/smbios-guid.ts'
import type { PxeClient } from '../../server/boot/pxe-client.ts'
import type { RunEventBody } from '../../server/contract/agent.ts'
import type { Store } from '../../server/store/ports.ts'
import { type OpenSite, startMs } from './open-test-store.ts'
import {
  bootImage,
  client,
  collection,
  deployment,
  device,
  event,
  file,
  guid,
  inventory,
  mac,
  newRun,
  saved,
  smallSite,
  startedRun,
  taskSequence,
} from './site-builders.ts'

const someGuid = guid('00112233-4455-6677-8899-AABBCCDDEEFF')

export function bootFactsSuite(open: OpenSite): void {
  test('S6-013, D10: a device is found by any of its MAC addresses and by its GUID in either byte order', async (t) => {
    const { store, clock } = await open(t)
    const macAddresses = [mac('52:54:00:00:00:01'), mac('52:54:00:00:00:02')]
    const pc = saved(await store.devices.create(device({ macAddresses, smbiosGuid: someGuid })))
    saved(await store.devices.create(device({ name: 'Other', macAddresses: [mac('52:54:00:00:00:03')] })))
    const stranger = mac('52:54:00:00:00:77')
    for (const asking of [
      client({ macAddress: mac('52:54:00:00:00:02') }),
      client({ macAddress: stranger, smbiosGuid: someGuid }),
      client({ macAddress: stranger, smbiosGuid: swapSmbiosGuid(someGuid) }),
      client({ smbiosGuid: someGuid }),
    ]) {
      const facts = await store.about(asking)
      t.deepEqual(facts.devices, [pc])
      t.is(facts.nowMs, clock.nowMs)
    }
    t.deepEqual((await store.about(client({ macAddress: stranger }))).devices, [])
    const both = await store.about(client({ macAddress: mac('52:54:00:00:00:03'), smbiosGuid: someGuid }))
    t.deepEqual(
      both.devices.map((one) => one.name),
      ['Other', 'PC-1'],
    )
  })

  test('a device gets the enabled deployments of its collections, with sequence and boot image', async (t) => {
    const { store } = await open(t)
    const { image, sequence, lab } = await smallSite(store)
    const [allSystems, unknown] = await store.collections.list()
    const elsewhere = saved(await store.collections.create(collection({ name: 'Elsewhere' })))
    const bare = saved(await store.taskSequences.create(taskSequence({ name: 'No boot image', enabled: false })))
    saved(await store.addContent(image.id, [file('vmlinuz')]))
    const toLab = saved(await store.deployments.create(deployment(sequence.id, lab.id)))
    saved(await store.deployments.create(deployment(sequence.id, lab.id, { enabled: false })))
    saved(await store.deployments.create(deployment(sequence.id, elsewhere.id)))
    const toAll = saved(await store.deployments.create(deployment(bare.id, allSystems?.id ?? lab.id)))
    const toUnknown = saved(await store.deployments.create(deployment(sequence.id, unknown?.id ?? lab.id)))
    const { candidates } = await store.about(client())
    t.deepEqual(candidates, [
      {
        deployment: toLab,
        taskSequenceName: 'Install Debian',
        taskSequenceEnabled: true,
        maximumRunMinutes: 120,
        bootImage: (await store.bootImages.get(image.id)) ?? image,
      },
      { deployment: toAll, taskSequenceName: 'No boot image', taskSequenceEnabled: false, maximumRunMinutes: 120 },
    ])
    t.is(candidates[0]?.bootImage?.content?.version, 1)
    // S6-014, S6-015: neither gets the other's.
    const stranger = await store.about(client({ macAddress: mac('52:54:00:00:00:77') }))
    t.deepEqual(stranger.devices, [])
    t.deepEqual(
      stranger.candidates.map((one) => one.deployment.id),
      [toUnknown.id],
    )
  })

  test('S1-065, S1-066, S5-048, S9-012: variables come from the collections, then from the device; unknown computers get collection ones', async (t) => {
    const { store } = await open(t)
    const variable = (value: string) => ({ name: 'Region', value, secret: false })
    const pc = saved(await store.devices.create(device()))
    const only = { name: 'Only', value: 'device', secret: true }
    saved(
      await store.collections.create(
        collection({ directMembers: [pc.id], variables: [variable('high')], variablePriority: 9 }),
      ),
    )
    saved(
      await store.collections.create(collection({ name: 'B', directMembers: [pc.id], variables: [variable('low')] })),
    )
    saved(await store.devices.replace(pc.id, device({ variables: [only] }), undefined))
    t.deepEqual(
      (await store.about(client())).variables.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
      [only, variable('high')],
    )
    const [, unknown] = await store.collections.list()
    if (unknown !== undefined)
      saved(await store.collections.replace(unknown.id, { ...unknown, variables: [variable('unknown')] }, undefined))
    t.deepEqual((await store.about(client({ macAddress: mac('52:54:00:00:00:77') }))).variables, [variable('unknown')])
  })

  test('an address that names no machine finds none, even if somebody gave it to a device', async (t) => {
    const { store } = await open(t)
    const none = mac('00:00:00:00:00:00')
    saved(await store.devices.create(device({ macAddresses: [none] })))
    saved(await store.bootImages.create(bootImage()))
    t.deepEqual((await store.about(client({ macAddress: none }))).devices, [])
  })

  test('every edit of what reaches a device shows in the next answer', async (t) => {
    const { store } = await open(t)
    const { image, sequence, pc, lab } = await smallSite(store)
    const changes = watchAnswers(t, store)
    const toLab = deployment(sequence.id, lab.id, { purpose: 'required', enabled: false })
    const deployed = saved(await store.deployments.create(toLab))
    await changes(client(), 'deployment edited', () =>
      store.deployments.replace(deployed.id, { ...deployed, enabled: true }, undefined),
    )
    const second = deployment(sequence.id, lab.id)
    await changes(client(), 'deployment created', () => store.deployments.create(second))
    const run = newRun()
    const started = { ...run, required: true, run: { ...run.run, deviceId: pc.id, deploymentId: deployed.id } }
    await changes(client(), 'mark set', () => store.startRun(started))
    await changes(client(), 'marks cleared', () => store.clearRequiredPxeDeployments(pc.id))
    await changes(client(), 'content added', () => store.addContent(image.id, [file('vmlinuz')]))
    await changes(client(), 'boot image edited', () =>
      store.bootImages.replace(image.id, { ...image, name: 'Another' }, undefined),
    )
    await changes(client(), 'task sequence edited', () =>
      store.taskSequences.replace(sequence.id, { ...sequence, enabled: false }, undefined),
    )
    await changes(client(), 'collection edited', () =>
      store.collections.replace(
        lab.id,
        { ...lab, variables: [{ name: 'Region', value: 'lab', secret: false }] },
        undefined,
      ),
    )
    await changes(client(), 'deployment removed', () => store.deployments.remove(deployed.id, undefined))
  })

  test('S9-007, S9-008: every rule of a collection shows in the next answer, and what an agent tells', async (t) => {
    const { store } = await open(t)
    const { sequence, pc, lab } = await smallSite(store)
    const target = saved(await store.collections.create(collection({ name: 'Target' })))
    saved(await store.deployments.create(deployment(sequence.id, target.id)))
    const isTargeted = async () => (await store.about(client())).candidates.length === 1
    const rules = async (fields: Parameters<typeof collection>[0]) => {
      saved(await store.collections.replace(target.id, collection({ name: 'Target', ...fields }), undefined))
      return isTargeted()
    }
    t.false(await isTargeted())
    t.true(await rules({ includes: [lab.id] }))
    t.false(await rules({ includes: [lab.id], excludes: [lab.id] }))
    t.false(await rules({ queries: ['model = "20xw"'] }))
    await store.keepInventory(pc.id, inventory())
    t.true(await isTargeted())
    await store.keepInventory(pc.id, inventory({ model: 'Other' }))
    t.false(await isTargeted())
    t.true(await rules({ directMembers: [pc.id], limitingCollectionId: lab.id }))
    saved(await store.collections.replace(lab.id, collection(), undefined))
    t.false(await isTargeted())
  })

  test('S9-010, S9-020: unknown computers are told apart, those with BIOS once iPXE has seen the processor', async (t) => {
    const { store } = await open(t)
    const { sequence } = await smallSite(store)
    const [, unknown] = await store.collections.list()
    for (const architecture of ['x86', 'x64'] as const) {
      const made = saved(
        await store.collections.create(
          collection({
            name: architecture,
            unknownComputers: [architecture],
            ...(unknown === undefined ? {} : { limitingCollectionId: unknown.id }),
            variables: [{ name: 'Is', value: architecture, secret: false }],
          }),
        ),
      )
      saved(await store.deployments.create(deployment(sequence.id, made.id)))
    }
    const seen = async (platform: Partial<PxeClient['platform']>) => {
      const { platform: uefi } = client()
      const asking = client({ macAddress: mac('52:54:00:00:00:77'), platform: { ...uefi, ...platform } })
      return (await store.about(asking)).variables.map(({ value }) => value)
    }
    t.deepEqual(await seen({ architecture: 'x64' }), ['x64'])
    t.deepEqual(await seen({ architecture: 'x86' }), ['x86'])
    t.deepEqual(await seen({ architecture: 'arm64' }), [])
    t.deepEqual(await seen({ architecture: 'x86', firmware: 'bios' }), ['x64'])
    t.deepEqual(await seen({ architecture: 'x86', firmware: 'bios', longMode: false }), ['x86'])
  })

  test('a hello is no edit of the device, and told again it is written once in a while', async (t) => {
    const { store } = await open(t)
    const { pc } = await smallSite(store)
    await store.keepInventory(pc.id, inventory())
    t.deepEqual(await store.devices.get(pc.id), { ...pc, inventory: inventory() })
    const heard = async () => (await store.devices.get(pc.id))?.inventory?.heardAtMs
    await store.keepInventory(pc.id, inventory({ heardAtMs: startMs + 1_000 }))
    t.is(await heard(), startMs)
    await store.keepInventory(pc.id, inventory({ heardAtMs: startMs + 3_600_000 }))
    t.is(await heard(), startMs + 3_600_000)
    const edited = saved(await store.devices.replace(pc.id, device({ name: 'Renamed' }), pc.revision))
    t.is(edited.inventory?.model, '20XW')
    saved(await store.devices.remove(pc.id, undefined))
    await store.keepInventory(pc.id, inventory())
    t.is(await store.devices.get(pc.id), undefined)
  })

  test('S1-040, S1-047: it knows the run that goes on in the boot image, also after a restart of the server', async (t) => {
    const site = await open(t)
    const { id, deploymentId, lane } = await startedRun(site.store)
    const asking = client({ macAddress: mac(lane) })
    const report = async (store: Store, sequence: number, body: RunEventBody): Promise<DeploymentId | undefined> => {
      await store.addEvents(id, [event(sequence, body)], startMs)
      return (await store.about(asking)).runInBootImage
    }
    t.is((await site.store.about(asking)).runInBootImage, deploymentId)
    t.is((await site.store.about(client({ macAddress: mac('52:54:00:00:00:77') }))).runInBootImage, undefined)
    const store = await site.reopen()
    t.is((await store.about(asking)).runInBootImage, deploymentId)
    t.is(await report(store, 1, { kind: 'restarting', target: 'installed-system' }), undefined)
    t.is(await report(store, 2, { kind: 'restarting', target: 'boot-image' }), deploymentId)
    t.is(await report(store, 3, { kind: 'sequence-ended', outcome: { kind: 'succeeded' } }), undefined)
  })

  test('every edit of devices shows in the next answer, and the time in each', async (t) => {
    const { store, clock } = await open(t)
    const pc = saved(await store.devices.create(device()))
    const stranger = client({ macAddress: mac('52:54:00:00:00:77'), smbiosGuid: swapSmbiosGuid(someGuid) })
    const changes = watchAnswers(t, store)
    await changes(client(), 'device edited', () => store.devices.replace(pc.id, { ...pc, name: 'PC-9' }, undefined))
    const macAddresses = [mac('52:54:00:00:00:55')]
    await changes(stranger, 'device with its GUID created', () =>
      store.devices.create(device({ name: 'PC-2', macAddresses, smbiosGuid: someGuid })),
    )
    const created = (await store.about(stranger)).devices[0]
    await changes(stranger, 'device removed', () => store.devices.remove(created?.id ?? pc.id, undefined))
    const other = client({ macAddress: mac('52:54:00:00:00:78') })
    await changes(other, 'address given to a device', () =>
      store.devices.replace(pc.id, device({ macAddresses: [other.macAddress] }), undefined),
    )
    clock.nowMs += 1
    t.is((await store.about(other)).nowMs, clock.nowMs)
  })
}

/** An answer is the same until the edit, and another one afterwards. */
function watchAnswers(t: ExecutionContext, store: Store) {
  return async (asking: PxeClient, what: string, edit: () => Promise<unknown>): Promise<void> => {
    const before = await store.about(asking)
    t.deepEqual(await store.about(asking), before)
    await edit()
    t.notDeepEqual(await store.about(asking), before, what)
  }
}
