/**
 * What a directory record says to POSIX systems: name, kind and time (RRIP 1.12 in the frame of SUSP 1.12). Everything belongs to
 * root and may be read and started, as on a stick. There are no links and no devices, so PX, TF and NM are all there is.
 */

import type { CalendarTime } from '../layout/calendar-time.ts'
import { encodeAscii, encodeUtf8 } from '../layout/text-octets.ts'
import { setBoth32 } from './both-byte-orders.ts'
import { encodeRecordTime } from './record-time.ts'

export interface PosixAttributes {
  readonly kind: 'file' | 'folder'
  /** PX "file serial number": one for each file, so that parts of one are known for such. */
  readonly serialNumber: number
  /** Of a folder: with those of its subfolders. */
  readonly links: number
}

const continuationEntryBytes = 28
/** An entry says its length in one octet; NM has five in front of the name. */
const nameOctetsMax = 250

/** RRIP 4.1.1 and 4.1.6. */
export function encodePosixEntries({ kind, serialNumber, links }: PosixAttributes, time: CalendarTime): Uint8Array {
  const octets = new Uint8Array(44 + 26)
  const view = new DataView(octets.buffer)
  octets.set(encodeHead('PX', 44))
  setBoth32(view, 4, kind === 'folder' ? 0o040555 : 0o100555)
  setBoth32(view, 12, links)
  setBoth32(view, 36, serialNumber)
  octets.set(encodeHead('TF', 26), 44)
  octets[48] = 0x0e // modification, access, change of attributes
  for (const offset of [49, 56, 63]) octets.set(encodeRecordTime(time), offset)
  return octets
}

/** RRIP 4.1.4: a name that one entry cannot hold goes on in the next. */
export function encodeNameEntries(name: string): Uint8Array {
  const rest = encodeUtf8(name)
  const first = encodeNameEntry(rest.subarray(0, nameOctetsMax), rest.length > nameOctetsMax)
  return rest.length > nameOctetsMax
    ? Uint8Array.from([...first, ...encodeNameEntry(rest.subarray(nameOctetsMax), false)])
    : first
}

/** SUSP 5.1: where in which block the entries of a record go on. */
export function encodeContinuationEntry(block: number, offset: number, length: number): Uint8Array {
  const octets = new Uint8Array(continuationEntryBytes)
  const view = new DataView(octets.buffer)
  octets.set(encodeHead('CE', continuationEntryBytes))
  setBoth32(view, 4, block)
  setBoth32(view, 12, offset)
  setBoth32(view, 20, length)
  return octets
}

/** SUSP 5.3 and 5.5, once, in the record that the root has of itself: that these entries are used, and what they follow (RRIP 4.3). */
export function withRootEntries(posix: Uint8Array): Uint8Array {
  const identifier = encodeAscii('IEEE_P1282')
  const sp = [...encodeHead('SP', 7), 0xbe, 0xef, 0]
  const er = [...encodeHead('ER', 8 + identifier.length), identifier.length, 0, 0, 1, ...identifier]
  return Uint8Array.of(...sp, ...posix, ...er)
}

function encodeNameEntry(octets: Uint8Array, goesOn: boolean): Uint8Array {
  return Uint8Array.of(...encodeHead('NM', 5 + octets.length), goesOn ? 1 : 0, ...octets)
}

/** Signature, length and version (SUSP 4.1). */
function encodeHead(signature: string, length: number): Uint8Array {
  return Uint8Array.of(...encodeAscii(signature), length, 1)
}
