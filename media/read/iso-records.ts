/** Records of one block of a directory (ECMA-119 section 9.1), those of the folder itself and of its parent left out. */

import { blockBytes } from '../iso/both-byte-orders.ts'
import { octetsIn, type OctetRange, UnreadableImageError } from './octet-source.ts'

export interface IsoRecord {
  readonly identifier: Uint8Array
  readonly isFolder: boolean
  readonly goesOn: boolean
  readonly range: OctetRange
  readonly systemUse: DataView
}

const fixedBytes = 33
const folderFlag = 0x02
const multiExtentFlag = 0x80

export function* recordsIn(block: DataView, what: string): Generator<IsoRecord, void, undefined> {
  for (let at = 0; at < block.byteLength; ) {
    const bytes = block.getUint8(at)
    // Records do not cross the ends of blocks (section 6.8.1.1): the rest is filled with zeros.
    if (bytes === 0) return
    const record = readRecord(block, at, what)
    at += bytes
    if (!isOwnOrParent(record)) yield record
  }
}

/** Also of the first record of a block, which is the folder itself. */
export function readRecord(block: DataView, at: number, what: string): IsoRecord {
  const bytes = at < block.byteLength ? block.getUint8(at) : 0
  const identifierBytes = at + fixedBytes <= block.byteLength ? block.getUint8(at + 32) : 0
  const systemUseAt = fixedBytes + identifierBytes + ((identifierBytes + 1) % 2)
  const isWhole = at + bytes <= block.byteLength && identifierBytes > 0 && fixedBytes + identifierBytes <= bytes
  if (!isWhole) throw new UnreadableImageError(`${what} has a record that is not whole`)
  // File unit size and interleave gap: nothing has been written so since the days of video discs.
  if (block.getUint8(at + 26) !== 0) throw new UnreadableImageError(`${what} has a file in interleaved pieces`)
  const flags = block.getUint8(at + 25)
  const extent = block.getUint32(at + 2, true) + block.getUint8(at + 1)
  const systemUse = octetsIn(block, at + systemUseAt, bytes - systemUseAt)
  return {
    identifier: octetsIn(block, at + fixedBytes, identifierBytes),
    isFolder: (flags & folderFlag) !== 0,
    goesOn: (flags & multiExtentFlag) !== 0,
    range: { offset: extent * blockBytes, length: block.getUint32(at + 10, true) },
    systemUse: new DataView(systemUse.buffer, systemUse.byteOffset, systemUse.length),
  }
}

function isOwnOrParent({ identifier }: IsoRecord): boolean {
  return identifier.length === 1 && (identifier[0] === 0 || identifier[0] === 1)
}
