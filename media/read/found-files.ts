/** The files of a volume as they are found, each path and each place of a folder once. */

import { type OctetRange, type OctetSource, readPieces, UnreadableImageError } from './octet-source.ts'
import type { ReadingBounds } from './reading-bounds.ts'

export interface FoundFile {
  readonly bytes: number
  /** Where its octets lie in the image, in their order. */
  readonly places: () => AsyncIterable<OctetRange>
  readonly read: () => AsyncIterable<Uint8Array>
}

export interface FoundVolume {
  readonly kind: 'ISO 9660' | 'FAT12' | 'FAT16' | 'FAT32'
  readonly label: string
  readonly files: ReadonlyMap<string, FoundFile>
  /** Those that may be empty among them. */
  readonly folders: readonly string[]
}

export class FoundFiles {
  readonly files = new Map<string, FoundFile>()
  readonly folders: string[] = []
  readonly #places = new Set<number>()
  readonly #bounds: ReadingBounds

  constructor(bounds: ReadingBounds) {
    this.#bounds = bounds
    bounds.volume()
  }

  /** `place` is where the folder lies: no two folders lie in one place, unless one of them is in itself. */
  addFolder(path: string, place: number): void {
    if (this.#places.has(place)) throw new UnreadableImageError(`the folder ${path} lies where another one does`)
    this.#places.add(place)
    this.#bounds.folder(path)
    if (path !== '') this.folders.push(path)
  }

  addFile(path: string, file: FoundFile): void {
    if (this.files.has(path)) throw new UnreadableImageError(`the file ${path} is there twice`)
    this.#bounds.path(path)
    this.files.set(path, file)
  }
}

/** A file of what lies in these ranges of a volume. */
export function fileOf(
  source: OctetSource,
  { path, bytes }: { readonly path: string; readonly bytes: number },
  ranges: () => AsyncIterable<OctetRange> | Iterable<OctetRange>,
): FoundFile {
  return {
    bytes,
    places: async function* () {
      for await (const { offset, length } of ranges()) yield { offset: source.start + offset, length }
    },
    read: async function* () {
      for await (const range of ranges()) yield* readPieces(source, range, path)
    },
  }
}

/** A name is one name: no way out of its folder. */
export function pathBelow(folder: string, name: string): string {
  if (name === '' || name === '.' || name === '..' || /[/\0]/.test(name)) {
    throw new UnreadableImageError(`${folder === '' ? 'the first folder' : folder} has an entry whose name is no name`)
  }
  return folder === '' ? name : `${folder}/${name}`
}
