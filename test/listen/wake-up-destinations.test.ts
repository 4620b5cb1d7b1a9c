/** Where the packets that wake a machine go, by where it was heard last. */

import test from 'ava'
import { parseIpv4Subnet } from '../../server/address/ipv4-address.ts'
import { assert } from '../../server/assert.ts'
import { wakeUpDestinations } from '../../server/listen/wake-up-destinations.ts'

const subnet = (text: string) => {
  const parsed = parseIpv4Subnet(text)
  assert(parsed !== undefined, `${text} is a subnet`)
  return parsed
}
const own = [subnet('10.1.0.0/16'), subnet('192.168.5.0/24'), subnet('10.9.9.9/32')]
const everybodyHere = ['10.1.255.255', '192.168.5.255']

const to = (heard: Parameters<typeof wakeUpDestinations>[0]): readonly string[] => wakeUpDestinations(heard, own)

test('S5-016: a machine that was never heard, or in a network of ours, is woken by everybody’s address there', (t) => {
  t.deepEqual(to({}), everybodyHere)
  t.deepEqual(to({ ipAddress: '10.1.2.3', ipv4Networks: ['10.1.2.3/16'] }), everybodyHere)
  t.deepEqual(to({ ipAddress: 'fe80::1' }), everybodyHere)
})

test('S5-016: one behind a router is woken by its own address and its subnet’s, as its agent told it', (t) => {
  const heard = { ipAddress: '172.16.8.20', ipv4Networks: ['192.168.99.4/24', '172.16.8.20/22'] }
  t.deepEqual(to(heard), [...everybodyHere, '172.16.8.20', '172.16.11.255'])
  t.deepEqual(to({ ipAddress: '172.16.8.20' }), [...everybodyHere, '172.16.8.20'])
})

test('a machine cannot have packets sent to half of the world, or to a network it did not speak from', (t) => {
  const unicast = [...everybodyHere, '172.16.8.20']
  for (const network of ['172.16.8.20/1', '172.16.8.20/15', '172.16.8.20/31', '172.16.8.20/x', '203.0.113.1/24', '']) {
    t.deepEqual(to({ ipAddress: '172.16.8.20', ipv4Networks: [network] }), unicast, network)
  }
})
