/** What every store must do with the objects of the site. */

import test from 'ava'
import type { OpenSite } from './open-test-store.ts'
import {
  applyImage,
  bootImage,
  collection,
  deployment,
  device,
  deviceId,
  file,
  group,
  guid,
  mac,
  newRun,
  runId,
  operatingSystemImage,
  packageId,
  saved,
  smallSite,
  taskSequence,
} from './site-builders.ts'

export function objectSuite(open: OpenSite): void {
  test('a new site has All Systems and All Unknown Computers, and no identifier is given twice', async (t) => {
    const { store, reopen } = await open(t)
    const builtIn = await store.collections.list()
    t.deepEqual(
      builtIn.map(({ id, name, kind }) => `${id} ${name} ${kind}`),
      ['RVL10001 All Systems all-systems', 'RVL10002 All Unknown Computers all-unknown-computers'],
    )
    const { image, sequence, pc, lab } = await smallSite(store)
    const deployed = saved(await store.deployments.create(deployment(sequence.id, lab.id)))
    t.deepEqual([image.id, sequence.id, pc.id, lab.id, deployed.id] as string[], [
      'RVL00001',
      'RVL00002',
      '16777217',
      'RVL10003',
      'RVL20001',
    ])
    saved(await store.deployments.remove(deployed.id, undefined))
    t.is((await store.deployments.create(deployment(packageId('RVL0FFFF'), lab.id))).kind, 'refused')
    const again = await reopen()
    const next = saved(await again.deployments.create(deployment(sequence.id, lab.id)))
    t.is(String(next.id), 'RVL20002')
  })

  test('objects come back as they were given, after a restart too', async (t) => {
    const { store, reopen, clock } = await open(t)
    const draft = device({
      macAddresses: [mac('52:54:00:00:00:09'), mac('52:54:00:00:00:02')],
      smbiosGuid: guid('00112233-4455-6677-8899-aabbccddeeff'),
      serialNumber: 'S/N "1"; drop table devices',
      variables: [{ name: 'OSDComputerName', value: 'süd-1', secret: true }],
    })
    const pc = saved(await store.devices.create(draft))
    t.like(pc, { ...draft, revision: 1, createdAtMs: clock.nowMs, requiredPxeMarks: [] })
    const image = saved(await store.operatingSystemImages.create(operatingSystemImage()))
    const boot = saved(await store.bootImages.create(bootImage({ enabledForPxe: false })))
    const sequence = saved(
      await store.taskSequences.create(
        taskSequence({ bootImageId: boot.id, children: [group([applyImage(image.id)])] }),
      ),
    )
    const lab = saved(await store.collections.create(collection({ directMembers: [pc.id] })))
    const deployed = saved(
      await store.deployments.create(
        deployment(sequence.id, lab.id, {
          enabled: false,
          expiresAtMs: clock.nowMs + 1,
          obeyScheduleInBootImage: true,
        }),
      ),
    )
    const again = await reopen()
    t.deepEqual(await again.devices.list(), [pc])
    t.deepEqual(await again.devices.get(pc.id), pc)
    t.deepEqual(await again.operatingSystemImages.list(), [image])
    t.deepEqual(await again.bootImages.list(), [boot])
    t.deepEqual(await again.taskSequences.list(), [sequence])
    t.deepEqual(await again.collections.get(lab.id), lab)
    t.deepEqual(await again.deployments.list(), [deployed])
    t.is(await again.devices.get(deviceId('1')), undefined)
  })

  test('each edit grows the revision, and an edit made on an older one is handed back', async (t) => {
    const { store } = await open(t)
    const first = saved(await store.devices.create(device()))
    const second = saved(await store.devices.replace(first.id, device({ name: 'PC-2' }), first.revision))
    t.like(second, { name: 'PC-2', revision: 2, createdAtMs: first.createdAtMs })
    const late = await store.devices.replace(first.id, device({ name: 'PC-3' }), first.revision)
    t.deepEqual(late, { kind: 'revision-mismatch', current: second })
    t.deepEqual(await store.devices.remove(first.id, 1), { kind: 'revision-mismatch', current: second })
    const forced = saved(await store.devices.replace(first.id, device({ name: 'PC-3' }), undefined))
    t.is(forced.revision, 3)
    t.deepEqual(saved(await store.devices.remove(first.id, 3)), forced)
    t.deepEqual(await store.devices.remove(first.id, 3), { kind: 'not-found' })
    t.deepEqual(await store.devices.replace(first.id, device(), undefined), { kind: 'not-found' })
  })

  test('a MAC address belongs to one device, and the refusal names it', async (t) => {
    const { store } = await open(t)
    const first = saved(await store.devices.create(device()))
    const other = device({ name: 'PC-2', macAddresses: [mac('52:54:00:00:00:02'), mac('52:54:00:00:00:01')] })
    const reason = `MAC address 52:54:00:00:00:01 belongs to PC-1 (${first.id})`
    t.deepEqual(await store.devices.create(other), { kind: 'refused', reason })
    const twice = device({ name: 'PC-2', macAddresses: [mac('52:54:00:00:00:02'), mac('52:54:00:00:00:02')] })
    t.is((await store.devices.create(twice)).kind, 'refused')
    saved(await store.devices.replace(first.id, device({ macAddresses: [] }), undefined))
    saved(await store.devices.create(other))
  })

  test('names are unique without regard to case, each within its kind', async (t) => {
    const { store } = await open(t)
    const pc = saved(await store.devices.create(device({ name: 'Straße' })))
    const refusedName = await store.devices.create(device({ name: 'STRAßE', macAddresses: [] }))
    t.deepEqual(refusedName, { kind: 'refused', reason: `the name "STRAßE" is taken by Straße (${pc.id})` })
    saved(await store.devices.replace(pc.id, device({ name: 'STRAßE' }), undefined))
    saved(await store.collections.create(collection({ name: 'Straße' })))
    t.is((await store.collections.create(collection({ name: 'all systems' }))).kind, 'refused')
    saved(await store.taskSequences.create(taskSequence()))
    t.is((await store.taskSequences.create(taskSequence({ name: 'install debian' }))).kind, 'refused')
    t.is((await store.devices.create(device({ name: ' ', macAddresses: [] }))).kind, 'refused')
  })

  test('what is in use is not removed, and the refusal names the users', async (t) => {
    const { store } = await open(t)
    const os = saved(await store.operatingSystemImages.create(operatingSystemImage()))
    const image = saved(await store.bootImages.create(bootImage()))
    const sequence = saved(
      await store.taskSequences.create(taskSequence({ bootImageId: image.id, children: [group([applyImage(os.id)])] })),
    )
    const lab = saved(await store.collections.create(collection()))
    const first = saved(await store.deployments.create(deployment(sequence.id, lab.id)))
    const second = saved(await store.deployments.create(deployment(sequence.id, lab.id)))
    const user = { kind: 'refused', reason: `task sequence Install Debian (${sequence.id}) uses it` } as const
    t.deepEqual(await store.operatingSystemImages.remove(os.id, undefined), user)
    t.deepEqual(await store.bootImages.remove(image.id, undefined), user)
    const users = { kind: 'refused', reason: `deployments ${first.id} and ${second.id} use it` } as const
    t.deepEqual(await store.collections.remove(lab.id, undefined), users)
    t.deepEqual(await store.taskSequences.remove(sequence.id, undefined), users)
    for (const { id } of [first, second]) saved(await store.deployments.remove(id, undefined))
    saved(await store.collections.remove(lab.id, undefined))
    saved(await store.taskSequences.remove(sequence.id, undefined))
    saved(await store.operatingSystemImages.remove(os.id, undefined))
    saved(await store.bootImages.remove(image.id, undefined))
    t.deepEqual(await store.bootImages.list(), [])
  })

  test('a reference to something that does not exist is refused', async (t) => {
    const { store } = await open(t)
    const { sequence, lab } = await smallSite(store)
    t.deepEqual(await store.deployments.create(deployment(packageId('RVL0FFFF'), lab.id)), {
      kind: 'refused',
      reason: 'task sequence RVL0FFFF does not exist',
    })
    saved(await store.collections.remove(lab.id, undefined))
    t.is((await store.deployments.create(deployment(sequence.id, lab.id))).kind, 'refused')
    t.is(
      (await store.taskSequences.create(taskSequence({ name: 'B', bootImageId: packageId('RVL0FFFF') }))).kind,
      'refused',
    )
    t.is((await store.collections.create(collection({ directMembers: [deviceId('5')] }))).kind, 'refused')
  })

  test('S9-006: built-in collections keep their members, name and kind; their variables are edited', async (t) => {
    const { store } = await open(t)
    const { pc } = await smallSite(store)
    const [allSystems] = await store.collections.list()
    t.truthy(allSystems)
    if (allSystems === undefined) return
    const edit = (fields: object) => store.collections.replace(allSystems.id, { ...allSystems, ...fields }, undefined)
    t.like(await edit({ directMembers: [pc.id] }), {
      kind: 'refused',
      reason: 'All Systems is built in: its members cannot be changed',
    })
    t.is((await edit({ name: 'Everything' })).kind, 'refused')
    t.is((await edit({ kind: 'user' })).kind, 'refused')
    t.deepEqual(await store.collections.remove(allSystems.id, undefined), {
      kind: 'refused',
      reason: 'All Systems is built in',
    })
    t.is((await store.collections.create(collection({ kind: 'all-systems' }))).kind, 'refused')
    const variables = [{ name: 'TimeZone', value: 'Europe/Berlin', secret: false }]
    t.deepEqual(saved(await edit({ variables })).variables, variables)
  })

  test('a removed device leaves its collections', async (t) => {
    const { store } = await open(t)
    const { pc, lab } = await smallSite(store)
    saved(await store.devices.remove(pc.id, undefined))
    t.like(await store.collections.get(lab.id), { directMembers: [], revision: lab.revision + 1 })
  })

  test('content gets versions that count from 1 and never change; the newest is shown', async (t) => {
    const { store, reopen } = await open(t)
    const image = saved(await store.bootImages.create(bootImage()))
    t.deepEqual(saved(await store.addContent(image.id, [file('vmlinuz')])), { version: 1 })
    t.deepEqual(saved(await store.addContent(image.id, [file('vmlinuz', 'b'), file('initrd.img')])), { version: 2 })
    t.is((await store.addContent(image.id, [file('a'), file('a')])).kind, 'refused')
    t.deepEqual(await store.addContent(packageId('RVL0FFFF'), [file('a')]), { kind: 'not-found' })
    const again = await reopen()
    t.deepEqual(await again.bootImageFiles(image.id, 1), [file('vmlinuz')])
    t.is(await again.bootImageFiles(image.id, 3), undefined)
    t.deepEqual(await again.bootImageFiles(image.id, 1), [file('vmlinuz')])
    const shown = await again.bootImages.get(image.id)
    t.like(shown, { revision: 3, content: { contentId: image.id, version: 2 } })
    t.is(saved(await again.bootImages.replace(image.id, bootImage({ name: 'New' }), 3)).content?.version, 2)
  })

  test('A03: what is for running task sequences only is not among what everybody may read', async (t) => {
    const { store } = await open(t)
    const image = saved(await store.operatingSystemImages.create(operatingSystemImage()))
    t.deepEqual(saved(await store.addContent(image.id, [file('root.tar.zst')])), { version: 1 })
    t.is(await store.bootImageFiles(image.id, 1), undefined)
  })

  test('what was told of a boot image is forgotten when the image goes', async (t) => {
    const { store } = await open(t)
    const image = saved(await store.bootImages.create(bootImage()))
    saved(await store.addContent(image.id, [file('vmlinuz')]))
    t.deepEqual(await store.bootImageFiles(image.id, 1), [file('vmlinuz')])
    saved(await store.bootImages.remove(image.id, undefined))
    t.is(await store.bootImageFiles(image.id, 1), undefined)
  })

  test('S6-027: marks of required deployments are cleared one by one or all together', async (t) => {
    const { store } = await open(t)
    const { sequence, pc, lab } = await smallSite(store)
    const required = deployment(sequence.id, lab.id, { purpose: 'required' })
    const first = saved(await store.deployments.create(required))
    const second = saved(await store.deployments.create(required))
    for (const deploymentId of [first.id, second.id]) {
      await store.startRun(newRun({ ...tokensOf(deploymentId), deviceId: pc.id, deploymentId, required: true }))
    }
    const marked = await store.devices.get(pc.id)
    t.deepEqual(
      marked?.requiredPxeMarks.map((mark) => mark.deploymentId),
      [first.id, second.id],
    )
    t.is(saved(await store.devices.replace(pc.id, device({ name: 'X' }), undefined)).requiredPxeMarks.length, 2)
    const cleared = saved(await store.clearRequiredPxeDeployments(pc.id, first.id))
    t.deepEqual(
      cleared.requiredPxeMarks.map((mark) => mark.deploymentId),
      [second.id],
    )
    t.deepEqual(await store.devices.get(pc.id), cleared)
    t.deepEqual(saved(await store.clearRequiredPxeDeployments(pc.id)).requiredPxeMarks, [])
    t.deepEqual(await store.clearRequiredPxeDeployments(deviceId('1')), { kind: 'not-found' })
  })
}

function tokensOf(id: string) {
  const digit = id.slice(-1)
  return { id: runId(digit), token: digit.repeat(64), ticket: `f${digit.repeat(63)}` }
}
