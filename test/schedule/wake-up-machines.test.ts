/** Who is woken when: the real store, and a list in place of the network. */

import test from 'ava'
import type { CollectionId, DeviceId } from '../../server/address/identifiers.ts'
import { wakeUpMachines } from '../../server/schedule/wake-up-machines.ts'
import type { SleepingMachine } from '../../server/site/sleeping-machine.ts'
import { openSqliteSite, startMs } from '../store/open-test-store.ts'
import {
  bootImage,
  collection,
  deployment,
  device,
  inventory,
  mac,
  newRun,
  saved,
  taskSequence,
} from '../store/site-builders.ts'

const hour = 3_600_000
type Site = Awaited<ReturnType<typeof openSqliteSite>>

async function addSite({ store }: Site, macs: readonly string[]) {
  const devices: DeviceId[] = []
  for (const [index, address] of macs.entries()) {
    const draft = device({ name: `PC-${index}`, macAddresses: [mac(address)] })
    devices.push(saved(await store.devices.create(draft)).id)
  }
  const lab = saved(await store.collections.create(collection({ directMembers: devices })))
  const image = saved(await store.bootImages.create(bootImage()))
  const sequence = saved(await store.taskSequences.create(taskSequence({ bootImageId: image.id, children: [] })))
  const deploy = async (collectionId: CollectionId, fields = {}) =>
    saved(
      await store.deployments.create(
        deployment(sequence.id, collectionId, { purpose: 'required', sendWakeUpPackets: true, ...fields }),
      ),
    )
  return { devices, lab, deploy }
}

function jobOf({ store }: Site, sent: SleepingMachine[] = []) {
  return { sent, job: wakeUpMachines(store, async (machines) => sent.push(...machines)) }
}

test('S5-016: machines of a required deployment are woken when it is due, once, and not those on which it has started', async (t) => {
  const site = await openSqliteSite(t)
  const { devices, lab, deploy } = await addSite(site, ['52:54:00:00:00:01', '52:54:00:00:00:02'])
  const { id } = await deploy(lab.id, { availableAtMs: startMs + hour })
  const [first] = devices
  if (first === undefined) return t.fail('there are two')
  await site.store.keepInventory(first, inventory({ ipAddress: '172.16.1.5', ipv4Networks: ['172.16.1.5/24'] }))
  const { sent, job } = jobOf(site)
  t.deepEqual(await job.run(startMs), {}, 'it is not due')
  site.clock.nowMs = startMs + hour
  t.like(await job.run(site.clock.nowMs), { fields: { deployments: [id] } })
  t.deepEqual(sent, [
    { macAddresses: [mac('52:54:00:00:00:01')], ipAddress: '172.16.1.5', ipv4Networks: ['172.16.1.5/24'] },
    { macAddresses: [mac('52:54:00:00:00:02')] },
  ])
  t.deepEqual(await job.run(site.clock.nowMs + 60_000), {}, 'nobody is woken twice')

  const other = await deploy(lab.id)
  const start = newRun()
  await site.store.startRun({
    ...start,
    required: true,
    run: { ...start.run, deploymentId: other.id, deviceId: first },
  })
  sent.length = 0
  await job.run(site.clock.nowMs + 120_000)
  t.deepEqual(sent, [{ macAddresses: [mac('52:54:00:00:00:02')] }])
  return undefined
})

test('S5-016: what was noted outlasts a restart, and what fell into the server’s absence is made up for', async (t) => {
  const site = await openSqliteSite(t)
  const { lab, deploy } = await addSite(site, ['52:54:00:00:00:01'])
  await deploy(lab.id, { availableAtMs: startMs + hour })
  const first = jobOf(site)
  const store = await site.reopen()
  site.clock.nowMs = startMs + 30 * hour
  const again = { ...site, store }
  const second = jobOf(again)
  await second.job.run(site.clock.nowMs)
  t.deepEqual([first.sent.length, second.sent.length], [0, 1])
  const third = { ...site, store: await site.reopen() }
  const { sent, job } = jobOf(third)
  t.deepEqual(await job.run(site.clock.nowMs + hour), {})
  t.deepEqual(sent, [])
})

test('S5-016: packets that could not be sent are sent at the next turn', async (t) => {
  const site = await openSqliteSite(t)
  const { lab, deploy } = await addSite(site, ['52:54:00:00:00:01'])
  await deploy(lab.id)
  const failing = wakeUpMachines(site.store, async () => Promise.reject(new Error('the network is away')))
  await t.throwsAsync(failing.run(startMs))
  const { sent, job } = jobOf(site)
  await job.run(startMs)
  t.is(sent.length, 1)
})
