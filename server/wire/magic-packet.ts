/**
 * The packet that wakes a machine: six octets of ones, then its MAC address sixteen times (AMD, Magic Packet Technology,
 * publication 20213). A sleeping card looks for that pattern anywhere in a frame, so it travels in UDP.
 */

import { encodeMacAddress, type MacAddress } from '../address/mac-address.ts'
import { ByteWriter } from './byte-writer.ts'

const repetitions = 16
export const magicPacketBytes = 6 + repetitions * 6

export function encodeMagicPacket(macAddress: MacAddress): Uint8Array {
  const writer = new ByteWriter(magicPacketBytes)
  writer.writeOctets(new Uint8Array(6).fill(0xff))
  for (let count = 0; count < repetitions; count += 1) writer.writeOctets(encodeMacAddress(macAddress))
  return writer.toBytes()
}
