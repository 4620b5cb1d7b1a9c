/** IPv4 addresses as dotted text, and the subnet arithmetic that pools and relays need. */

export type Ipv4Address = string & { readonly __brand: 'Ipv4Address' }

export interface Ipv4Subnet {
  readonly network: Ipv4Address
  /** 0 to 32 bits. */
  readonly prefixLength: number
}

export const unspecifiedAddress = '0.0.0.0' as Ipv4Address
export const loopbackAddress = '127.0.0.1' as Ipv4Address
export const broadcastAddress = '255.255.255.255' as Ipv4Address

export function parseIpv4Address(text: string): Ipv4Address | undefined {
  const parts = text.split('.')
  if (parts.length !== 4) return undefined
  for (const part of parts) {
    if (!/^(?:0|[1-9][0-9]{0,2})$/.test(part) || Number(part) > 255) return undefined
  }
  return text as Ipv4Address
}

export function decodeIpv4Address(octets: Uint8Array): Ipv4Address | undefined {
  const [first, second, third, fourth] = octets
  return octets.length === 4 ? (`${first}.${second}.${third}.${fourth}` as Ipv4Address) : undefined
}

export function encodeIpv4Address(address: Ipv4Address): Uint8Array {
  const octets = new Uint8Array(4)
  let at = 0
  for (let index = 0; index < address.length; index++) {
    const digit = address.charCodeAt(index) - 48
    if (digit < 0) at++
    else octets[at] = (octets[at] ?? 0) * 10 + digit
  }
  return octets
}

/** Network byte order, 0 to 2^32 - 1. */
export function ipv4ToNumber(address: Ipv4Address): number {
  let value = 0
  let octet = 0
  for (let index = 0; index < address.length; index++) {
    const digit = address.charCodeAt(index) - 48
    if (digit >= 0) octet = octet * 10 + digit
    else {
      value = value * 256 + octet
      octet = 0
    }
  }
  return value * 256 + octet
}

export function ipv4FromNumber(value: number): Ipv4Address {
  // Most fields of most packets.
  if (value === 0) return unspecifiedAddress
  return `${value >>> 24}.${(value >>> 16) & 255}.${(value >>> 8) & 255}.${value & 255}` as Ipv4Address
}

/** Reads `192.168.7.0/24`; host bits are cleared. */
export function parseIpv4Subnet(text: string): Ipv4Subnet | undefined {
  const [addressText = '', prefixText = ''] = text.split('/')
  const address = parseIpv4Address(addressText)
  if (address === undefined || !/^[0-9]{1,2}$/.test(prefixText) || Number(prefixText) > 32) return undefined
  return subnetOf(address, Number(prefixText))
}

export function subnetOf(address: Ipv4Address, prefixLength: number): Ipv4Subnet {
  const mask = maskNumber(prefixLength)
  return { network: ipv4FromNumber((ipv4ToNumber(address) & mask) >>> 0), prefixLength }
}

export function subnetMask(prefixLength: number): Ipv4Address {
  return ipv4FromNumber(maskNumber(prefixLength))
}

function maskNumber(prefixLength: number): number {
  return prefixLength === 0 ? 0 : (0xffffffff << (32 - prefixLength)) >>> 0
}

export function isInSubnet(address: Ipv4Address, subnet: Ipv4Subnet): boolean {
  const mask = maskNumber(subnet.prefixLength)
  return ((ipv4ToNumber(address) ^ ipv4ToNumber(subnet.network)) & mask) === 0
}

export function broadcastOf(subnet: Ipv4Subnet): Ipv4Address {
  const hostBits = ~ipv4ToNumber(subnetMask(subnet.prefixLength)) >>> 0
  return ipv4FromNumber((ipv4ToNumber(subnet.network) | hostBits) >>> 0)
}
