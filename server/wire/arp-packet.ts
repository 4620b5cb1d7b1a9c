/**
 * ARP on Ethernet for IPv4 (RFC 826), as far as asking "does anybody have this address?" needs it (RFC 5227): a probe
 * out, and from what comes in who says to have which address. Without the Ethernet header, which the system writes.
 */

import { decodeIpv4Address, encodeIpv4Address, unspecifiedAddress, type Ipv4Address } from '../address/ipv4-address.ts'
import { decodeMacAddress, encodeMacAddress, type MacAddress } from '../address/mac-address.ts'
import { ByteReader } from './byte-reader.ts'
import { ByteWriter } from './byte-writer.ts'

export const arpEtherType = 0x0806
const ethernet = 1
const ipv4EtherType = 0x0800
const request = 1
const packetBytes = 28
const nobody = new Uint8Array(6)

export interface ArpSender {
  readonly macAddress: MacAddress
  readonly address: Ipv4Address
}

/** RFC 5227 section 2.1.1: the sender names no address, so nobody's table is changed by the question. */
export function encodeArpProbe(address: Ipv4Address, from: MacAddress): Uint8Array {
  const writer = new ByteWriter(packetBytes)
  writer.writeUint16(ethernet)
  writer.writeUint16(ipv4EtherType)
  writer.writeUint8(6)
  writer.writeUint8(4)
  writer.writeUint16(request)
  writer.writeOctets(encodeMacAddress(from))
  writer.writeOctets(encodeIpv4Address(unspecifiedAddress))
  writer.writeOctets(nobody)
  writer.writeOctets(encodeIpv4Address(address))
  return writer.toBytes()
}

/** Who sent it, request or reply; undefined when it is not ARP of this kind. Ethernet's padding may follow. */
export function decodeArpSender(octets: Uint8Array): ArpSender | undefined {
  if (octets.length < packetBytes) return undefined
  const reader = new ByteReader(octets)
  if (reader.readUint16() !== ethernet || reader.readUint16() !== ipv4EtherType) return undefined
  if (reader.readUint8() !== 6 || reader.readUint8() !== 4) return undefined
  reader.readUint16()
  const macAddress = decodeMacAddress(reader.readOctets(6))
  const address = decodeIpv4Address(reader.readOctets(4))
  return macAddress === undefined || address === undefined ? undefined : { macAddress, address }
}
