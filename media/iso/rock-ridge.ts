/**
 * What a directory record says to POSIX systems: name, kind and time (RRIP 1.12 in the frame of SUSP 1.12). Everything belongs to
 * root and may be read and started, as on a stick. There are no links and no devices, so PX, TF and NM are all there is.
 */

import type { CalendarTime } from '../layout/calendar-time.ts'
import { joinOctets } from '../layout/join-octets.ts'
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

/** NM has five octets in front of the name, and its length in one. */
const nameHeadBytes = 5
const nameOctetsMax = 250

/** RRIP 4.1.1 and 4.1.6. */
export function encodePosixEntries({ kind, serialNumber, links }: PosixAttributes, time: CalendarTime): Uint8Array {
  const octets = new Uint8Array(44 + 26)
  const view = new DataView(octets.buffer)
  setHead(octets, 0, 'PX', 44)
  setBoth32(view, 4, kind === 'folder' ? 0o040555 : 0o100555)
  setBoth32(view, 12, links)
  setBoth32(view, 36, serialNumber)
  setHead(octets, 44, 'TF', 26)
  octets[48] = 0x0e // modification, access, change of attributes
  const recorded = encodeRecordTime(time)
  for (const offset of [49, 56, 63]) octets.set(recorded, offset)
  return octets
}

/** RRIP 4.1.4: a name that one entry cannot hold goes on in the next. */
export function encodeNameEntries(name: string): Uint8Array {
  const text = encodeUtf8(name)
  const octets = new Uint8Array(text.length + nameHeadBytes * Math.ceil(text.length / nameOctetsMax))
  let at = 0
  for (let from = 0; from < text.length; from += nameOctetsMax) {
    const part = text.subarray(from, from + nameOctetsMax)
    setHead(octets, at, 'NM', nameHeadBytes + part.length)
    octets[at + 4] = from + part.length < text.length ? 1 : 0
    octets.set(part, at + nameHeadBytes)
    at += nameHeadBytes + part.length
  }
  return octets
}

/** SUSP 5.1: where in which block the entries of a record go on. */
export function encodeContinuationEntry(block: number, offset: number, length: number): Uint8Array {
  const octets = new Uint8Array(28)
  const view = new DataView(octets.buffer)
  setHead(octets, 0, 'CE', 28)
  setBoth32(view, 4, block)
  setBoth32(view, 12, offset)
  setBoth32(view, 20, length)
  return octets
}

/** SUSP 5.3 and 5.5, once, in the record that the root has of itself: that these entries are used, and what they follow (RRIP 4.3). */
export function withRootEntries(posix: Uint8Array): Uint8Array {
  const identifier = encodeAscii('IEEE_P1282')
  const sp = Uint8Array.of(0, 0, 0, 0, 0xbe, 0xef, 0)
  const er = Uint8Array.of(0, 0, 0, 0, identifier.length, 0, 0, 1, ...identifier)
  setHead(sp, 0, 'SP', sp.length)
  setHead(er, 0, 'ER', er.length)
  return joinOctets([sp, posix, er])
}

/** Signature, length and version (SUSP 4.1). */
function setHead(octets: Uint8Array, at: number, signature: string, length: number): void {
  octets[at] = signature.charCodeAt(0)
  octets[at + 1] = signature.charCodeAt(1)
  octets[at + 2] = length
  octets[at + 3] = 1
}
