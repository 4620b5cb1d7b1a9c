/**
 * A DHCP message (RFC 2131 section 2, RFC 2132, RFC 3396) between octets and fields. Decoding accepts what firmware
 * really sends and throws only DecodeError; encoding always makes a message that picky firmware and relays take:
 * at least 300 octets, no pad between options, option 82 last, never a cut option. What fields mean is not known here.
 */

import { ipv4FromNumber, ipv4ToNumber, type Ipv4Address } from '../address/ipv4-address.ts'
import { assert } from '../assert.ts'
import { decodeTerminatedText } from './ascii.ts'
import { ByteReader } from './byte-reader.ts'
import { ByteWriter } from './byte-writer.ts'
import { DecodeError } from './decode-error.ts'
import { OptionCode } from './dhcp-option-code.ts'
import {
  decodeOptionArea,
  encodeOption,
  optionBytes,
  optionsInPlace,
  type DhcpOption,
  type DhcpOptions,
} from './dhcp-options.ts'
import { textOctets } from './encoded-once.ts'

export interface DhcpPacket {
  readonly op: number
  readonly htype: number
  readonly hops: number
  readonly xid: number
  readonly secs: number
  readonly flags: number
  readonly ciaddr: Ipv4Address
  readonly yiaddr: Ipv4Address
  readonly siaddr: Ipv4Address
  readonly giaddr: Ipv4Address
  /** `hlen` octets of it; `hlen` is the length. */
  readonly chaddr: Uint8Array
  /** One character per octet, up to the first NUL. Empty when the field held options (overload). */
  readonly sname: string
  readonly file: string
  readonly options: DhcpOptions
}

export const BOOTREQUEST = 1
export const BOOTREPLY = 2
export const broadcastFlag = 0x8000

/** An Ethernet frame's worth: anything longer comes from no client (security C03). */
const datagramBytesMax = 1500
export const dhcpPacketRoom = datagramBytesMax
/** RFC 1542 section 2.1: relays and old clients drop less (R01, L03). */
const messageBytesMin = 300
/** Firmware throws away what does not fit one frame: 1500 less the IP and UDP headers (R02). */
const messageBytesMax = 1472
/** RFC 2132 section 9.10: every client takes 576 octets, headers included, whatever it says. */
export const maximumMessageSizeMin = 576
const ipAndUdpBytes = 28

const fieldBytes = { chaddr: 16, sname: 64, file: 128 } as const
const fixedBytes = 240
const snameOffset = 44
const fileOffset = snameOffset + fieldBytes.sname
const magicCookie = 0x63825363
const overloadFile = 1
const overloadSname = 2

/** What it gives holds views of `bytes`, which nobody may write to any more. */
export function decodeDhcpPacket(bytes: Uint8Array): DhcpPacket {
  if (bytes.length > datagramBytesMax) throw new DecodeError('too-long', datagramBytesMax)
  const reader = new ByteReader(bytes)
  const op = reader.readUint8()
  if (op !== BOOTREQUEST && op !== BOOTREPLY) throw new DecodeError('dhcp-bad-op', 0)
  const htype = reader.readUint8()
  const hlen = reader.readUint8()
  if (hlen > fieldBytes.chaddr) throw new DecodeError('dhcp-bad-hardware-length', 2)
  const hops = reader.readUint8()
  const xid = reader.readUint32()
  const secs = reader.readUint16()
  const flags = reader.readUint16()
  const ciaddr = readAddress(reader)
  const yiaddr = readAddress(reader)
  const siaddr = readAddress(reader)
  const giaddr = readAddress(reader)
  const chaddr = reader.readOctets(fieldBytes.chaddr).slice(0, hlen)
  const sname = reader.readOctets(fieldBytes.sname)
  const file = reader.readOctets(fieldBytes.file)
  if (reader.readUint32() !== magicCookie) throw new DecodeError('dhcp-bad-cookie', reader.offset - 4)
  const areas = decodeAreas(reader.readOctets(reader.remaining), sname, file)
  const addresses = { ciaddr, yiaddr, siaddr, giaddr }
  return { op, htype, hops, xid, secs, flags, ...addresses, chaddr, ...areas }
}

/** What the receiver can take. */
export interface EncodeLimits {
  /** Option 57 of the request: the whole datagram with its headers. Absent: one full frame. */
  readonly maximumMessageSize?: number
}

/**
 * At most 1472 octets. Options that do not fit go to an unused `file` or `sname`, else the last ones are left out. What it
 * gives is a view of `room`, which whoever encodes many packets lends to one after the other.
 */
export function encodeDhcpPacket(
  packet: DhcpPacket,
  limits: EncodeLimits = {},
  room = new Uint8Array(dhcpPacketRoom),
): Uint8Array {
  assert(packet.chaddr.length <= fieldBytes.chaddr, 'chaddr has at most 16 octets')
  const areas = layOut(packet, areaBytes(packet, limits))
  const writer = new ByteWriter(room)
  writer.writeUint8(packet.op)
  writer.writeUint8(packet.htype)
  writer.writeUint8(packet.chaddr.length)
  writer.writeUint8(packet.hops)
  writer.writeUint32(packet.xid)
  writer.writeUint16(packet.secs)
  writer.writeUint16(packet.flags)
  for (const address of [packet.ciaddr, packet.yiaddr, packet.siaddr, packet.giaddr]) {
    writer.writeUint32(ipv4ToNumber(address))
  }
  writer.writePadded(packet.chaddr, fieldBytes.chaddr)
  writeField(writer, areas.sname, packet.sname, fieldBytes.sname)
  writeField(writer, areas.file, packet.file, fieldBytes.file)
  writer.writeUint32(magicCookie)
  for (const [code, value] of areas.main) encodeOption(writer, code, value)
  writer.writeUint8(OptionCode.end)
  // The relay takes option 82 out again, so the client's own limit does not count it.
  if (writer.length < messageBytesMin) writer.writePadded(nothing, messageBytesMin - writer.length)
  return writer.toBytes()
}

function readAddress(reader: ByteReader): Ipv4Address {
  return ipv4FromNumber(reader.readUint32())
}

/** RFC 2131 section 4.1: options in `file` come before those in `sname`. */
function decodeAreas(
  area: Uint8Array,
  sname: Uint8Array,
  file: Uint8Array,
): Pick<DhcpPacket, 'sname' | 'file' | 'options'> {
  const inPlace = optionsInPlace(area)
  if (inPlace !== undefined) {
    return { sname: decodeTerminatedText(sname), file: decodeTerminatedText(file), options: inPlace }
  }
  const options = new Map<number, Uint8Array>()
  decodeOptionArea(area, fixedBytes, options)
  const overload = options.get(OptionCode.overload)?.[0] ?? 0
  const inFile = (overload & overloadFile) !== 0
  const inSname = (overload & overloadSname) !== 0
  if (inFile) decodeOptionArea(file, fileOffset, options)
  if (inSname) decodeOptionArea(sname, snameOffset, options)
  options.delete(OptionCode.overload)
  return { sname: inSname ? '' : decodeTerminatedText(sname), file: inFile ? '' : decodeTerminatedText(file), options }
}

type Entries = DhcpOption[]

interface Areas {
  readonly main: Iterable<DhcpOption>
  readonly file: Entries
  readonly sname: Entries
}

/** Room for options and the End option in the main area. */
function areaBytes(packet: DhcpPacket, limits: EncodeLimits): number {
  const asked = Math.max(limits.maximumMessageSize ?? messageBytesMax + ipAndUdpBytes, maximumMessageSizeMin)
  const relayInformation = packet.options.get(OptionCode.relayAgentInformation)
  const relayBytes = relayInformation === undefined ? 0 : optionBytes(relayInformation)
  return Math.min(asked - ipAndUdpBytes, messageBytesMax - relayBytes) - fixedBytes
}

/** Fills the main area in order; a second try uses the fields that no name needs (RFC 2132 section 9.3). */
function layOut(packet: DhcpPacket, room: number): Areas {
  if (fitsAsItIs(packet.options, room - 1)) return { main: packet.options, file: noEntries, sname: noEntries }
  const last: Entries = []
  const options: Entries = []
  for (const option of packet.options) (option[0] === OptionCode.relayAgentInformation ? last : options).push(option)
  const plain = fill(options, room - 1)
  const free = { file: packet.file === '', sname: packet.sname === '' }
  if (plain.left.length === 0 || (!free.file && !free.sname)) {
    return { main: last.length === 0 ? plain.taken : [...plain.taken, ...last], file: [], sname: [] }
  }
  const overloadOctets = 3
  const main = fill(options, room - 1 - overloadOctets)
  const file = free.file ? fill(main.left, fieldBytes.file - 1) : { taken: [], left: main.left }
  const sname = free.sname ? fill(file.left, fieldBytes.sname - 1) : { taken: [], left: file.left }
  const bits = (file.taken.length > 0 ? overloadFile : 0) | (sname.taken.length > 0 ? overloadSname : 0)
  if (bits === 0) return { main: [...plain.taken, ...last], file: [], sname: [] }
  const overload = [OptionCode.overload, Uint8Array.of(bits)] as const
  return { main: [...main.taken, overload, ...last], file: file.taken, sname: sname.taken }
}

/** With what goes last in its place. */
function fitsAsItIs(options: DhcpOptions, room: number): boolean {
  let free = room
  let relayInformationMet = false
  for (const [code, value] of options) {
    if (relayInformationMet) return false
    if (code === OptionCode.relayAgentInformation) relayInformationMet = true
    else free -= optionBytes(value)
  }
  return free >= 0
}

function fill(options: Entries, room: number): { readonly taken: Entries; readonly left: Entries } {
  const taken: Entries = []
  const left: Entries = []
  let free = room
  for (const option of options) {
    const needed = optionBytes(option[1])
    if (needed <= free) taken.push(option)
    else left.push(option)
    if (needed <= free) free -= needed
  }
  return { taken, left }
}

const nothing = new Uint8Array(0)
const noEntries: Entries = []

function writeField(writer: ByteWriter, options: Entries, text: string, width: number): void {
  if (options.length === 0) return writer.writePadded(text === '' ? nothing : textOctets(text), width)
  const area = new ByteWriter(width)
  for (const [code, value] of options) encodeOption(area, code, value)
  area.writeUint8(OptionCode.end)
  writer.writePadded(area.toBytes(), width)
}
