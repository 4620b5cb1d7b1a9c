/** Wake-up packets as they are seen on the wire: on our own network, and behind a router that passes directed broadcasts on. */

import test from 'ava'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseMacAddress } from '../../../server/address/mac-address.ts'
import { assert } from '../../../server/assert.ts'
import { openWakeUpSender } from '../../../server/listen/wake-up-sender.ts'
import { startCapture } from '../../../scripts/lab/capture.ts'
import { addBridge, addHost, assertPrivateNetwork, removeLink, runOn } from '../../../scripts/lab/network.ts'
import { addRouter } from '../../../scripts/lab/router.ts'

await assertPrivateNetwork()
const directory = await mkdtemp(join(tmpdir(), 'reveille-wake-'))
const core = await addBridge('rv-wcore', ['10.84.0.1/24'])
const edge = await addBridge('rv-wedge', [])
const router = await addRouter({
  near: { bridge: core, address: '10.84.0.2/24' },
  far: { bridge: edge, address: '10.84.1.1/24', network: '10.84.1.0/24' },
})
// What an administrator of the router allows for the site's server alone (Linux: bc_forwarding).
await runOn(
  router,
  'sh',
  '-c',
  'for card in all eth0 eth1; do echo 1 > /proc/sys/net/ipv4/conf/$card/bc_forwarding; done',
)
const sleeper = await addHost('asleep', [{ bridge: edge }])

test.after.always(async () => {
  await router.stop()
  await sleeper.stop()
  await removeLink(core.name)
  await removeLink(edge.name)
  await rm(directory, { recursive: true })
})

const macAddress = parseMacAddress('52:54:00:84:00:20')
assert(macAddress !== undefined, 'it has twelve digits')
const sixteenTimes = Array.from({ length: 16 }, () => macAddress).join()

test.serial(
  'S5-016: a wake-up packet is heard by everybody on our network and, behind a router, on the machine’s own',
  async (t) => {
    const here = await startCapture(core.name, join(directory, 'here.pcapng'), 'udp port 9')
    t.teardown(() => here.stop())
    const there = await startCapture(edge.name, join(directory, 'there.pcapng'), 'udp port 9')
    t.teardown(() => there.stop())
    const outcomes: string[] = []
    const sender = await openWakeUpSender({ interfaces: [core.name], port: 9, count: (one) => outcomes.push(one) })
    t.teardown(() => sender.close())
    const destinations = await sender.wake([
      { macAddresses: [macAddress], ipAddress: '10.84.1.20', ipv4Networks: ['10.84.1.20/24'] },
    ])
    t.deepEqual([...destinations].map(String), ['10.84.0.255', '10.84.1.20', '10.84.1.255'])
    t.deepEqual(new Set(outcomes), new Set(['sent']))
    // Three rounds; nobody answers for the address of a machine that sleeps, so only broadcasts arrive on its network.
    await here.complete(6)
    await there.complete(3)
    const fields = ['eth.dst', 'ip.dst', 'udp.dstport', 'wol.mac']
    const [packet, ...others] = await here.read('wol && ip.dst == 10.84.0.255', fields)
    t.is(packet, `ff:ff:ff:ff:ff:ff\t10.84.0.255\t9\t${sixteenTimes}`)
    t.is(others.length, 2)
    const far = await there.read('wol', fields)
    t.deepEqual(
      far,
      Array.from({ length: 3 }, () => `ff:ff:ff:ff:ff:ff\t10.84.1.255\t9\t${sixteenTimes}`),
    )
  },
)
