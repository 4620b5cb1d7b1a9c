/**
 * The ways a real machine comes in: UEFI HTTP boot, beside another DHCP server, through a DHCP relay. One after the other:
 * servers of one network namespace share port 67, and what a relay sends to one address is heard by any one of them.
 */

import { join } from 'node:path'
import test from 'ava'
import { openLab, type Lab } from '../../scripts/lab/lab.ts'
import { addBridge, addHost, removeLink, runOn, startOn } from '../../scripts/lab/network.ts'
import { addRouter, startRelay } from '../../scripts/lab/router.ts'
import { deployRequired, readSequence } from '../../scripts/lab/site-setup.ts'
import { untilDone } from './until-done.ts'

const bootMs = 8 * 60_000

async function deployHello(lab: Lab, name: string, macAddress: string): Promise<void> {
  const sequence = await readSequence('hello', {})
  await deployRequired(lab.server, { name, macAddress, bootImageId: lab.bootImageId, sequence })
}

test.serial('H01, H04: a UEFI machine boots over HTTP, with no TFTP at all', async (t) => {
  const lab = await openLab({
    name: 'http',
    network: '10.77.30',
    flags: ['--dhcp', 'full', '--pool', '10.77.30.100-10.77.30.150', '--tftp-port', '0'],
  })
  t.teardown(() => lab.close())
  const macAddress = '52:54:00:04:00:01'
  await deployHello(lab, 'http-1', macAddress)
  const machine = await lab.startMachine({ name: 'http', macAddress, firmware: 'uefi-http' })
  const lane = await untilDone(t, lab, { machine, macAddress, timeoutMs: bootMs })
  t.is(lane.condition, 'succeeded', lane.text)
})

for (const firmware of ['bios', 'uefi'] as const) {
  test.serial(
    `R16, B01: a ${firmware} machine boots in proxy mode beside a dnsmasq that gives the addresses`,
    async (t) => {
      const network = firmware === 'bios' ? '10.77.31' : '10.77.32'
      const lab = await openLab({ name: `px${firmware}`, network, flags: ['--dhcp', 'proxy'] })
      t.teardown(() => lab.close())
      const site = await addHost(`dh${firmware}`, [{ bridge: lab.bridge, address: `${network}.2/24` }])
      t.teardown(() => site.stop())
      const dnsmasq = await startOn(site, 'dnsmasq', [
        '--no-daemon',
        '--port=0',
        '--conf-file=/dev/null',
        '--user=root',
        '--interface=eth0',
        '--bind-interfaces',
        `--dhcp-range=${network}.100,${network}.150,1h`,
        `--dhcp-leasefile=${join(lab.directory, 'dnsmasq.leases')}`,
      ])
      t.teardown(() => dnsmasq.stop())
      await dnsmasq.says(/DHCP, IP range/)
      const macAddress = firmware === 'bios' ? '52:54:00:04:00:02' : '52:54:00:04:00:03'
      await deployHello(lab, `proxy-${firmware}`, macAddress)
      const machine = await lab.startMachine({ name: `px${firmware}`, macAddress, firmware })
      const lane = await untilDone(t, lab, { machine, macAddress, timeoutMs: bootMs, between: dnsmasq })
      t.is(lane.condition, 'succeeded', lane.text)
    },
  )
}

test.serial('L01, L02: a machine behind a DHCP relay gets its address and boots', async (t) => {
  const lab = await openLab({
    name: 'relay',
    network: '10.77.33',
    flags: [
      '--dhcp',
      'full',
      '--pool',
      '10.77.34.100-10.77.34.150',
      '--subnet',
      '10.77.34.0/24',
      '--router',
      '10.77.34.2',
    ],
  })
  t.teardown(() => lab.close())
  const far = await addBridge('rv-far', [])
  t.teardown(() => removeLink(far.name))
  const router = await addRouter({
    near: { bridge: lab.bridge, address: '10.77.33.2/24' },
    far: { bridge: far, address: '10.77.34.2/24', network: '10.77.34.0/24' },
  })
  t.teardown(() => router.stop())
  const relay = await startRelay(router, ['10.77.33.1'])
  t.teardown(() => relay.stop())
  // From the address that the relay gives as its own: there and back there is a way.
  await runOn(
    router,
    'curl',
    '-sS',
    '--fail',
    '--max-time',
    '10',
    '--interface',
    '10.77.34.2',
    `${lab.server.url}/healthz`,
  )
  const macAddress = '52:54:00:04:00:04'
  await deployHello(lab, 'relayed-1', macAddress)
  const machine = await lab.startMachine({ name: 'relay', macAddress, firmware: 'bios', bridge: far })
  const lane = await untilDone(t, lab, { machine, macAddress, timeoutMs: bootMs, between: relay })
  t.is(lane.condition, 'succeeded', lane.text)
  t.regex(lane.ipAddress ?? '', /^10\.77\.34\./)
})
