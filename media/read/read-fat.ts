/**
 * Reads what is in a FAT volume (Microsoft FAT specification 1.03), whoever wrote it. Chains of clusters are followed while a file
 * needs them and no further, so a chain that runs in a circle ends with its file; a folder ends at the size that FAT allows.
 */

import { checksumOf } from '../fat/short-names.ts'
import { joinOctets } from '../layout/join-octets.ts'
import { FatTable, type FatShape, readFatShape } from './fat-table.ts'
import { fileOf, FoundFiles, type FoundVolume, pathBelow } from './found-files.ts'
import { octetsIn, type OctetRange, type OctetSource, readPieces, UnreadableImageError } from './octet-source.ts'
import type { ReadingBounds } from './reading-bounds.ts'

interface Entry {
  readonly name: string
  readonly isFolder: boolean
  readonly firstCluster: number
  readonly bytes: number
}

const entryBytes = 32
/** "a directory … may not be larger than 65,536 * 32 bytes". */
const folderBytesMax = 65_536 * entryBytes
const attributes = { label: 0x08, folder: 0x10, longName: 0x0f } as const
const characterOffsets = [1, 3, 5, 7, 9, 14, 16, 18, 20, 22, 24, 28, 30]
/** DIR_NTRes of Windows and mtools: the name, or its extension, is in lower case. */
const lowerCase = { name: 0x08, extension: 0x10 } as const

/** Undefined: this does not begin as FAT does. */
export async function readFat(source: OctetSource, bounds: ReadingBounds): Promise<FoundVolume | undefined> {
  const shape = await readFatShape(source)
  if (shape === undefined) return undefined
  const folderSource = bounds.counted(source)
  const folderTable = new FatTable(folderSource, shape)
  const table = new FatTable(source, shape)
  const found = new FoundFiles(bounds)
  let label = ''
  const folders = [{ path: '', firstCluster: shape.rootCluster }]
  found.addFolder('', shape.rootCluster)
  for (const folder of folders) {
    const octets = await readFolder(folderSource, shape, folderTable, folder)
    if (folder.path === '') label = labelIn(octets)
    for (const { name, isFolder, firstCluster, bytes } of entriesIn(octets)) {
      bounds.entry()
      const path = pathBelow(folder.path, name)
      if (isFolder) {
        found.addFolder(path, firstCluster)
        folders.push({ path, firstCluster })
      } else {
        const file = { path, firstCluster, bytes }
        found.addFile(
          path,
          fileOf(source, file, () => rangesOf(shape, table, file)),
        )
      }
    }
  }
  return { kind: `FAT${shape.bits}`, label, files: found.files, folders: found.folders }
}

async function readFolder(
  source: OctetSource,
  shape: FatShape,
  table: FatTable,
  { path, firstCluster }: { readonly path: string; readonly firstCluster: number },
): Promise<DataView> {
  const what = `the folder /${path}`
  const pieces: Uint8Array[] = []
  const ranges =
    path === '' && shape.bits !== 32 ? [shape.fixedRoot] : table.clustersFrom(firstCluster, folderBytesMax, what)
  for await (const range of ranges) {
    for await (const piece of readPieces(source, range, what)) pieces.push(piece)
  }
  return new DataView(joinOctets(pieces).buffer)
}

async function* rangesOf(
  shape: FatShape,
  table: FatTable,
  { path, firstCluster, bytes }: { readonly path: string; readonly firstCluster: number; readonly bytes: number },
): AsyncGenerator<OctetRange, void, undefined> {
  let rest = bytes
  const needed = Math.ceil(bytes / shape.clusterBytes) * shape.clusterBytes
  for await (const range of table.clustersFrom(firstCluster, needed, path)) {
    const length = Math.min(rest, range.length)
    yield { offset: range.offset, length }
    rest -= length
    if (rest === 0) return
  }
  if (rest > 0) throw new UnreadableImageError(`${path} ends ${rest} octets before it should`)
}

function* entriesIn(folder: DataView): Generator<Entry, void, undefined> {
  let long = new LongName()
  for (let at = 0; at + entryBytes <= folder.byteLength; at += entryBytes) {
    const first = folder.getUint8(at)
    if (first === 0) return
    const attribute = folder.getUint8(at + 11)
    if (first === 0xe5) {
      long = new LongName()
    } else if ((attribute & 0x3f) === attributes.longName) {
      long.add(folder, at)
    } else {
      const shortName = octetsIn(folder, at, 11)
      const name = long.nameFor(shortName) ?? printShort(shortName, folder.getUint8(at + 12))
      long = new LongName()
      const isLabel = (attribute & attributes.label) !== 0
      if (isLabel || name === '.' || name === '..') continue
      const isFolder = (attribute & attributes.folder) !== 0
      const firstCluster = folder.getUint16(at + 26, true) + folder.getUint16(at + 20, true) * 0x1_0000
      yield { name, isFolder, firstCluster, bytes: folder.getUint32(at + 28, true) }
    }
  }
}

function labelIn(root: DataView): string {
  for (let at = 0; at + entryBytes <= root.byteLength && root.getUint8(at) !== 0; at += entryBytes) {
    const isLabel = (root.getUint8(at + 11) & 0x3f) === attributes.label && root.getUint8(at) !== 0xe5
    if (isLabel) return textOf(octetsIn(root, at, 11)).trimEnd()
  }
  return ''
}

/** Parts of a long name, which stand in front of the short one, the last one first. */
class LongName {
  #text = ''
  #next = 0
  #checksum = -1

  add(folder: DataView, at: number): void {
    const ordinal = folder.getUint8(at)
    const checksum = folder.getUint8(at + 13)
    if ((ordinal & 0x40) !== 0) {
      this.#text = ''
      this.#checksum = checksum
      this.#next = ordinal & 0x3f
    }
    const follows = this.#next > 0 && (ordinal & 0x3f) === this.#next && checksum === this.#checksum
    this.#next = follows ? this.#next - 1 : -1
    const characters = characterOffsets.map((offset) => folder.getUint16(at + offset, true))
    this.#text = String.fromCharCode(...characters) + this.#text
  }

  /** Undefined: parts are missing, or belong to another name. */
  nameFor(shortName: Uint8Array): string | undefined {
    if (this.#next !== 0 || this.#checksum !== checksumOf(shortName) || this.#text === '') return undefined
    const [name = ''] = this.#text.split('\0', 1)
    return name
  }
}

function printShort(field: Uint8Array, caseFlags: number): string {
  const name = textOf(field.subarray(0, 8)).trimEnd()
  const extension = textOf(field.subarray(8, 11)).trimEnd()
  const shownName = (caseFlags & lowerCase.name) === 0 ? name : name.toLowerCase()
  const shownExtension = (caseFlags & lowerCase.extension) === 0 ? extension : extension.toLowerCase()
  return shownExtension === '' ? shownName : `${shownName}.${shownExtension}`
}

/** Which code page short names have is not said anywhere; what is not ASCII has a long name. */
function textOf(octets: Uint8Array): string {
  return String.fromCharCode(...octets)
}
