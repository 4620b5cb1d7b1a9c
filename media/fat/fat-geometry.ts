/**
 * How large the parts of a FAT volume are (Microsoft FAT specification 1.03, "FAT Volume Initialization"). Which of the three
 * kinds a volume is follows from the count of its clusters and from nothing else ("FAT Type Determination"); FAT32 needs
 * 65,525 of them, and firmware reads the smaller kinds too (UEFI 2.10 section 13.3).
 */

import { assert } from '../../server/assert.ts'

export interface FatGeometry {
  readonly bits: 12 | 16 | 32
  readonly sectors: number
  readonly sectorsPerCluster: number
  readonly reservedSectors: number
  readonly sectorsPerFat: number
  /** Of FAT12 and FAT16, whose root is no chain of clusters. */
  readonly rootEntries: number
  readonly firstDataSector: number
  readonly clusters: number
}

export interface FatContent {
  /** Counted for one size of clusters; the root of FAT32 is among them, that of the others is not. */
  readonly clusters: (kind: ClusterKind) => number
  readonly rootEntries: number
}

export interface ClusterKind {
  readonly bits: 12 | 16 | 32
  readonly sectorsPerCluster: number
}

export const sectorBytes = 512
export const entryBytes = 32
export const fatCount = 2
/** BPB_TotSec32. */
export const sectorsMax = 0xffff_ffff

interface Kind extends ClusterKind {
  /** Volumes up to here, when they are too large for the kind above. */
  readonly sectorsMax: number
}

/**
 * FAT32 as in the specification's table, from the first size that has 16 clusters more than FAT32 needs: some drivers are
 * off by as many. Below that clusters are as small as they can be.
 */
const kinds: readonly Kind[] = [
  { bits: 12, sectorsPerCluster: 1, sectorsMax: 4_000 },
  { bits: 12, sectorsPerCluster: 2, sectorsMax: 8_000 },
  { bits: 16, sectorsPerCluster: 1, sectorsMax: 32_000 },
  { bits: 16, sectorsPerCluster: 2, sectorsMax: 66_696 },
  { bits: 32, sectorsPerCluster: 1, sectorsMax: 532_480 },
  { bits: 32, sectorsPerCluster: 8, sectorsMax: 16_777_216 },
  { bits: 32, sectorsPerCluster: 16, sectorsMax: 33_554_432 },
  { bits: 32, sectorsPerCluster: 32, sectorsMax: 67_108_864 },
  { bits: 32, sectorsPerCluster: 64, sectorsMax },
]

/** Fewest and most clusters of each kind, 16 away from where another one begins. */
const clusterLimits = { 12: [1, 4_084 - 16], 16: [4_085 + 16, 65_524 - 16], 32: [65_525 + 16, 0x0fff_fff4] } as const

/** BPB_RsvdSecCnt: the value that FAT12 and FAT16 always have, and the usual one of FAT32. */
const reservedSectors = { 12: 1, 16: 1, 32: 32 } as const
/** Data of FAT32 begin at a whole page of a disk, by some more reserved sectors. */
const alignmentSectors = 8
/** BPB_RootEntCnt: what every driver knows of FAT16, and a limit of its field. */
const rootEntriesUsual = 512
export const rootEntriesMax = 65_520

/** Of a volume of a given size, whatever is in it; undefined: the format has none so small or so large. */
export function geometryOf(sectors: number, rootEntriesNeeded: number): FatGeometry | undefined {
  const kind = kinds.find((one) => sectors <= one.sectorsMax)
  if (kind === undefined) return undefined
  const geometry = divide(kind, sectors, rootEntriesNeeded)
  const [clustersMin, clustersMax] = clusterLimits[kind.bits]
  assert(geometry.clusters <= clustersMax, 'a volume is of the kind that its clusters say')
  return geometry.clusters < clustersMin ? undefined : geometry
}

/** Of the smallest volume that holds the content; undefined: there is none. */
export function smallestGeometry(content: FatContent): FatGeometry | undefined {
  let smallest = alignmentSectors
  for (const kind of kinds) {
    const geometry = smallestOfKind(kind, content, smallest)
    if (geometry.sectors <= kind.sectorsMax) return geometry
    smallest = kind.sectorsMax + alignmentSectors
  }
  return undefined
}

/** Of the smallest volume with clusters as large as these that holds the content. */
export function enlargedGeometry(geometry: FatGeometry, content: FatContent): FatGeometry {
  return smallestOfKind(geometry, content, geometry.sectors)
}

function smallestOfKind(kind: ClusterKind, content: FatContent, sectorsMin: number): FatGeometry {
  const needed = Math.max(content.clusters(kind), clusterLimits[kind.bits][0])
  for (let sectors = Math.max(sectorsMin, alignedUp(needed * kind.sectorsPerCluster)); ; ) {
    const geometry = divide(kind, sectors, content.rootEntries)
    if (geometry.clusters >= needed) return geometry
    sectors += alignedUp((needed - geometry.clusters) * kind.sectorsPerCluster)
  }
}

/** Two tables of `f` sectors and `c` clusters share what is left, and the tables have `bits` for each cluster and two more. */
function divide({ bits, sectorsPerCluster }: ClusterKind, sectors: number, rootEntriesNeeded: number): FatGeometry {
  const rootEntries = bits === 32 ? 0 : Math.max(rootEntriesUsual, Math.ceil(rootEntriesNeeded / 16) * 16)
  const rootSectors = (rootEntries * entryBytes) / sectorBytes
  const left = Math.max(sectors - reservedSectors[bits] - rootSectors, 0)
  const clustersPerTableSector = (sectorBytes * 8) / bits
  const sectorsPerFat = Math.ceil(
    (left + 2 * sectorsPerCluster) / (clustersPerTableSector * sectorsPerCluster + fatCount),
  )
  const unaligned = reservedSectors[bits] + fatCount * sectorsPerFat + rootSectors
  const firstDataSector = bits === 32 ? alignedUp(unaligned) : unaligned
  const clusters = Math.max(Math.floor((sectors - firstDataSector) / sectorsPerCluster), 0)
  assert((clusters + 2) * bits <= sectorsPerFat * sectorBytes * 8, 'every cluster has its place in the table')
  return {
    bits,
    sectors,
    sectorsPerCluster,
    reservedSectors: reservedSectors[bits] + firstDataSector - unaligned,
    sectorsPerFat,
    rootEntries,
    firstDataSector,
    clusters,
  }
}

function alignedUp(sectors: number): number {
  return Math.ceil(sectors / alignmentSectors) * alignmentSectors
}
