/**
 * A DHCP message for people: one line for the log, one page for a capture or a report. Everything the machine sent is
 * escaped by `printOctets` or printed as numbers, so neither can carry a line break or markup.
 */

import { printHex } from '../address/hexadecimal.ts'
import { encodeText, printOctets } from './ascii.ts'
import { architectureInVendorClass, architectureName, decodeClientArchitectures } from './client-architecture.ts'
import { OptionCode, optionName } from './dhcp-option-code.ts'
import { messageTypeOf } from './dhcp-option-values.ts'
import { BOOTREQUEST, broadcastFlag, type DhcpPacket } from './dhcp-packet.ts'

export function printDhcpLine(packet: DhcpPacket): string {
  const parts = [messageName(packet), `xid=${printXid(packet)}`, `client=${printHardware(packet)}`]
  const architecture = printArchitecture(packet)
  if (architecture !== undefined) parts.push(`architecture=${architecture}`)
  for (const field of ['ciaddr', 'yiaddr', 'siaddr', 'giaddr'] as const) {
    if (packet[field] !== '0.0.0.0') parts.push(`${field}=${packet[field]}`)
  }
  for (const code of lineOptions) {
    const value = packet.options.get(code)
    if (value !== undefined) parts.push(`${optionName(code)}=${printOctets(value)}`)
  }
  if (packet.file !== '') parts.push(`file=${printOctets(encodeText(packet.file))}`)
  return parts.join(' ')
}

const lineOptions = [OptionCode.vendorClass, OptionCode.userClass, OptionCode.bootFileName] as const

/** Eight digits always, so that one search finds a conversation in the log and in a capture. */
export function printXid({ xid }: Pick<DhcpPacket, 'xid'>): string {
  return xid.toString(16).padStart(8, '0')
}

export function printDhcpPage(packet: DhcpPacket): string {
  const fields = [
    ['op', packet.op === BOOTREQUEST ? 'BOOTREQUEST' : 'BOOTREPLY'],
    ['htype', `${packet.htype}`],
    ['hlen', `${packet.chaddr.length}`],
    ['hops', `${packet.hops}`],
    ['xid', printXid(packet)],
    ['secs', `${packet.secs}`],
    ['flags', (packet.flags & broadcastFlag) === 0 ? hex16(packet.flags) : `${hex16(packet.flags)} broadcast`],
    ['ciaddr', packet.ciaddr],
    ['yiaddr', packet.yiaddr],
    ['siaddr', packet.siaddr],
    ['giaddr', packet.giaddr],
    ['chaddr', printHardware(packet)],
    ['sname', printOctets(encodeText(packet.sname))],
    ['file', printOctets(encodeText(packet.file))],
  ] as const
  const lines = fields.map(([name, value]) => `${name.padEnd(8)}${value}`)
  for (const [code, value] of packet.options) {
    lines.push(`option ${code} ${optionName(code)} (${value.length}): ${printOption(packet, code, value)}`)
  }
  return `${lines.join('\n')}\n`
}

function printOption(packet: DhcpPacket, code: number, value: Uint8Array): string {
  if (code === OptionCode.messageType) return `${printHex(value)} ${messageName(packet)}`
  if (code === OptionCode.clientSystemArchitecture) return `${printHex(value)} ${printArchitecture(packet) ?? ''}`
  if (code === OptionCode.parameterRequestList) return [...value].join(' ')
  if (addressCodes.has(code) && value.length === 4) return value.join('.')
  return textCodes.has(code) ? printOctets(value) : printHex(value)
}

const addressCodes: ReadonlySet<number> = new Set([
  OptionCode.subnetMask,
  OptionCode.router,
  OptionCode.domainNameServer,
  OptionCode.broadcastAddress,
  OptionCode.requestedAddress,
  OptionCode.serverIdentifier,
])

const textCodes: ReadonlySet<number> = new Set([
  OptionCode.hostName,
  OptionCode.domainName,
  OptionCode.message,
  OptionCode.vendorClass,
  OptionCode.tftpServerName,
  OptionCode.bootFileName,
  OptionCode.userClass,
])

function messageName(packet: DhcpPacket): string {
  return messageTypeOf(packet) ?? (packet.options.has(OptionCode.messageType) ? 'unknown message' : 'BOOTP')
}

function printArchitecture(packet: DhcpPacket): string | undefined {
  const value = packet.options.get(OptionCode.clientSystemArchitecture)
  const listed = value === undefined ? undefined : decodeClientArchitectures(value)
  const vendorClass = packet.options.get(OptionCode.vendorClass)
  const inClass = vendorClass === undefined ? undefined : architectureInVendorClass(vendorClass)
  const code = listed?.[0] ?? inClass
  return code === undefined ? undefined : `${code}(${architectureName(code).replaceAll(' ', '-')})`
}

function printHardware(packet: DhcpPacket): string {
  return printHex(packet.chaddr, ':') || 'none'
}

function hex16(value: number): string {
  return `0x${value.toString(16).padStart(4, '0')}`
}
