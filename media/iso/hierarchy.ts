/**
 * One of the two trees of a disc: directories and path tables (ECMA-119 sections 6.8, 6.9 and 9). Folders may be deeper than
 * the eight levels of section 6.8.2.1: every system reads that, and to relocate them, as Rock Ridge could, would show
 * Windows and firmware a folder that is not the content's.
 */

import type { CalendarTime } from '../layout/calendar-time.ts'
import type { TreeFile, TreeFolder } from '../layout/file-tree.ts'
import { joinOctets } from '../layout/join-octets.ts'
import { blockBytes, blocksOf } from './both-byte-orders.ts'
import {
  type DirectoryRecord,
  encodeDirectoryRecord,
  ownIdentifier,
  parentIdentifier,
  systemUseRoom,
} from './directory-record.ts'
import type { Named, Naming } from './identifiers.ts'
import { encodeContinuationEntry, encodeNameEntries, encodePosixEntries, withRootEntries } from './rock-ridge.ts'

export interface Hierarchy {
  /** In the order of the path table; the first one is the root. */
  readonly folders: readonly IsoFolder[]
  /** With Rock Ridge. */
  readonly isPosix: boolean
}

export interface IsoFolder {
  readonly folder: TreeFolder
  readonly identifier: Uint8Array
  readonly parent: IsoFolder | undefined
  readonly named: readonly Named[]
}

/** Where everything is; during a first pass, which only measures, nothing has a place yet. */
export interface Places {
  readonly folder: (folder: TreeFolder) => {
    readonly block: number
    readonly bytes: number
    readonly serialNumber: number
  }
  readonly file: (file: TreeFile) => { readonly block: number; readonly serialNumber: number }
}

export interface EncodedFolder {
  /** Whole blocks. */
  readonly directory: Uint8Array
  /** Directly behind the directory: what had no room in its records; whole blocks too. */
  readonly continuation: Uint8Array
}

/** The most whole blocks that 32 bits can say (ECMA-119 section 9.1.4): a larger file has several records (section 6.5.1). */
export const sectionBytesMax = 0xffff_f800

/** Level by level, in each by parent, and below one parent by identifier: the order of section 6.9.1. */
export function buildHierarchy(root: TreeFolder, naming: Naming, isPosix: boolean): Hierarchy {
  const folders: IsoFolder[] = [
    { folder: root, identifier: ownIdentifier, parent: undefined, named: naming(root.entries) },
  ]
  for (const parent of folders) {
    for (const { entry, identifier } of parent.named) {
      if (entry.kind === 'folder') folders.push({ folder: entry, identifier, parent, named: naming(entry.entries) })
    }
  }
  return { folders, isPosix }
}

export function encodeFolder(own: IsoFolder, isPosix: boolean, places: Places, time: CalendarTime): EncodedFolder {
  const writer = new FolderWriter(own.folder, isPosix, places, time)
  const parent = own.parent ?? own
  writer.addFolder(ownIdentifier, own.folder, { isRoot: own.parent === undefined })
  writer.addFolder(parentIdentifier, parent.folder, {})
  for (const { entry, identifier } of own.named) {
    if (entry.kind === 'folder') writer.addFolder(identifier, entry, { name: entry.name })
    else writer.addFile(identifier, entry)
  }
  return writer.finish()
}

/** Section 9.4. One table is little-endian (type L), the other one big-endian (type M). */
export function encodePathTable({ folders }: Hierarchy, places: Places, littleEndian: boolean): Uint8Array {
  const numbers = new Map(folders.map((folder, index) => [folder, index + 1]))
  const length = folders.reduce((total, { identifier }) => total + 8 + identifier.length + (identifier.length % 2), 0)
  const octets = new Uint8Array(length)
  const view = new DataView(octets.buffer)
  let at = 0
  for (const { folder, identifier, parent } of folders) {
    view.setUint8(at, identifier.length)
    view.setUint32(at + 2, places.folder(folder).block, littleEndian)
    view.setUint16(at + 6, parent === undefined ? 1 : (numbers.get(parent) ?? 1), littleEndian)
    octets.set(identifier, at + 8)
    at += 8 + identifier.length + (identifier.length % 2)
  }
  return octets
}

/** Records do not cross the ends of blocks (section 6.8.1.1); neither do continuations, as some readers expect. */
class FolderWriter {
  readonly #places: Places
  readonly #isPosix: boolean
  readonly #time: CalendarTime
  readonly #firstContinuationBlock: number
  readonly #directory = new BlockWriter()
  readonly #continuation = new BlockWriter()

  constructor(own: TreeFolder, isPosix: boolean, places: Places, time: CalendarTime) {
    const { block, bytes } = places.folder(own)
    this.#places = places
    this.#isPosix = isPosix
    this.#time = time
    this.#firstContinuationBlock = block + blocksOf(bytes)
  }

  addFolder(identifier: Uint8Array, folder: TreeFolder, { name = '', isRoot = false }): void {
    const { block, bytes, serialNumber } = this.#places.folder(folder)
    const links = 2 + folder.entries.filter(({ kind }) => kind === 'folder').length
    const posix = encodePosixEntries({ kind: 'folder', serialNumber, links }, this.#time)
    const entries = isRoot ? withRootEntries(posix) : posix
    this.#addRecord({ identifier, isFolder: true, goesOn: false, block, bytes }, entries, name)
  }

  addFile(identifier: Uint8Array, file: TreeFile): void {
    const { block, serialNumber } = this.#places.file(file)
    const posix = encodePosixEntries({ kind: 'file', serialNumber, links: 1 }, this.#time)
    const { length } = file.content
    let offset = 0
    do {
      const bytes = Math.min(length - offset, sectionBytesMax)
      const goesOn = offset + bytes < length
      const record = { identifier, isFolder: false, goesOn, block: block + blocksOf(offset), bytes }
      this.#addRecord(record, posix, file.name)
      offset += bytes
    } while (offset < length)
  }

  finish(): EncodedFolder {
    return { directory: this.#directory.finish(), continuation: this.#continuation.finish() }
  }

  #addRecord(record: DirectoryRecord, entries: Uint8Array, name: string): void {
    const systemUse = this.#isPosix ? this.#systemUse(record.identifier, entries, name) : new Uint8Array()
    this.#directory.add(encodeDirectoryRecord(record, this.#time, systemUse))
  }

  #systemUse(identifier: Uint8Array, entries: Uint8Array, name: string): Uint8Array {
    const nameEntries = name === '' ? new Uint8Array() : encodeNameEntries(name)
    if (entries.length + nameEntries.length <= systemUseRoom(identifier)) return joinOctets([entries, nameEntries])
    const at = this.#continuation.add(nameEntries)
    const block = this.#firstContinuationBlock + Math.floor(at / blockBytes)
    return joinOctets([entries, encodeContinuationEntry(block, at % blockBytes, nameEntries.length)])
  }
}

/** Octets that do not cross the ends of blocks. */
class BlockWriter {
  readonly #parts: Uint8Array[] = []
  #length = 0

  /** Returns where it begins. */
  add(octets: Uint8Array): number {
    const free = blockBytes - (this.#length % blockBytes)
    if (octets.length > free) this.#push(new Uint8Array(free))
    const at = this.#length
    this.#push(octets)
    return at
  }

  finish(): Uint8Array {
    this.#push(new Uint8Array(blocksOf(this.#length) * blockBytes - this.#length))
    return joinOctets(this.#parts)
  }

  #push(octets: Uint8Array): void {
    this.#parts.push(octets)
    this.#length += octets.length
  }
}
