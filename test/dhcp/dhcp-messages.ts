/** Builders of DHCP messages for tests: good defaults, and each test states only what matters to it. */

import { readFileSync } from 'node:fs'
import { parseIpv4Address, unspecifiedAddress, type Ipv4Address } from '../../server/address/ipv4-address.ts'
import { assert } from '../../server/assert.ts'
import { classify } from '../../server/dhcp/classify.ts'
import type { DhcpClient, ServerPort } from '../../server/dhcp/dhcp-client.ts'
import { encodeText } from '../../server/wire/ascii.ts'
import { OptionCode } from '../../server/wire/dhcp-option-code.ts'
import { MessageType, type MessageTypeName } from '../../server/wire/dhcp-option-values.ts'
import { BOOTREQUEST, type DhcpPacket } from '../../server/wire/dhcp-packet.ts'

export interface MessageParts {
  readonly type?: MessageTypeName
  readonly mac?: string
  readonly vendorClass?: string
  readonly architecture?: number
  readonly options?: readonly (readonly [number, Uint8Array])[]
  readonly fields?: Partial<DhcpPacket>
}

export function message(parts: MessageParts = {}): DhcpPacket {
  const { type = 'DHCPDISCOVER', mac = '52:54:00:12:34:56', vendorClass, architecture } = parts
  return {
    op: BOOTREQUEST,
    htype: 1,
    hops: 0,
    xid: 0x1a2b3c4d,
    secs: 0,
    flags: 0,
    ciaddr: unspecifiedAddress,
    yiaddr: unspecifiedAddress,
    siaddr: unspecifiedAddress,
    giaddr: unspecifiedAddress,
    chaddr: octets(mac.replaceAll(':', '')),
    sname: '',
    file: '',
    ...parts.fields,
    options: new Map([
      [OptionCode.messageType, Uint8Array.of(MessageType[type])] as const,
      ...(vendorClass === undefined ? [] : [[OptionCode.vendorClass, encodeText(vendorClass)] as const]),
      ...(architecture === undefined ? [] : [[OptionCode.clientSystemArchitecture, uint16(architecture)] as const]),
      ...(parts.options ?? []),
    ]),
  }
}

/** A message of PXE firmware; `architecture` 7 unless told. */
export function pxeMessage(parts: MessageParts = {}): DhcpPacket {
  const { architecture = 7 } = parts
  const http = [15, 16, 17, 18, 19, 20].includes(architecture)
  const digits = String(architecture).padStart(5, '0')
  return message({ vendorClass: `${http ? 'HTTP' : 'PXE'}Client:Arch:${digits}:UNDI:003016`, architecture, ...parts })
}

/** In the order in which they stand in the packet. */
export function codesOf({ options }: DhcpPacket): readonly number[] {
  return Array.from(options, ([code]) => code)
}

/** What our own classification makes of a message that is for us. */
export function client(packet: DhcpPacket, port: ServerPort = 67): DhcpClient {
  const found = classify(packet, port)
  assert(found.kind === 'dhcp-client', `not for us: ${JSON.stringify(found)}`)
  return found
}

export function ip(text: string): Ipv4Address {
  const address = parseIpv4Address(text)
  assert(address !== undefined, `no address: ${text}`)
  return address
}

/** Hexadecimal, spaces allowed. */
export function octets(hex: string): Uint8Array {
  return Uint8Array.from(hex.replaceAll(/\s/g, '').match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
}

export function uint16(value: number): Uint8Array {
  return Uint8Array.of(value >> 8, value & 255)
}

export const fixtureFolder = new URL('../fixtures/packets/', import.meta.url)

/** A captured form: hexadecimal with comment lines. */
export function readFixture(name: string): Uint8Array {
  const text = readFileSync(new URL(`${name}.hex`, fixtureFolder), 'utf8')
  return octets(text.replaceAll(/^#.*$/gm, ''))
}
