/**
 * A disk with partitions, as a layout: what a stick is written with. Partitions follow each other in the order in which they
 * are given, each from a whole mebibyte on, as flash memory and every partitioning program like it.
 */

import { assert } from '../../server/assert.ts'
import { type Layout, layOutBytes, type Placement, placeLayouts } from '../layout/layout.ts'
import { diskSectorBytes, encodeMasterBootRecord, protectivePartitions } from './master-boot-record.ts'
import { encodeGpt, gptTailSectors } from './partition-table.ts'

export interface GptDisk {
  /** A GUID. */
  readonly id: string
  /** For BIOS; at most 440 octets, or a sector whose rest is not used. */
  readonly bootCode?: Uint8Array
  readonly partitions: readonly {
    /** GUIDs. */
    readonly type: string
    readonly id: string
    /** Up to 36 characters. */
    readonly name: string
    readonly content: Layout
  }[]
}

export interface MbrDisk {
  /** 32 bits that tell this disk from others. */
  readonly signature: number
  readonly bootCode?: Uint8Array
  /** What the boot code goes on with, in the sectors in front of the first partition: less than a mebibyte. */
  readonly behindBootCode?: Uint8Array
  /** At most four. */
  readonly partitions: readonly { readonly type: number; readonly isActive: boolean; readonly content: Layout }[]
}

/** A mebibyte. */
export const alignmentSectors = 2_048

/** Where each of these partitions would begin; what a volume says of its place on the disk (BPB_HiddSec) is known by it. */
export function partitionSectors(lengths: readonly number[]): number[] {
  let free = alignmentSectors
  return lengths.map((length) => {
    const first = free
    free = alignedUp(first + sectorsOf(length))
    return first
  })
}

/** As small as its partitions allow. On a larger stick the backup table is not at the end; firmware and Linux start from it all the same. */
export function layOutGptDisk({ id, bootCode, partitions }: GptDisk): Layout {
  const placed = place(partitions)
  const sectors = alignedUp(endOf(placed) + gptTailSectors)
  const gpt = encodeGpt(id, sectors, placed)
  const record = encodeMasterBootRecord({
    ...(bootCode === undefined ? {} : { bootCode }),
    diskSignature: 0,
    partitions: protectivePartitions(sectors, bootCode !== undefined),
  })
  return placeLayouts(sectors * diskSectorBytes, [
    { offset: 0, layout: layOutBytes(record) },
    { offset: gpt.primarySector * diskSectorBytes, layout: layOutBytes(gpt.primary) },
    ...contentsOf(placed),
    { offset: gpt.backupSector * diskSectorBytes, layout: layOutBytes(gpt.backup) },
  ])
}

/** For machines that start from BIOS and look for an active partition. */
export function layOutMbrDisk({ signature, bootCode, behindBootCode, partitions }: MbrDisk): Layout {
  const placed = place(partitions)
  const sectors = alignedUp(endOf(placed))
  assert(sectors <= 0xffff_ffff, 'a master boot record says 32 bits of sectors')
  const record = encodeMasterBootRecord({
    ...(bootCode === undefined ? {} : { bootCode }),
    diskSignature: signature,
    partitions: placed,
  })
  return placeLayouts(sectors * diskSectorBytes, [
    { offset: 0, layout: layOutBytes(record) },
    ...(behindBootCode === undefined ? [] : [{ offset: diskSectorBytes, layout: layOutBytes(behindBootCode) }]),
    ...contentsOf(placed),
  ])
}

type Placed<Partition> = Partition & { readonly firstSector: number; readonly sectors: number }

function place<Partition extends { readonly content: Layout }>(
  partitions: readonly Partition[],
): readonly Placed<Partition>[] {
  const firstSectors = partitionSectors(partitions.map(({ content }) => content.length))
  return partitions.map((partition, index) => ({
    ...partition,
    firstSector: firstSectors[index] ?? alignmentSectors,
    sectors: sectorsOf(partition.content.length),
  }))
}

function contentsOf(placed: readonly Placed<{ readonly content: Layout }>[]): Placement[] {
  return placed.map(({ content, firstSector }) => ({ offset: firstSector * diskSectorBytes, layout: content }))
}

function endOf(placed: readonly { readonly firstSector: number; readonly sectors: number }[]): number {
  const last = placed.at(-1)
  return last === undefined ? alignmentSectors : last.firstSector + last.sectors
}

function sectorsOf(octets: number): number {
  return Math.ceil(octets / diskSectorBytes)
}

function alignedUp(sectors: number): number {
  return Math.ceil(sectors / alignmentSectors) * alignmentSectors
}
