/** One record of a directory (ECMA-119 section 9.1): what is where, and what system use entries add. */

import type { CalendarTime } from '../layout/calendar-time.ts'
import { setBoth16, setBoth32 } from './both-byte-orders.ts'
import { encodeRecordTime } from './record-time.ts'

export interface DirectoryRecord {
  readonly identifier: Uint8Array
  readonly isFolder: boolean
  /** There is another record for what follows of the same file. */
  readonly goesOn: boolean
  readonly block: number
  readonly bytes: number
}

/** Its length is one octet, and even (sections 9.1.1 and 9.1.12). */
export const recordBytesMax = 254
const fixedBytes = 33
/** File Flags, section 9.1.6. */
const folderFlag = 0x02
const multiExtentFlag = 0x80

/** Of the two records that every directory begins with (section 6.8.2.2). */
export const ownIdentifier = Uint8Array.of(0)
export const parentIdentifier = Uint8Array.of(1)

export function encodeDirectoryRecord(
  record: DirectoryRecord,
  time: CalendarTime,
  systemUse: Uint8Array = new Uint8Array(),
): Uint8Array {
  const { identifier } = record
  const systemUseOffset = bytesInFront(identifier)
  const octets = new Uint8Array(alignedUp(systemUseOffset + systemUse.length))
  const view = new DataView(octets.buffer)
  view.setUint8(0, octets.length)
  setBoth32(view, 2, record.block) // Location of Extent
  setBoth32(view, 10, record.bytes) // Data Length
  octets.set(encodeRecordTime(time), 18)
  view.setUint8(25, (record.isFolder ? folderFlag : 0) | (record.goesOn ? multiExtentFlag : 0))
  setBoth16(view, 28, 1) // Volume Sequence Number
  view.setUint8(32, identifier.length)
  octets.set(identifier, fixedBytes)
  octets.set(systemUse, systemUseOffset)
  return octets
}

/** How many octets of system use fit behind this identifier. */
export function systemUseRoom(identifier: Uint8Array): number {
  return recordBytesMax - bytesInFront(identifier)
}

function bytesInFront(identifier: Uint8Array): number {
  return alignedUp(fixedBytes + identifier.length)
}

function alignedUp(octets: number): number {
  return octets + (octets % 2)
}
