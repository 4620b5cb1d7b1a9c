/**
 * A second opinion on the codec: the packet parser of npm's `dhcp`, written by others. It cannot read pad octets and
 * knows no PXE options, so the comparison is over what both know.
 */

import { createRequire } from 'node:module'
import test from 'ava'
import * as fc from 'fast-check'
import { ipv4FromNumber } from '../../server/address/ipv4-address.ts'
import { encodeText } from '../../server/wire/ascii.ts'
import { OptionCode } from '../../server/wire/dhcp-option-code.ts'
import { encodeAddresses, encodeUint32 } from '../../server/wire/dhcp-option-values.ts'
import { decodeDhcpPacket, encodeDhcpPacket } from '../../server/wire/dhcp-packet.ts'
import { message, octets } from '../dhcp/dhcp-messages.ts'

interface PeerPacket {
  op: number
  htype: number
  hlen: number
  hops: number
  xid: number
  secs: number
  flags: number
  ciaddr: string
  yiaddr: string
  siaddr: string
  giaddr: string
  chaddr: string
  sname: string
  file: string
  options: Record<number, unknown>
}

interface Peer {
  parse(bytes: Buffer): PeerPacket
  format(packet: PeerPacket): { _data: Buffer; _w: number }
}

const peer = createRequire(import.meta.url)('dhcp/lib/protocol.js') as Peer

const text = fc.stringMatching(/^[a-z0-9/.-]{1,60}$/)
const address = fc.integer({ min: 1, max: 0xfffffffe }).map(ipv4FromNumber)
const contents = fc.record({
  xid: fc.nat(0x7fffffff),
  yiaddr: address,
  server: address,
  leaseSeconds: fc.nat(0x7fffffff),
  file: text,
  name: text,
})

test('ours is read by theirs', (t) => {
  fc.assert(
    fc.property(contents, ({ xid, yiaddr, server, leaseSeconds, file, name }) => {
      const packet = message({
        type: 'DHCPOFFER',
        fields: { op: 2, xid, yiaddr, siaddr: server, flags: 0x8000, file },
        options: [
          [OptionCode.serverIdentifier, encodeAddresses([server])],
          [OptionCode.leaseTime, encodeUint32(leaseSeconds)],
          [OptionCode.domainNameServer, encodeAddresses([server, yiaddr])],
          [OptionCode.vendorClass, encodeText('PXEClient')],
          [OptionCode.tftpServerName, encodeText(name)],
          [OptionCode.bootFileName, encodeText(file)],
        ],
      })
      const theirs = peer.parse(Buffer.from(encodeDhcpPacket(packet)))
      t.is(theirs.op, 2)
      t.is(theirs.xid, xid)
      t.is(theirs.flags, 0x8000)
      t.is(theirs.yiaddr, yiaddr)
      t.is(theirs.siaddr, server)
      t.is(theirs.file, file)
      t.is(theirs.chaddr.toLowerCase().replaceAll('-', ':'), '52:54:00:12:34:56')
      t.is(theirs.options[53], 2)
      t.is(theirs.options[54], server)
      t.is(theirs.options[51], leaseSeconds)
      t.deepEqual(theirs.options[6], [server, yiaddr])
      t.is(theirs.options[60], 'PXEClient')
      t.is(theirs.options[66], name)
      t.is(theirs.options[67], file)
    }),
    { numRuns: 50 },
  )
})

test('theirs is read by ours', (t) => {
  fc.assert(
    fc.property(contents, ({ xid, yiaddr, server, leaseSeconds, file, name }) => {
      const formatted = peer.format({
        op: 2,
        htype: 1,
        hlen: 6,
        hops: 1,
        xid,
        secs: 3,
        flags: 0,
        ciaddr: '0.0.0.0',
        yiaddr,
        siaddr: server,
        giaddr: '0.0.0.0',
        chaddr: '52-54-00-12-34-56',
        sname: '',
        file,
        options: { 51: leaseSeconds, 53: 5, 54: server, 66: name, 67: file },
      })
      const ours = decodeDhcpPacket(Uint8Array.from(formatted._data.subarray(0, formatted._w)))
      t.is(ours.xid, xid)
      t.is(ours.hops, 1)
      t.is(ours.secs, 3)
      t.is(ours.yiaddr, yiaddr)
      t.is(ours.siaddr, server)
      t.is(ours.file, file)
      t.deepEqual(ours.chaddr, octets('525400123456'))
      t.deepEqual(ours.options.get(53), Uint8Array.of(5))
      t.deepEqual(ours.options.get(51), encodeUint32(leaseSeconds))
      t.deepEqual(ours.options.get(54), encodeAddresses([server]))
      t.deepEqual(ours.options.get(66), encodeText(name))
    }),
    { numRuns: 50 },
  )
})
