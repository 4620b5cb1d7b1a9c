/**
 * A machine's boot firmware as a script: DISCOVER, the offers of everybody, REQUEST to the DHCP server, the boot
 * server on port 4011 where this firmware asks it, then the file itself by TFTP or HTTP through curl. What it sends
 * follows PXE 2.1, the UEFI specification and captures of QEMU's firmware; it does not execute what it gets.
 */

import { randomInt } from 'node:crypto'
import {
  broadcastAddress,
  encodeIpv4Address,
  parseIpv4Address,
  unspecifiedAddress,
  type Ipv4Address,
} from '../../server/address/ipv4-address.ts'
import { encodeMacAddress, parseMacAddress } from '../../server/address/mac-address.ts'
import { assert } from '../../server/assert.ts'
import { decodeTerminatedText, encodeText } from '../../server/wire/ascii.ts'
import { OptionCode } from '../../server/wire/dhcp-option-code.ts'
import {
  addressOption,
  MessageType,
  messageTypeOf,
  type MessageTypeName,
} from '../../server/wire/dhcp-option-values.ts'
import {
  BOOTREPLY,
  BOOTREQUEST,
  broadcastFlag,
  decodeDhcpPacket,
  encodeDhcpPacket,
} from '../../server/wire/dhcp-packet.ts'
import type { DhcpPacket } from '../../server/wire/dhcp-packet.ts'
import type { Datagrams, Heard } from './datagrams.ts'
import { runOn } from './network.ts'

export interface Machine {
  readonly macAddress: string
  /** Number of option 93; absent: an ordinary DHCP client. */
  readonly architecture?: number
  /** Firmware unless told. */
  readonly stage?: 'firmware' | 'ipxe'
  readonly options?: readonly (readonly [number, Uint8Array])[]
}

export interface Answer {
  readonly packet: DhcpPacket
  readonly heard: Heard
}

const clientPort = 68
const serverPort = 67
const bootServerPort = 4011
const httpArchitectures: ReadonlySet<number> = new Set([15, 16, 18, 19, 20])

export function newTransaction(): number {
  return randomInt(1, 2 ** 32)
}

export interface MessageParts {
  readonly type: MessageTypeName
  readonly xid: number
  readonly fields?: Partial<DhcpPacket>
  readonly options?: readonly (readonly [number, Uint8Array])[]
}

export function messageOf(machine: Machine, { type, xid, fields = {}, options = [] }: MessageParts): DhcpPacket {
  const macAddress = parseMacAddress(machine.macAddress)
  assert(macAddress !== undefined, `no MAC address: ${machine.macAddress}`)
  return {
    op: BOOTREQUEST,
    htype: 1,
    hops: 0,
    xid,
    secs: 0,
    flags: broadcastFlag,
    ciaddr: unspecifiedAddress,
    yiaddr: unspecifiedAddress,
    siaddr: unspecifiedAddress,
    giaddr: unspecifiedAddress,
    chaddr: encodeMacAddress(macAddress),
    sname: '',
    file: '',
    ...fields,
    options: new Map([
      [OptionCode.messageType, Uint8Array.of(MessageType[type])],
      ...bootOptions(machine),
      ...(machine.options ?? []),
      ...options,
    ]),
  }
}

function bootOptions({ architecture, stage }: Machine): readonly (readonly [number, Uint8Array])[] {
  if (architecture === undefined) return [[OptionCode.parameterRequestList, Uint8Array.of(1, 3, 6, 51, 54)]]
  const name = httpArchitectures.has(architecture) ? 'HTTPClient' : 'PXEClient'
  const guid = Uint8Array.of(0, ...Array.from({ length: 16 }, (_, index) => index + 1))
  return [
    [OptionCode.vendorClass, encodeText(`${name}:Arch:${String(architecture).padStart(5, '0')}:UNDI:003016`)],
    [OptionCode.clientSystemArchitecture, Uint8Array.of(architecture >> 8, architecture & 255)],
    [OptionCode.clientNetworkInterface, Uint8Array.of(1, 3, 16)],
    [OptionCode.clientMachineIdentifier, guid],
    [OptionCode.maximumMessageSize, Uint8Array.of(1472 >> 8, 1472 & 255)],
    [OptionCode.parameterRequestList, Uint8Array.of(1, 2, 3, 4, 5, 6, 12, 13, 15, 43, 54, 60, 66, 67, 97, 128, 135)],
    ...(stage === 'ipxe'
      ? [
          [OptionCode.userClass, encodeText('iPXE')] as const,
          [OptionCode.ipxe, Uint8Array.of(0x13, 1, 1, 0x18, 1, 1, 0x21, 1, 1, 0x27, 1, 1)] as const,
        ]
      : []),
  ]
}

/** Says it to everybody on the link. */
export function broadcast(datagrams: Datagrams, packet: DhcpPacket): void {
  datagrams.say(encodeDhcpPacket(packet), { fromPort: clientPort, toAddress: broadcastAddress, toPort: serverPort })
}

/** An answer to this transaction that is as wanted. */
export async function answerTo(
  datagrams: Datagrams,
  xid: number,
  wanted: (packet: DhcpPacket) => boolean = () => true,
): Promise<Answer> {
  return datagrams.first(`an answer to transaction ${xid.toString(16)}`, (heard) => {
    const packet = decodeDhcpPacket(heard.bytes)
    return packet.op === BOOTREPLY && packet.xid === xid && wanted(packet) ? { packet, heard } : undefined
  })
}

/** All answers to a transaction that have been heard by now. */
export function answersSoFar(datagrams: Datagrams, xid: number): readonly Answer[] {
  return datagrams.heard.flatMap((heard) => {
    const packet = decodeDhcpPacket(heard.bytes)
    return packet.op === BOOTREPLY && packet.xid === xid ? [{ packet, heard }] : []
  })
}

export function is(type: MessageTypeName): (packet: DhcpPacket) => boolean {
  return (packet) => messageTypeOf(packet) === type
}

/** DISCOVER and REQUEST; gives the ACK. The machine then has the address, but the host does not: see `useAddress`. */
export async function obtainAddress(
  datagrams: Datagrams,
  machine: Machine,
  { offer: given, server }: { offer?: Answer; server?: Ipv4Address } = {},
): Promise<{ readonly offer: Answer; readonly ack: Answer }> {
  const xid = newTransaction()
  const hasAddress = (packet: DhcpPacket): boolean =>
    packet.yiaddr !== unspecifiedAddress && (server === undefined || serverOf(packet) === server)
  if (given === undefined) broadcast(datagrams, messageOf(machine, { type: 'DHCPDISCOVER', xid }))
  const offer = given ?? (await answerTo(datagrams, xid, hasAddress))
  return { offer, ack: await request(datagrams, machine, offer) }
}

/** The REQUEST of a client that has chosen this offer (RFC 2131 section 4.3.2, SELECTING). */
export async function request(datagrams: Datagrams, machine: Machine, offer: Answer): Promise<Answer> {
  const { xid } = offer.packet
  broadcast(
    datagrams,
    messageOf(machine, {
      type: 'DHCPREQUEST',
      xid,
      options: [
        [OptionCode.serverIdentifier, encodeIpv4Address(serverOf(offer.packet))],
        [OptionCode.requestedAddress, encodeIpv4Address(offer.packet.yiaddr)],
      ],
    }),
  )
  return answerTo(datagrams, xid, (packet) => ['DHCPACK', 'DHCPNAK'].includes(messageTypeOf(packet) ?? ''))
}

export function serverOf(packet: DhcpPacket): Ipv4Address {
  const server = addressOption(packet, OptionCode.serverIdentifier)
  assert(server !== undefined, 'every answer of a DHCP server names it in option 54')
  return server
}

/** Puts the address of an ACK on the host's cable, takes it off again after `use`. */
export async function useAddress<T>(datagrams: Datagrams, ack: Answer, use: () => Promise<T>): Promise<T> {
  const mask = ack.packet.options.get(1) ?? Uint8Array.of(255, 255, 255, 0)
  const prefixLength = [...mask].reduce((bits, octet) => bits + octet.toString(2).replaceAll('0', '').length, 0)
  const address = `${ack.packet.yiaddr}/${prefixLength}`
  const router = addressOption(ack.packet, OptionCode.router)
  await runOn(datagrams.host, 'ip', 'addr', 'add', address, 'dev', 'eth0')
  try {
    if (router !== undefined) await runOn(datagrams.host, 'ip', 'route', 'replace', 'default', 'via', router)
    return await use()
  } finally {
    await runOn(datagrams.host, 'ip', 'addr', 'del', address, 'dev', 'eth0')
  }
}

/** What the boot server says on port 4011; asked by unicast, with the address in `ciaddr`. */
export async function askBootServer(
  datagrams: Datagrams,
  machine: Machine,
  {
    ack,
    server,
    fields = {},
    options = [],
  }: {
    ack: Answer
    server: Ipv4Address
    fields?: Partial<DhcpPacket>
    options?: readonly (readonly [number, Uint8Array])[]
  },
): Promise<Answer> {
  const xid = newTransaction()
  const question = messageOf(machine, {
    type: 'DHCPREQUEST',
    xid,
    fields: { ciaddr: ack.packet.yiaddr, flags: 0, ...fields },
    options,
  })
  datagrams.say(encodeDhcpPacket(question), { fromPort: clientPort, toAddress: server, toPort: bootServerPort })
  return answerTo(datagrams, xid)
}

/** The boot file's name as firmware takes it: `file`, or option 67 up to a NUL. */
export function bootFileOf(packet: DhcpPacket): string {
  const option = packet.options.get(OptionCode.bootFileName)
  return option === undefined ? packet.file : decodeTerminatedText(option)
}

/** Fetches the file that an answer names, from where it names it. */
export async function fetchBootFile(datagrams: Datagrams, { packet }: Answer): Promise<Buffer> {
  const file = bootFileOf(packet)
  const url = file.startsWith('http:') ? file : `tftp://${packet.siaddr}/${file}`
  return runOn(datagrams.host, 'curl', '--silent', '--show-error', '--fail', '--max-time', '10', url)
}

export function addressFrom(text: string): Ipv4Address {
  const address = parseIpv4Address(text)
  assert(address !== undefined, `no address: ${text}`)
  return address
}
