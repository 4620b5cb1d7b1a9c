/**
 * Values of DHCP options: RFC 2132's addresses, numbers and names. A reader answers `undefined`
 * for an option that is absent or has the wrong form; whether that matters is for the caller to say.
 */

import { decodeIpv4Address, ipv4ToNumber, type Ipv4Address } from '../address/ipv4-address.ts'
import { OptionCode } from './dhcp-option-code.ts'
import type { DhcpPacket } from './dhcp-packet.ts'

/** RFC 2132 section 9.6, RFC 4388. */
export const MessageType = {
  DHCPDISCOVER: 1,
  DHCPOFFER: 2,
  DHCPREQUEST: 3,
  DHCPDECLINE: 4,
  DHCPACK: 5,
  DHCPNAK: 6,
  DHCPRELEASE: 7,
  DHCPINFORM: 8,
  DHCPLEASEQUERY: 10,
} as const
export type MessageTypeName = keyof typeof MessageType

const messageTypeNames: ReadonlyMap<number, MessageTypeName> = new Map([
  [1, 'DHCPDISCOVER'],
  [2, 'DHCPOFFER'],
  [3, 'DHCPREQUEST'],
  [4, 'DHCPDECLINE'],
  [5, 'DHCPACK'],
  [6, 'DHCPNAK'],
  [7, 'DHCPRELEASE'],
  [8, 'DHCPINFORM'],
  [10, 'DHCPLEASEQUERY'],
])

export function messageTypeOf(packet: DhcpPacket): MessageTypeName | undefined {
  const value = packet.options.get(OptionCode.messageType)
  return value?.length === 1 ? messageTypeNames.get(value[0] ?? 0) : undefined
}

export function addressOption(packet: DhcpPacket, code: OptionCode): Ipv4Address | undefined {
  const value = packet.options.get(code)
  return value === undefined ? undefined : decodeIpv4Address(value)
}

export function maximumMessageSizeOf(packet: DhcpPacket): number | undefined {
  const value = packet.options.get(OptionCode.maximumMessageSize)
  return value?.length === 2 ? (value[0] ?? 0) * 256 + (value[1] ?? 0) : undefined
}

export function encodeUint32(value: number): Uint8Array {
  const octets = new Uint8Array(4)
  writeUint32(octets, 0, value)
  return octets
}

export function encodeAddresses(addresses: readonly Ipv4Address[]): Uint8Array {
  const octets = new Uint8Array(addresses.length * 4)
  let at = 0
  for (const address of addresses) {
    writeUint32(octets, at, ipv4ToNumber(address))
    at += 4
  }
  return octets
}

function writeUint32(octets: Uint8Array, at: number, value: number): void {
  octets[at] = value >>> 24
  octets[at + 1] = value >>> 16
  octets[at + 2] = value >>> 8
  octets[at + 3] = value
}
