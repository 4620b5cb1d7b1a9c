/** What a client on another network than the site's own may start (S5-028). */

import test from 'ava'
import { parseIpv4Subnet } from '../../server/address/ipv4-address.ts'
import { nothingGuarded } from '../../server/site/start-guard.ts'
import type { Situation } from '../../server/targeting/eligible-deployments.ts'
import { selectForMachine } from '../../server/targeting/select-for-machine.ts'
import { candidate, now, required } from '../support/boot-fixtures.ts'

const intranet = ['10.0.0.0/8', '192.168.7.0/24'].flatMap((text) => parseIpv4Subnet(text) ?? [])

const told = (ipAddress: string, change: object = {}, where: Partial<Situation> = {}) => {
  const situation = { variables: [], marks: [], nowMs: now, guard: nothingGuarded, network: { ipAddress, intranet } }
  const selection = selectForMachine([candidate('RVL20003', change)], { ...situation, door: 'client', ...where })
  return selection.kind === 'nothing' ? selection.rejected.map(({ reason }) => reason).join() : selection.kind
}
const elsewhere = (ipAddress: string) =>
  `its client is at ${ipAddress}, which is none of the site’s own networks, and internet clients are not allowed`

for (const [ipAddress, expected] of [
  ['10.255.0.1', 'start'],
  ['192.168.7.255', 'start'],
  ['127.0.0.1', 'start'],
  ['192.168.8.0', elsewhere('192.168.8.0')],
  ['203.0.113.5', elsewhere('203.0.113.5')],
  ['2001:db8::5', elsewhere('2001:db8::5')],
] as const) {
  test(`S5-028: a client at ${ipAddress}`, (t) => {
    t.is(told(ipAddress, required), expected)
  })
}

test('S5-028: what is for internet clients starts everywhere; an available one is asked the same', (t) => {
  t.is(told('203.0.113.5', { ...required, allowInternetClients: true }), 'start')
  t.is(told('203.0.113.5', { allowInternetClients: true }), 'choose')
  t.is(told('203.0.113.5'), elsewhere('203.0.113.5'))
})

test('S5-028: a boot image is never asked, nor is anybody where every network is the site’s own', (t) => {
  t.is(told('203.0.113.5', required, { door: 'pxe' }), 'start')
  t.is(told('203.0.113.5', required, { network: { ipAddress: '203.0.113.5', intranet: [] } }), 'start')
})
