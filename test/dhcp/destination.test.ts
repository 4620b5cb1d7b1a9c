/** To whom replies go, and which messages are for us: RFC 2131 section 4.1, peers.md sections 6.3 and 6.4. */

import test from 'ava'
import { destinationOf, type Arrival, type Destination } from '../../server/dhcp/destination.ts'
import { routeOf } from '../../server/dhcp/route.ts'
import type { DhcpPacket } from '../../server/wire/dhcp-packet.ts'
import { client, ip, message, pxeMessage } from './dhcp-messages.ts'

const onPort67: Arrival = { port: 67, sourceAddress: ip('0.0.0.0'), sourcePort: 68 }
const capable: Arrival = { ...onPort67, canReachUnconfigured: true }
const offer = (fields: Partial<DhcpPacket> = {}) =>
  message({ type: 'DHCPOFFER', fields: { op: 2, yiaddr: ip('10.0.0.50'), ...fields } })
const nak = message({ type: 'DHCPNAK', fields: { op: 2 } })
const everyone: Destination = { address: ip('255.255.255.255'), port: 68, broadcast: true }
const to = (address: string, port: number): Destination => ({ address: ip(address), port, broadcast: false })

const goes = test.macro((t, request: DhcpPacket, reply: DhcpPacket, arrival: Arrival, expected: Destination) => {
  t.deepEqual(destinationOf(request, reply, arrival), expected)
})

const relayed = message({ fields: { giaddr: ip('10.9.0.1'), ciaddr: ip('10.9.0.5') } })
test('D4-03, L01: through the relay, to its port 67', goes, relayed, offer(), capable, to('10.9.0.1', 67))
test('D4-04: a NAK through the relay', goes, relayed, nak, capable, to('10.9.0.1', 67))
const configured = message({ fields: { ciaddr: ip('10.0.0.9') } })
test('D4-03, L05: to the address that the client has', goes, configured, offer(), capable, to('10.0.0.9', 68))
test('D4-04: a NAK without a relay to everyone', goes, configured, nak, capable, everyone)
const flagged = offer({ flags: 0x8000 })
test('D4-03, R14: to everyone when the client asks for it', goes, message(), flagged, capable, everyone)
test('D4-03: to the new address when that can be reached', goes, message(), offer(), capable, to('10.0.0.50', 68))
test('D4-03: to everyone when it cannot', goes, message(), offer(), onPort67, everyone)
test('R14: a proxy offer to everyone', goes, message(), offer({ yiaddr: ip('0.0.0.0') }), capable, everyone)

for (const sourcePort of [68, 4011]) {
  const arrival: Arrival = { port: 4011, sourceAddress: ip('10.0.0.9'), sourcePort }
  const expected = to('10.0.0.9', sourcePort)
  test(`B01: port 4011 answers to source port ${sourcePort}`, goes, configured, offer(), arrival, expected)
}

const nameless: Arrival = { port: 4011, sourceAddress: ip('0.0.0.0'), sourcePort: 68 }
test('B01: without a source address, to ciaddr', goes, configured, offer(), nameless, to('10.0.0.9', 68))
test('B01: without any address, to everyone', goes, message(), offer(), nameless, everyone)

test('PX-03, R16: in proxy mode a REQUEST on port 67 is for the other server', (t) => {
  for (const type of ['DHCPREQUEST', 'DHCPRELEASE', 'DHCPDECLINE'] as const) {
    t.is(routeOf(client(pxeMessage({ type })), 'proxy').kind, 'silent')
  }
  t.deepEqual(routeOf(client(pxeMessage()), 'proxy'), { kind: 'boot-only', answer: 'proxy-offer' })
  t.deepEqual(routeOf(client(pxeMessage({ type: 'DHCPINFORM' })), 'proxy'), { kind: 'boot-only', answer: 'proxy-ack' })
})

test('PX-01, D17: in proxy mode an ordinary client hears nothing', (t) => {
  t.is(routeOf(client(message()), 'proxy').kind, 'silent')
})

test('PX-12: in full mode port 67 has one answer, from the pool', (t) => {
  t.deepEqual(routeOf(client(pxeMessage()), 'full'), { kind: 'address-pool' })
  t.deepEqual(routeOf(client(message()), 'full'), { kind: 'address-pool' })
})

test('B05: with DHCP off only port 4011 is answered', (t) => {
  t.is(routeOf(client(pxeMessage()), 'off').kind, 'silent')
  for (const mode of ['off', 'proxy', 'full'] as const) {
    const request = client(pxeMessage({ type: 'DHCPREQUEST' }), 4011)
    t.deepEqual(routeOf(request, mode), { kind: 'boot-only', answer: 'proxy-ack' })
  }
})
