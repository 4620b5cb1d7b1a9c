/** What the machine knows of its own network: interfaces, and the kernel's neighbour table. */

import test from 'ava'
import type { NetworkInterfaceInfo } from 'node:os'
import { findNeighbour } from '../../server/listen/neighbour-table.ts'
import { findInterfaces } from '../../server/listen/network-interfaces.ts'
import { ip } from '../dhcp/dhcp-messages.ts'

const entry = (address: string, length: number, internal = false): NetworkInterfaceInfo => ({
  address,
  netmask: '255.255.255.0',
  family: 'IPv4',
  mac: internal ? '00:00:00:00:00:00' : '52:54:00:00:00:01',
  internal,
  cidr: `${address}/${length}`,
})
const system = {
  lo: [entry('127.0.0.1', 8, true)],
  eth0: [
    entry('192.0.2.7', 25),
    entry('198.51.100.1', 24),
    { ...entry('fe80::1', 64), family: 'IPv6' as const, scopeid: 1, cidr: 'fe80::1/64' },
  ],
  eth1: undefined,
}

test('every interface but loopback is ours to answer on, with each of its IPv4 addresses', (t) => {
  const { found, missing } = findInterfaces([], system)
  t.deepEqual(missing, [])
  t.deepEqual(
    found.map(({ name, address, subnet }) => `${name} ${address} ${subnet.network}/${subnet.prefixLength}`),
    ['eth0 192.0.2.7 192.0.2.0/25', 'eth0 198.51.100.1 198.51.100.0/24'],
  )
})

test('named interfaces are the only ones, loopback too when it is named, and one without IPv4 is missing', (t) => {
  const { found, missing } = findInterfaces(['lo', 'eth1', 'nosuch0'], system)
  t.deepEqual(
    found.map(({ name }) => name),
    ['lo'],
  )
  t.deepEqual(missing, ['eth1', 'nosuch0'])
})

const table = `IP address       HW type     Flags       HW address            Mask     Device
192.0.2.10       0x1         0x2         52:54:00:aa:bb:cc     *        eth0
192.0.2.1        0x1         0x0         00:00:00:00:00:00     *        eth0
`

for (const [address, expected] of [
  ['192.0.2.10', '52:54:00:aa:bb:cc'],
  ['192.0.2.1', undefined],
  ['192.0.2.100', undefined],
] as const) {
  test(`the neighbour at ${address} is ${expected ?? 'not known'}`, (t) => {
    t.is<string | undefined, string | undefined>(
      findNeighbour(ip(address), () => table),
      expected,
    )
  })
}
