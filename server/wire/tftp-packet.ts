/**
 * TFTP packets (RFC 1350, with the option extension of RFC 2347) to and from octets.
 *
 *     RRQ/WRQ  | 01/02 | filename | 0 | mode | 0 | option | 0 | value | 0 ...
 *     DATA     | 03 | block # | data |
 *     ACK      | 04 | block # |
 *     ERROR    | 05 | code | text | 0 |
 *     OACK     | 06 | option | 0 | value | 0 ...
 *
 * Texts are taken one octet a character (Latin-1), so that no name is changed before `tftp/requested-name.ts` reads
 * it. Reads leniently what firmware is known to send (padding after the options, an ERROR without its NUL) and throws
 * `DecodeError` for the rest. Does not know which packets make sense when.
 */

import { DecodeError } from './decode-error.ts'
import type { TftpOption } from './tftp-options.ts'

export const tftpErrors = {
  notDefined: 0,
  fileNotFound: 1,
  accessViolation: 2,
  diskFull: 3,
  illegalOperation: 4,
  unknownTransferId: 5,
  fileExists: 6,
  noSuchUser: 7,
  optionsRefused: 8,
} as const

export interface TftpRequest {
  readonly kind: 'read-request' | 'write-request'
  readonly file: string
  /** In lower case: `octet`, `netascii`, `mail`, or what the client made up. */
  readonly mode: string
  readonly options: readonly TftpOption[]
}

export interface TftpData {
  readonly kind: 'data'
  readonly block: number
  readonly octets: Uint8Array
}

export interface TftpAcknowledgement {
  readonly kind: 'acknowledgement'
  readonly block: number
}

export interface TftpError {
  readonly kind: 'error'
  readonly code: number
  readonly message: string
}

export interface TftpOptionAcknowledgement {
  readonly kind: 'option-acknowledgement'
  readonly options: readonly TftpOption[]
}

export type TftpPacket = TftpRequest | TftpData | TftpAcknowledgement | TftpError | TftpOptionAcknowledgement

/** RFC 2347 allows 512 octets; four times that is served, anything longer is no request (TF-32, TF-42). */
const requestBytesMax = 2048
/** More pairs than fit into 512 octets. Later ones are ignored. */
const optionsMax = 128
const modeCharactersMax = 16
export const dataHeaderBytes = 4

const opcodes = {
  'read-request': 1,
  'write-request': 2,
  data: 3,
  acknowledgement: 4,
  error: 5,
  'option-acknowledgement': 6,
} as const satisfies Record<TftpPacket['kind'], number>

export function decodeTftpPacket(octets: Uint8Array): TftpPacket {
  if (octets.length < 2) throw new DecodeError('too-short', octets.length)
  switch (uint16(octets, 0)) {
    case opcodes['read-request']:
      return decodeRequest('read-request', octets)
    case opcodes['write-request']:
      return decodeRequest('write-request', octets)
    case opcodes.data:
      return { kind: 'data', block: uint16(octets, 2), octets: octets.subarray(dataHeaderBytes) }
    case opcodes.acknowledgement:
      return { kind: 'acknowledgement', block: uint16(octets, 2) }
    case opcodes.error:
      return { kind: 'error', code: uint16(octets, 2), message: decodeErrorText(octets) }
    case opcodes['option-acknowledgement']:
      return { kind: 'option-acknowledgement', options: decodeOptions(octets, 2) }
    default:
      throw new DecodeError('tftp-unknown-opcode', 0)
  }
}

export function encodeTftpPacket(packet: TftpPacket): Uint8Array {
  switch (packet.kind) {
    case 'read-request':
    case 'write-request':
      return encodeTexts(opcodes[packet.kind], [packet.file, packet.mode, ...pairs(packet.options)])
    case 'option-acknowledgement':
      return encodeTexts(opcodes[packet.kind], pairs(packet.options))
    case 'data':
      return encodeNumbered(opcodes.data, packet.block, packet.octets)
    case 'acknowledgement':
      return encodeNumbered(opcodes.acknowledgement, packet.block, new Uint8Array(0))
    case 'error':
      return encodeNumbered(opcodes.error, packet.code, latin1(`${packet.message}\0`))
    default:
      return packet satisfies never
  }
}

export const noAcknowledgement = -1

/** The block that is acknowledged, read in place: most of what arrives. What is none, or too short, is for `decodeTftpPacket`. */
export function readAcknowledgement(octets: Uint8Array, start: number, length: number): number {
  const isOne = length >= dataHeaderBytes && octets[start] === 0 && octets[start + 1] === opcodes.acknowledgement
  return isOne ? ((octets[start + 2] ?? 0) << 8) | (octets[start + 3] ?? 0) : noAcknowledgement
}

/** Writes the header of a DATA packet in place; the caller puts the block behind it. */
export function writeDataHeader(octets: Uint8Array, offset: number, block: number): void {
  octets[offset] = 0
  octets[offset + 1] = opcodes.data
  octets[offset + 2] = block >>> 8
  octets[offset + 3] = block & 255
}

function decodeRequest(kind: TftpRequest['kind'], octets: Uint8Array): TftpRequest {
  if (octets.length > requestBytesMax) throw new DecodeError('too-long', requestBytesMax)
  const fileEnd = octets.indexOf(0, 2)
  if (fileEnd === -1) throw new DecodeError('tftp-missing-terminator', octets.length)
  const modeEnd = octets.indexOf(0, fileEnd + 1)
  if (modeEnd === -1) throw new DecodeError('tftp-missing-terminator', octets.length)
  if (modeEnd - fileEnd - 1 > modeCharactersMax) throw new DecodeError('tftp-bad-mode', fileEnd + 1)
  return {
    kind,
    file: text(octets, 2, fileEnd),
    mode: text(octets, fileEnd + 1, modeEnd).toLowerCase(),
    options: decodeOptions(octets, modeEnd + 1),
  }
}

/** Stops at padding or at a pair without its end: what came before is whole and counts (T15, TF-42). */
function decodeOptions(octets: Uint8Array, start: number): readonly TftpOption[] {
  const options: TftpOption[] = []
  let offset = start
  while (offset < octets.length && options.length < optionsMax) {
    const nameEnd = octets.indexOf(0, offset)
    if (nameEnd === offset || nameEnd === -1) break
    const valueEnd = octets.indexOf(0, nameEnd + 1)
    if (valueEnd === -1) break
    options.push({ name: text(octets, offset, nameEnd), value: text(octets, nameEnd + 1, valueEnd) })
    offset = valueEnd + 1
  }
  return options
}

function decodeErrorText(octets: Uint8Array): string {
  const end = octets.indexOf(0, 4)
  return text(octets, 4, end === -1 ? octets.length : end).slice(0, 200)
}

function uint16(octets: Uint8Array, offset: number): number {
  const high = octets[offset]
  const low = octets[offset + 1]
  if (high === undefined || low === undefined) throw new DecodeError('too-short', octets.length)
  return high * 256 + low
}

function text(octets: Uint8Array, start: number, end: number): string {
  return String.fromCharCode(...octets.subarray(start, Math.min(end, start + requestBytesMax)))
}

function pairs(options: readonly TftpOption[]): readonly string[] {
  return options.flatMap(({ name, value }) => [name, value])
}

function encodeTexts(opcode: number, texts: readonly string[]): Uint8Array {
  return latin1(`\0${String.fromCharCode(opcode)}${texts.map((each) => `${each}\0`).join('')}`)
}

function encodeNumbered(opcode: number, number: number, rest: Uint8Array): Uint8Array {
  const octets = new Uint8Array(dataHeaderBytes + rest.length)
  octets.set([0, opcode, number >>> 8, number & 255])
  octets.set(rest, dataHeaderBytes)
  return octets
}

function latin1(characters: string): Uint8Array {
  return Uint8Array.from(characters, (character) => character.charCodeAt(0))
}
