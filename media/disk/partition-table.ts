/**
 * The GUID partition table (UEFI 2.10 section 5.3): a header and 128 entries behind the master boot record, and both once more at
 * the end of the disk. Octets only; `lay-out-disk.ts` puts partitions between them.
 */

import { assert } from '../../server/assert.ts'
import { joinOctets } from '../layout/join-octets.ts'
import { crc32 } from './crc32.ts'
import { encodeGuid } from './guid.ts'
import { diskSectorBytes } from './master-boot-record.ts'

export interface GptPartition {
  /** A GUID: what it is for. */
  readonly type: string
  /** A GUID of its own. */
  readonly id: string
  /** Up to 36 characters. */
  readonly name: string
  readonly firstSector: number
  readonly sectors: number
}

export interface EncodedGpt {
  /** Both in one piece, as they stand on the disk, at these sectors. */
  readonly primary: Uint8Array
  readonly primarySector: number
  readonly backup: Uint8Array
  readonly backupSector: number
}

const entryCount = 128
const entryBytes = 128
const headerBytes = 92
/** Where the name of a partition begins in its entry. */
const nameOffset = 56
const nameCharactersMax = 36
/** "a minimum of 16,384 bytes" for the entries (section 5.3.1). */
const arraySectors = (entryCount * entryBytes) / diskSectorBytes
/** What is in front of the first partition and behind the last one, the master boot record among it. */
export const gptHeadSectors = 2 + arraySectors
export const gptTailSectors = 1 + arraySectors

export function encodeGpt(diskId: string, sectors: number, partitions: readonly GptPartition[]): EncodedGpt {
  const array = encodeArray(sectors, partitions)
  const last = sectors - 1
  const header = (ownSector: number, otherSector: number, arraySector: number): Uint8Array =>
    encodeHeader({ diskId, sectors, ownSector, otherSector, arraySector, arrayCrc: crc32(array) })
  return {
    primary: joinOctets([header(1, last, 2), array]),
    primarySector: 1,
    backup: joinOctets([array, header(last, 1, last - arraySectors)]),
    backupSector: last - arraySectors,
  }
}

/** Section 5.3.3, table 5.6, in the order of the disk. */
function encodeArray(sectors: number, partitions: readonly GptPartition[]): Uint8Array {
  assert(partitions.length <= entryCount, `a GPT has room for ${entryCount} partitions`)
  const octets = new Uint8Array(entryCount * entryBytes)
  const view = new DataView(octets.buffer)
  let free = gptHeadSectors
  partitions.forEach(({ type, id, name, firstSector, sectors: length }, index) => {
    assert(firstSector >= free && length > 0, `partition ${index + 1} begins behind what is in front of it`)
    assert(name.length <= nameCharactersMax, `the name of partition ${index + 1} has at most 36 characters`)
    free = firstSector + length
    const at = index * entryBytes
    octets.set(encodeGuid(type), at) // PartitionTypeGUID
    octets.set(encodeGuid(id), at + 16) // UniquePartitionGUID
    view.setBigUint64(at + 32, BigInt(firstSector), true) // StartingLBA
    view.setBigUint64(at + 40, BigInt(free - 1), true) // EndingLBA; Attributes are 0
    for (let character = 0; character < name.length; character++) {
      view.setUint16(at + nameOffset + character * 2, name.charCodeAt(character), true) // PartitionName
    }
  })
  assert(free <= sectors - gptTailSectors, 'the last partition ends in front of the backup table')
  return octets
}

interface HeaderFields {
  readonly diskId: string
  readonly sectors: number
  readonly ownSector: number
  readonly otherSector: number
  readonly arraySector: number
  readonly arrayCrc: number
}

/** Section 5.3.2, table 5.5. */
function encodeHeader(fields: HeaderFields): Uint8Array {
  const octets = new Uint8Array(diskSectorBytes)
  const view = new DataView(octets.buffer)
  octets.set([0x45, 0x46, 0x49, 0x20, 0x50, 0x41, 0x52, 0x54]) // Signature, "EFI PART"
  view.setUint32(8, 0x0001_0000, true) // Revision
  view.setUint32(12, headerBytes, true) // HeaderSize
  view.setBigUint64(24, BigInt(fields.ownSector), true) // MyLBA
  view.setBigUint64(32, BigInt(fields.otherSector), true) // AlternateLBA
  view.setBigUint64(40, BigInt(gptHeadSectors), true) // FirstUsableLBA
  view.setBigUint64(48, BigInt(fields.sectors - gptTailSectors - 1), true) // LastUsableLBA
  octets.set(encodeGuid(fields.diskId), 56) // DiskGUID
  view.setBigUint64(72, BigInt(fields.arraySector), true) // PartitionEntryLBA
  view.setUint32(80, entryCount, true) // NumberOfPartitionEntries
  view.setUint32(84, entryBytes, true) // SizeOfPartitionEntry
  view.setUint32(88, fields.arrayCrc, true) // PartitionEntryArrayCRC32
  view.setUint32(16, crc32(octets.subarray(0, headerBytes)), true) // HeaderCRC32, over itself as 0
  return octets
}
