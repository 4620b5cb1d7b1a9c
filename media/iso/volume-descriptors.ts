/**
 * The descriptors that a disc begins with, from block 16 on: primary (ECMA-119 section 8.4), El Torito's boot record (El
 * Torito 1.0 figure 7), Joliet's supplementary one (ECMA-119 section 8.5) and the terminator (section 8.3).
 */

import type { CalendarTime } from '../layout/calendar-time.ts'
import { encodeAscii, encodeUtf16BigEndian } from '../layout/text-octets.ts'
import { blockBytes, setBoth16, setBoth32 } from './both-byte-orders.ts'
import { encodeDirectoryRecord, ownIdentifier } from './directory-record.ts'
import { encodeDescriptorTime, noDescriptorTime } from './record-time.ts'

/** What is in front of it is for the system, a master boot record for example (section 6.2.1). */
export const firstDescriptorBlock = 16

export interface VolumeFields {
  readonly volumeId: string
  readonly time: CalendarTime
  readonly blocks: number
  readonly pathTable: { readonly bytes: number; readonly littleEndianBlock: number; readonly bigEndianBlock: number }
  readonly root: { readonly block: number; readonly bytes: number }
}

/** Volume Descriptor Type, section 8.1.1. */
const types = { bootRecord: 0, primary: 1, supplementary: 2, terminator: 255 } as const
/** "%/E": UCS-2 level 3 (Joliet specification, "Escape sequences"). */
const jolietEscapeSequence = Uint8Array.of(0x25, 0x2f, 0x45)
const application = 'REVEILLE'
/** Sections 8.4.19 to 8.4.25: identifiers of volume set, publisher, preparer and application, then three files that are not there. */
const textFields = [
  { offset: 190, length: 128, text: '' },
  { offset: 318, length: 128, text: '' },
  { offset: 446, length: 128, text: '' },
  { offset: 574, length: 128, text: application },
  { offset: 702, length: 37, text: '' },
  { offset: 739, length: 37, text: '' },
  { offset: 776, length: 37, text: '' },
] as const

type FieldEncoder = (text: string, length: number) => Uint8Array

export function encodePrimaryDescriptor(fields: VolumeFields): Uint8Array {
  return encodeVolumeDescriptor(types.primary, fields, encodeAscii)
}

/** Its volume identifier has 16 characters. */
export function encodeJolietDescriptor(fields: VolumeFields): Uint8Array {
  const volumeId = fields.volumeId.slice(0, 16)
  const octets = encodeVolumeDescriptor(types.supplementary, { ...fields, volumeId }, encodeUcs2Field)
  octets.set(jolietEscapeSequence, 88)
  return octets
}

export function encodeBootRecord(catalogBlock: number): Uint8Array {
  const octets = encodeDescriptor(types.bootRecord)
  octets.set(encodeAscii('EL TORITO SPECIFICATION', 32, 0), 7)
  new DataView(octets.buffer).setUint32(71, catalogBlock, true)
  return octets
}

export function encodeTerminator(): Uint8Array {
  return encodeDescriptor(types.terminator)
}

function encodeVolumeDescriptor(type: number, fields: VolumeFields, encode: FieldEncoder): Uint8Array {
  const { volumeId, time, blocks, pathTable, root } = fields
  const octets = encodeDescriptor(type)
  const view = new DataView(octets.buffer)
  octets.set(encode('', 32), 8) // System Identifier
  octets.set(encode(volumeId, 32), 40)
  setBoth32(view, 80, blocks) // Volume Space Size
  setBoth16(view, 120, 1) // Volume Set Size
  setBoth16(view, 124, 1) // Volume Sequence Number
  setBoth16(view, 128, blockBytes) // Logical Block Size
  setBoth32(view, 132, pathTable.bytes)
  view.setUint32(140, pathTable.littleEndianBlock, true) // Type L
  view.setUint32(148, pathTable.bigEndianBlock) // Type M
  octets.set(encodeDirectoryRecord({ identifier: ownIdentifier, isFolder: true, goesOn: false, ...root }, time), 156)
  for (const { offset, length, text } of textFields) octets.set(encode(text, length), offset)
  octets.set(encodeDescriptorTime(time), 813) // Creation
  octets.set(encodeDescriptorTime(time), 830) // Modification
  octets.set(noDescriptorTime, 847) // Expiration
  octets.set(encodeDescriptorTime(time), 864) // Effective
  octets[881] = 1 // File Structure Version
  return octets
}

function encodeDescriptor(type: number): Uint8Array {
  const octets = new Uint8Array(blockBytes)
  octets[0] = type
  octets.set(encodeAscii('CD001'), 1)
  octets[6] = 1 // Version
  return octets
}

/** A field of 37 octets has one left over. */
function encodeUcs2Field(text: string, length: number): Uint8Array {
  const octets = new Uint8Array(length)
  octets.set(encodeUtf16BigEndian(text.padEnd(Math.floor(length / 2))))
  return octets
}
