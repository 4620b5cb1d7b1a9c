/** ARP as the probe of addresses uses it (RFC 826, RFC 5227). */

import test from 'ava'
import { parseMacAddress } from '../../server/address/mac-address.ts'
import { assert } from '../../server/assert.ts'
import { decodeArpSender, encodeArpProbe } from '../../server/wire/arp-packet.ts'
import { ip, octets } from '../dhcp/dhcp-messages.ts'

const mac = parseMacAddress('52:54:00:12:34:56')
assert(mac !== undefined, 'a MAC address')

test('D4-11: a probe asks for an address and claims none (RFC 5227 section 2.1.1)', (t) => {
  const expected = '0001 0800 06 04 0001  525400123456 00000000  000000000000 c0000209'
  t.deepEqual(encodeArpProbe(ip('192.0.2.9'), mac), octets(expected))
})

test('a reply tells who has which address, with or without padding behind it', (t) => {
  const reply = '0001 0800 06 04 0002  525400123456 c0000209  525400000001 c0000201'
  for (const padding of ['', '000000000000000000000000000000000000']) {
    t.deepEqual(decodeArpSender(octets(reply + padding)), { macAddress: mac, address: ip('192.0.2.9') })
  }
})

for (const [what, packet] of [
  ['a short packet', '0001 0800 06 04 0002 525400123456'],
  ['another hardware', '0006 0800 06 04 0002  525400123456 c0000209  525400000001 c0000201'],
  ['another protocol', '0001 86dd 06 04 0002  525400123456 c0000209  525400000001 c0000201'],
  ['other lengths', '0001 0800 08 04 0002  525400123456 c0000209  525400000001 c0000201'],
] as const) {
  test(`${what} tells nothing`, (t) => t.is(decodeArpSender(octets(packet)), undefined))
}
