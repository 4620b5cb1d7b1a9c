/**
 * A FAT volume with files in it, as a layout: boot sector, tables and folders are generated, and files stay where they
 * are. Every file and folder is in one piece, in the order of the tree, so there is nothing to search for (Microsoft FAT
 * specification 1.03). FAT32 where the volume is large enough, else FAT16 or FAT12.
 */

import { assert } from '../../server/assert.ts'
import type { CalendarTime } from '../layout/calendar-time.ts'
import {
  buildFileTree,
  filesOf,
  foldersOf,
  type MediaEntry,
  type TreeFile,
  type TreeFolder,
} from '../layout/file-tree.ts'
import { type Layout, layOutBytes, type Placement, placeLayouts } from '../layout/layout.ts'
import { type LayoutFault, type Refused, refuse } from '../layout/layout-fault.ts'
import { encodeAllocationTable } from './allocation-table.ts'
import { backupBootSector, encodeBootSector, encodeFsInfo, fsInfoSector, rootCluster } from './boot-sector.ts'
import { encodeDotEntries, encodeEntries, encodeLabelEntry, entriesOfName } from './directory-entries.ts'
import {
  type ClusterKind,
  enlargedGeometry,
  entryBytes,
  type FatContent,
  type FatGeometry,
  geometryOf,
  rootEntriesMax,
  sectorBytes,
  sectorsMax,
  smallestGeometry,
} from './fat-geometry.ts'
import { type ShortName, withShortNames } from './short-names.ts'

export interface FatVolume {
  readonly entries: readonly MediaEntry[]
  /** Up to 11 characters of A to Z, 0 to 9, space and `_`. */
  readonly label: string
  /** 32 bits that tell this volume from others of its name. */
  readonly volumeId: number
  /** From 1980 to 2107. */
  readonly time: CalendarTime
  /** Absent: as small as the content allows. */
  readonly bytes?: number
  /** In front of the volume on its disk; absent: none. */
  readonly hiddenSectors?: number
}

export interface LaidOutFat {
  readonly kind: 'fat'
  readonly bits: 12 | 16 | 32
  readonly layout: Layout
}

/** A folder with what it takes to write it. */
interface Folder {
  readonly folder: TreeFolder
  readonly parent: Folder | undefined
  readonly named: readonly { readonly entry: TreeFile | TreeFolder; readonly shortName: ShortName }[]
  /** With dot entries, or with the label in the root. */
  readonly entryCount: number
}

/** "DIR_FileSize" has 32 bits. */
export const fatFileBytesMax = 0xffff_ffff
/** "a directory … may not be larger than 65,536 * 32 bytes". */
const folderEntriesMax = 65_536

export function layOutFat(volume: FatVolume): LaidOutFat | Refused {
  const { year } = volume.time
  assert(year >= 1_980 && year <= 2_107, `FAT has no year ${year}`)
  const root = buildFileTree(volume.entries)
  if (root.kind === 'refused') return root
  const folders = describeFolders(root)
  const files = filesOf(root)
  const faults = faultsOf(volume.label, folders, files)
  if (faults.length > 0) return refuse(...faults)
  const content: FatContent = {
    clusters: (kind) => chainsOf(kind, folders, files).reduce((total, { clusters }) => total + clusters, 0),
    rootEntries: folders[0]?.entryCount ?? 0,
  }
  const geometry = chooseGeometry(volume.bytes, content)
  if (geometry.kind === 'refused') return geometry
  return { kind: 'fat', bits: geometry.bits, layout: placeVolume(volume, geometry, folders, files) }
}

function describeFolders(root: TreeFolder): Folder[] {
  const described = new Map<TreeFolder, Folder>()
  const parents = new Map<TreeFolder, TreeFolder>()
  for (const folder of foldersOf(root)) {
    for (const entry of folder.entries) if (entry.kind === 'folder') parents.set(entry, folder)
    const named = withShortNames(folder.entries)
    const ofNames = named.reduce((total, { entry, shortName }) => total + entriesOfName(entry.name, shortName), 0)
    const above = parents.get(folder)
    const parent = above === undefined ? undefined : described.get(above)
    described.set(folder, { folder, parent, named, entryCount: ofNames + (parent === undefined ? 1 : 2) })
  }
  return [...described.values()]
}

function faultsOf(label: string, folders: readonly Folder[], files: readonly TreeFile[]): LayoutFault[] {
  const faults: LayoutFault[] = []
  if (!/^[A-Z0-9_](?:[A-Z0-9_ ]{0,9}[A-Z0-9_])?$/.test(label)) {
    faults.push({ kind: 'label-not-possible', label, charactersMax: 11 })
  }
  for (const { folder, parent, entryCount } of folders) {
    // The root has the smaller limit of FAT16 in every volume, so that the size of a volume changes nothing.
    const entriesMax = parent === undefined ? rootEntriesMax : folderEntriesMax
    if (entryCount > entriesMax) faults.push({ kind: 'too-many-entries', path: folder.path })
  }
  for (const { path, content } of files) {
    if (content.length > fatFileBytesMax) {
      faults.push({ kind: 'file-too-large', path, bytes: content.length, bytesMax: fatFileBytesMax })
    }
  }
  return faults
}

function chooseGeometry(
  bytes: number | undefined,
  content: FatContent,
): (FatGeometry & { readonly kind: 'geometry' }) | Refused {
  const bytesMax = sectorsMax * sectorBytes
  if (bytes === undefined) {
    const smallest = smallestGeometry(content)
    if (smallest !== undefined) return { kind: 'geometry', ...smallest }
    const clusterBytes = 64 * sectorBytes
    const contentBytes = content.clusters({ bits: 32, sectorsPerCluster: 64 }) * clusterBytes
    return refuse({ kind: 'volume-too-large', bytes: contentBytes, bytesMax })
  }
  if (bytes > bytesMax) return refuse({ kind: 'volume-too-large', bytes, bytesMax })
  const geometry = geometryOf(Math.floor(bytes / sectorBytes), content.rootEntries)
  if (geometry !== undefined && content.clusters(geometry) <= geometry.clusters)
    return { kind: 'geometry', ...geometry }
  const needed = geometry === undefined ? smallestGeometry(content) : enlargedGeometry(geometry, content)
  return refuse({ kind: 'volume-too-small', bytesNeeded: (needed?.sectors ?? sectorsMax) * sectorBytes, bytes })
}

interface Chain {
  readonly of: Folder | TreeFile
  readonly clusters: number
}

/** In the order in which they are in the volume; the root of FAT12 and FAT16 is in front of all clusters. */
function chainsOf(kind: ClusterKind, folders: readonly Folder[], files: readonly TreeFile[]): Chain[] {
  const clusterBytes = kind.sectorsPerCluster * sectorBytes
  const inClusters = kind.bits === 32 ? folders : folders.slice(1)
  return [
    ...inClusters.map((of) => ({ of, clusters: Math.ceil((of.entryCount * entryBytes) / clusterBytes) })),
    ...files.map((of) => ({ of, clusters: Math.ceil(of.content.length / clusterBytes) })),
  ]
}

function placeVolume(
  volume: FatVolume,
  geometry: FatGeometry,
  folders: readonly Folder[],
  files: readonly TreeFile[],
): Layout {
  const chains = chainsOf(geometry, folders, files)
  const firstClusters = new Map<object, number>()
  let nextCluster = rootCluster
  for (const { of, clusters } of chains) {
    firstClusters.set('folder' in of ? of.folder : of, clusters === 0 ? 0 : nextCluster)
    nextCluster += clusters
  }
  const offsetOf = (of: TreeFile | TreeFolder): number => {
    const cluster = firstClusters.get(of)
    // Without a cluster: the root of FAT12 and FAT16, directly in front of the first one.
    const sector = cluster === undefined ? -geometry.rootEntries / 16 : (cluster - 2) * geometry.sectorsPerCluster
    return (geometry.firstDataSector + sector) * sectorBytes
  }
  const placements: Placement[] = [
    ...placeHead(volume, geometry, nextCluster),
    ...placeTables(
      geometry,
      chains.map(({ clusters }) => clusters),
    ),
    ...folders.map((folder) => ({
      offset: offsetOf(folder.folder),
      layout: layOutBytes(encodeFolder(folder, volume, (of) => firstClusters.get(of) ?? 0)),
    })),
    ...files
      .filter(({ content }) => content.length > 0)
      .map((file) => ({ offset: offsetOf(file), layout: file.content })),
  ]
  return placeLayouts(geometry.sectors * sectorBytes, placements)
}

function placeHead(volume: FatVolume, geometry: FatGeometry, nextCluster: number): Placement[] {
  const { label, volumeId, hiddenSectors = 0 } = volume
  const bootSector = layOutBytes(encodeBootSector(geometry, { label, volumeId, hiddenSectors }))
  if (geometry.bits !== 32) return [{ offset: 0, layout: bootSector }]
  const fsInfo = layOutBytes(encodeFsInfo(geometry.clusters + 2 - nextCluster, nextCluster))
  return [0, backupBootSector].flatMap((sector) => [
    { offset: sector * sectorBytes, layout: bootSector },
    { offset: (sector + fsInfoSector) * sectorBytes, layout: fsInfo },
  ])
}

function placeTables(geometry: FatGeometry, chainLengths: readonly number[]): Placement[] {
  const layout = layOutBytes(encodeAllocationTable(geometry.bits, chainLengths))
  return [geometry.reservedSectors, geometry.reservedSectors + geometry.sectorsPerFat].map((sector) => ({
    offset: sector * sectorBytes,
    layout,
  }))
}

function encodeFolder(
  { folder, parent, named, entryCount }: Folder,
  { label, time }: FatVolume,
  clusterOf: (of: TreeFile | TreeFolder) => number,
): Uint8Array {
  const parentCluster = parent?.parent === undefined ? 0 : clusterOf(parent.folder)
  const first =
    parent === undefined ? [encodeLabelEntry(label, time)] : encodeDotEntries(clusterOf(folder), parentCluster, time)
  const entries = named.map(({ entry, shortName }) => ({
    kind: entry.kind,
    name: entry.name,
    shortName,
    firstCluster: clusterOf(entry),
    bytes: entry.kind === 'file' ? entry.content.length : 0,
  }))
  const octets = new Uint8Array(entryCount * entryBytes)
  ;[...first, ...encodeEntries(entries, time)].forEach((entry, index) => octets.set(entry, index * entryBytes))
  return octets
}
