/** The packet that wakes a machine, octet by octet. */

import test from 'ava'
import { encodeMagicPacket, magicPacketBytes } from '../../server/wire/magic-packet.ts'
import { mac } from '../support/boot-fixtures.ts'

test('S5-016: a wake-up packet is six octets of ones and the address sixteen times', (t) => {
  const octets = Buffer.from(encodeMagicPacket(mac('52:54:00:12:34:56')))
  t.is(octets.length, magicPacketBytes)
  t.is(octets.toString('hex'), `ffffffffffff${'525400123456'.repeat(16)}`)
})
