/**
 * The first sector of a disk: boot code for BIOS, and a table of four partitions (UEFI 2.10 section 5.2.1, "Legacy
 * Master Boot Record"), or the one entry that keeps programs who do not know GPT away from the disk (section 5.2.3).
 */

import { assert } from '../../server/assert.ts'

export const diskSectorBytes = 512

export interface MbrPartition {
  readonly type: number
  /** Which of them the BIOS' boot code starts. */
  readonly isActive: boolean
  readonly firstSector: number
  readonly sectors: number
}

export interface MasterBootRecord {
  /** At most 440 octets; absent: none. */
  readonly bootCode?: Uint8Array
  /** "UniqueMBRDiskSignature"; 0 with GPT. */
  readonly diskSignature: number
  /** At most four. */
  readonly partitions: readonly MbrPartition[]
}

/** OSType; 0x0C is FAT32 and 0x0E FAT16, both with addresses in sectors, as Windows writes them. */
export const mbrPartitionTypes = { fat32: 0x0c, fat16: 0x0e, gptProtective: 0xee, efiSystem: 0xef } as const

/** In front of the disk's signature. */
export const bootCodeBytesMax = 440
const tableOffset = 446
const entryBytes = 16

export function encodeMasterBootRecord({ bootCode, diskSignature, partitions }: MasterBootRecord): Uint8Array {
  assert(partitions.length <= 4, 'a master boot record has room for four partitions')
  const octets = new Uint8Array(diskSectorBytes)
  if (bootCode !== undefined) octets.set(bootCodeOf(bootCode))
  const view = new DataView(octets.buffer)
  view.setUint32(440, diskSignature, true)
  partitions.forEach((partition, index) => octets.set(encodePartition(partition), tableOffset + index * entryBytes))
  octets.set([0x55, 0xaa], 510)
  return octets
}

/**
 * Covers the disk, or as much as 32 bits can say. With boot code there is a second entry: type 0, so that nobody takes it for a
 * partition, and active, since some BIOS starts no disk without an active one.
 */
export function protectivePartitions(sectors: number, hasBootCode: boolean): MbrPartition[] {
  const whole = { type: mbrPartitionTypes.gptProtective, isActive: false, firstSector: 1 }
  const active = { type: 0, isActive: true, firstSector: 0, sectors: 1 }
  return [{ ...whole, sectors: Math.min(sectors - 1, 0xffff_ffff) }, ...(hasBootCode ? [active] : [])]
}

/** Templates of loaders are whole sectors, with an empty table of their own behind the code. */
function bootCodeOf(octets: Uint8Array): Uint8Array {
  const isSector = octets.length === diskSectorBytes
  assert(isSector || octets.length <= bootCodeBytesMax, 'boot code fits in front of the table of partitions')
  return octets.subarray(0, bootCodeBytesMax)
}

function encodePartition({ type, isActive, firstSector, sectors }: MbrPartition): Uint8Array {
  const octets = new Uint8Array(entryBytes)
  const view = new DataView(octets.buffer)
  view.setUint8(0, isActive ? 0x80 : 0) // BootIndicator
  octets.set(encodeChs(firstSector), 1) // StartingCHS
  view.setUint8(4, type) // OSType
  octets.set(encodeChs(firstSector + sectors - 1), 5) // EndingCHS
  view.setUint32(8, firstSector, true) // StartingLBA
  view.setUint32(12, sectors, true) // SizeInLBA
  return octets
}

/** Cylinder, head and sector of 255 heads and 63 sectors; what they cannot say is the largest they can (section 5.2.3: 0xFFFFFF). */
function encodeChs(sector: number): [head: number, sector: number, cylinder: number] {
  const cylinder = Math.floor(sector / (255 * 63))
  if (cylinder > 1_023) return [0xff, 0xff, 0xff]
  const head = Math.floor(sector / 63) % 255
  return [head, ((cylinder >> 2) & 0xc0) | ((sector % 63) + 1), cylinder & 0xff]
}
