/**
 * Entries of a FAT folder: 32 octets each, long names in front of the short one that they belong to (Microsoft FAT
 * specification 1.03, "FAT Directory Structure" and "FAT Long Directory Entries").
 */

import type { CalendarTime } from '../layout/calendar-time.ts'
import { encodeAscii } from '../layout/text-octets.ts'
import { entryBytes } from './fat-geometry.ts'
import { checksumOf, type ShortName } from './short-names.ts'

export interface DirectoryEntry {
  readonly kind: 'file' | 'folder'
  readonly name: string
  readonly shortName: ShortName
  /** 0 of a file without octets. */
  readonly firstCluster: number
  /** 0 of a folder, whatever its size. */
  readonly bytes: number
}

/** DIR_Attr. */
const attributes = { file: 0x20, folder: 0x10, label: 0x08, longName: 0x0f } as const
const charactersPerEntry = 13
/** Where the characters of a long name stand in an entry: LDIR_Name1, LDIR_Name2 and LDIR_Name3. */
const characterOffsets = [1, 3, 5, 7, 9, 14, 16, 18, 20, 22, 24, 28, 30]
const lastLongEntry = 0x40

/** How many entries of 32 octets a name takes. */
export function entriesOfName(name: string, { isExact }: ShortName): number {
  return isExact ? 1 : 1 + Math.ceil(name.length / charactersPerEntry)
}

export function encodeEntries(entries: readonly DirectoryEntry[], time: CalendarTime): Uint8Array[] {
  return entries.flatMap((entry) => {
    const { field, isExact } = entry.shortName
    const short = encodeShort(field, attributes[entry.kind], entry, time)
    return isExact ? [short] : [...encodeLong(entry.name, checksumOf(short.subarray(0, 11))), short]
  })
}

/** The first two entries of every folder but the root; the root is cluster 0 here, also where it has another one (FAT32). */
export function encodeDotEntries(ownCluster: number, parentCluster: number, time: CalendarTime): Uint8Array[] {
  return [
    encodeShort('.'.padEnd(11), attributes.folder, { firstCluster: ownCluster, bytes: 0 }, time),
    encodeShort('..'.padEnd(11), attributes.folder, { firstCluster: parentCluster, bytes: 0 }, time),
  ]
}

export function encodeLabelEntry(label: string, time: CalendarTime): Uint8Array {
  return encodeShort(label.padEnd(11), attributes.label, { firstCluster: 0, bytes: 0 }, time)
}

function encodeShort(
  field: string,
  attribute: number,
  { firstCluster, bytes }: { readonly firstCluster: number; readonly bytes: number },
  time: CalendarTime,
): Uint8Array {
  const octets = new Uint8Array(entryBytes)
  const view = new DataView(octets.buffer)
  const [date, timeOfDay] = encodeTime(time)
  octets.set(encodeAscii(field, 11))
  view.setUint8(11, attribute)
  view.setUint16(14, timeOfDay, true) // DIR_CrtTime
  view.setUint16(16, date, true) // DIR_CrtDate
  view.setUint16(18, date, true) // DIR_LstAccDate
  view.setUint16(20, firstCluster >>> 16, true) // DIR_FstClusHI
  view.setUint16(22, timeOfDay, true) // DIR_WrtTime
  view.setUint16(24, date, true) // DIR_WrtDate
  view.setUint16(26, firstCluster & 0xffff, true) // DIR_FstClusLO
  view.setUint32(28, bytes, true) // DIR_FileSize
  return octets
}

/** The last part of the name stands first. A name that does not fill its entries ends with a NUL, and all after it is 0xFFFF. */
function encodeLong(name: string, checksum: number): Uint8Array[] {
  const count = Math.ceil(name.length / charactersPerEntry)
  return Array.from({ length: count }, (_, index) => {
    const ordinal = count - index
    const octets = new Uint8Array(entryBytes)
    const view = new DataView(octets.buffer)
    view.setUint8(0, index === 0 ? ordinal | lastLongEntry : ordinal) // LDIR_Ord
    view.setUint8(11, attributes.longName)
    view.setUint8(13, checksum) // LDIR_Chksum
    characterOffsets.forEach((offset, character) => {
      const at = (ordinal - 1) * charactersPerEntry + character
      const code = at < name.length ? name.charCodeAt(at) : at === name.length ? 0 : 0xffff
      view.setUint16(offset, code, true)
    })
    return octets
  })
}

/** "Date and Time Formats": years from 1980, seconds in twos. */
function encodeTime({ year, month, day, hour, minute, second }: CalendarTime): [date: number, timeOfDay: number] {
  return [((year - 1_980) << 9) | (month << 5) | day, (hour << 11) | (minute << 5) | (second >> 1)]
}
