/** The shape of a FAT volume as its first sector tells it, and its table of clusters (Microsoft FAT specification 1.03). */

import { type OctetRange, type OctetSource, readInside, UnreadableImageError } from './octet-source.ts'

export interface FatShape {
  readonly bits: 12 | 16 | 32
  readonly clusterBytes: number
  readonly clusterCount: number
  readonly tableOffset: number
  readonly tableBytes: number
  readonly dataOffset: number
  /** Of FAT32; others have a place for it in front of the clusters. */
  readonly rootCluster: number
  readonly fixedRoot: OctetRange
}

/** "FAT Type Determination": nothing else decides it. */
const fat12ClustersMax = 4_084
const fat16ClustersMax = 65_524
/** Part of the table that is held: a chain that jumps about costs one read for each cluster. */
const windowBytes = 4_096

/** Undefined: no boot sector of FAT. Throws when there is one that cannot be true. */
export async function readFatShape(source: OctetSource): Promise<FatShape | undefined> {
  if (source.length < 512) return undefined
  const view = await readInside(source, { offset: 0, length: 512 }, 'the first sector')
  const sectorBytes = view.getUint16(11, true)
  const sectorsPerCluster = view.getUint8(13)
  const reserved = view.getUint16(14, true)
  const tables = view.getUint8(16)
  const rootEntries = view.getUint16(17, true)
  const sectors = view.getUint16(19, true) || view.getUint32(32, true)
  const sectorsPerTable = view.getUint16(22, true) || view.getUint32(36, true)
  const begins = view.getUint8(0) === 0xeb || view.getUint8(0) === 0xe9
  const isFat =
    begins &&
    [512, 1_024, 2_048, 4_096].includes(sectorBytes) &&
    sectorsPerCluster > 0 &&
    (sectorsPerCluster & (sectorsPerCluster - 1)) === 0 &&
    reserved > 0 &&
    (tables === 1 || tables === 2) &&
    view.getUint8(21) >= 0xf0 &&
    sectors > 0 &&
    sectorsPerTable > 0
  if (!isFat) return undefined
  if (sectors * sectorBytes > source.length) {
    throw new UnreadableImageError(
      `the FAT volume has ${sectors * sectorBytes} octets, and only ${source.length} are there`,
    )
  }
  const tableOffset = reserved * sectorBytes
  const tableBytes = sectorsPerTable * sectorBytes
  const fixedRoot = {
    offset: tableOffset + tables * tableBytes,
    length: Math.ceil((rootEntries * 32) / sectorBytes) * sectorBytes,
  }
  const dataOffset = fixedRoot.offset + fixedRoot.length
  const clusterBytes = sectorsPerCluster * sectorBytes
  const clusterCount = Math.floor((sectors * sectorBytes - dataOffset) / clusterBytes)
  const bits = clusterCount <= fat12ClustersMax ? 12 : clusterCount <= fat16ClustersMax ? 16 : 32
  const tableHolds = Math.floor((tableBytes * 8) / bits) >= clusterCount + 2
  if (clusterCount < 1 || !tableHolds || (bits === 32) !== (rootEntries === 0)) {
    throw new UnreadableImageError('the first sector of the FAT volume contradicts itself')
  }
  const rootCluster = bits === 32 ? view.getUint32(44, true) : 0
  return { bits, clusterBytes, clusterCount, tableOffset, tableBytes, dataOffset, rootCluster, fixedRoot }
}

export class FatTable {
  readonly #source: OctetSource
  readonly #shape: FatShape
  #window: { readonly offset: number; readonly view: DataView } | undefined

  constructor(source: OctetSource, shape: FatShape) {
    this.#source = source
    this.#shape = shape
  }

  /** Where a chain lies, neighbours joined; at most `bytesMax` octets of it. */
  async *clustersFrom(first: number, bytesMax: number, what: string): AsyncGenerator<OctetRange, void, undefined> {
    const { clusterBytes, clusterCount, dataOffset } = this.#shape
    let run: OctetRange | undefined
    let cluster = first
    // A chain with more clusters than there are runs in a circle.
    const countMax = Math.min(Math.ceil(bytesMax / clusterBytes), clusterCount)
    for (let count = 0; count < countMax && !this.#isEnd(cluster); count++) {
      if (cluster < 2 || cluster > clusterCount + 1)
        throw new UnreadableImageError(`${what} goes on where no cluster is`)
      const offset = dataOffset + (cluster - 2) * clusterBytes
      if (run === undefined) run = { offset, length: clusterBytes }
      else if (run.offset + run.length === offset) run = { offset: run.offset, length: run.length + clusterBytes }
      else {
        yield run
        run = { offset, length: clusterBytes }
      }
      cluster = await this.#next(cluster)
    }
    if (run !== undefined) yield run
  }

  /** A cluster that is marked as bad is no end, and no place either. */
  #isEnd(cluster: number): boolean {
    const { bits } = this.#shape
    return cluster >= (bits === 12 ? 0xff8 : bits === 16 ? 0xfff8 : 0xfff_fff8)
  }

  async #next(cluster: number): Promise<number> {
    const { bits } = this.#shape
    if (bits === 12) {
      const at = cluster + (cluster >> 1)
      const pair = (await this.#octet(at)) + (await this.#octet(at + 1)) * 256
      return cluster % 2 === 0 ? pair & 0xfff : pair >> 4
    }
    const { view, offset } = await this.#windowAt((cluster * bits) / 8)
    const at = (cluster * bits) / 8 - offset
    return bits === 16 ? view.getUint16(at, true) : view.getUint32(at, true) & 0x0fff_ffff
  }

  async #octet(at: number): Promise<number> {
    const { view, offset } = await this.#windowAt(at)
    return view.getUint8(at - offset)
  }

  async #windowAt(at: number): Promise<{ readonly offset: number; readonly view: DataView }> {
    const offset = Math.floor(at / windowBytes) * windowBytes
    if (this.#window?.offset === offset) return this.#window
    const { tableOffset, tableBytes } = this.#shape
    const range = { offset: tableOffset + offset, length: Math.min(windowBytes, tableBytes - offset) }
    this.#window = { offset, view: await readInside(this.#source, range, 'the table of clusters') }
    return this.#window
  }
}
