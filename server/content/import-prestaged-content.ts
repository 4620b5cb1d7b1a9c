/**
 * Takes in a prestaged content file (prestaged-content.ts) at a distribution point, S8-008. The file comes by hand, so nothing in
 * it is believed: entries are only what its first one lists, each once, each of the size that is listed, and nothing counts whose
 * hash is another. All of it waits in a folder of its own, and enters the library when the last entry was good: of a file that is
 * refused nothing stays, and an import that was killed is simply done again.
 */

import type { Header } from 'tar-stream'
import { buffer } from 'node:stream/consumers'
import type { ContentFile, Sha256 } from '../site/content.ts'
import { ContentError } from './content-error.ts'
import type { ContentLibrary, StoredBlob } from './content-library.ts'
import { printEntryName } from './judge-entry.ts'
import type { OpenBlob } from './open-blob.ts'
import {
  blobsOf,
  hashOfEntry,
  manifestBytesMax,
  manifestName,
  parseManifest,
  type PrestagedContent,
  type PrestagedManifest,
} from './prestaged-content.ts'
import { type ArchiveEnd, type EntryOctets, readArchive } from './read-archive.ts'
import { ArchiveRefused, detectCompression } from './unpack.ts'

export interface PrestagedImport {
  /** Where blobs wait; on the same disk as the library, and nobody else's. */
  readonly waiting: ContentLibrary
  readonly library: ContentLibrary
  /** Of what the file holds, what is taken. */
  readonly isWanted: (content: PrestagedContent) => boolean
  /** Octets of wanted blobs that were looked at, of all of them. */
  readonly progress?: (bytes: number, of: number) => void
}

export type ImportedPrestaged =
  | {
      readonly kind: 'imported'
      readonly taken: readonly PrestagedContent[]
      readonly left: readonly PrestagedContent[]
      /** Blobs that were not here, or were not as they should be. */
      readonly added: readonly StoredBlob[]
    }
  /** A sentence. */
  | { readonly kind: 'refused'; readonly fault: string }

const noPrestagedContent = 'It is no prestaged content file, or its first octets are damaged.'
const noManifest =
  'has no list of contents as its first entry: it is no prestaged content file that this program can read'

export async function importPrestagedContent(
  file: Pick<OpenBlob, 'bytes' | 'read' | 'stream'>,
  importing: PrestagedImport,
): Promise<ImportedPrestaged> {
  const compression = detectCompression(await file.read(0, 16))
  if (typeof compression === 'object') return refused(`It is ${compression.not}, and no prestaged content file.`)
  if (compression !== 'none' && compression !== 'zstd') {
    return refused(`It is compressed with ${compression}; a prestaged content file is with zstd, or not at all.`)
  }
  const judge = new PrestagedEntries(importing)
  try {
    // Its first entry, and one for each blob: one more is one too many, which the judge says better.
    const entriesMax = Number.POSITIVE_INFINITY
    const end = await readArchive(file, {
      compression,
      entriesMax,
      take: (header, octets) => judge.take(header, octets),
    })
    const fault = endFault(end) ?? judge.missing()
    return fault === undefined ? await judge.keep() : refused(fault)
  } catch (error) {
    if (error instanceof ContentError && error.code === 'hash-mismatch') {
      return refused(`The archive holds other octets than it says: ${error.message}.`)
    }
    throw error
  }
}

function refused(fault: string): ImportedPrestaged {
  return { kind: 'refused', fault }
}

function endFault(end: ArchiveEnd): string | undefined {
  switch (end.kind) {
    case 'read':
      return undefined
    case 'fault':
      return end.fault
    case 'no-archive':
      return noPrestagedContent
    case 'window-too-large':
      return 'It needs more than 128 MiB to be unpacked, which no prestaged content file does.'
    default:
      return end satisfies never
  }
}

class PrestagedEntries {
  readonly #importing: PrestagedImport
  #manifest: PrestagedManifest | undefined
  #listed: ReadonlyMap<Sha256, ContentFile> = new Map()
  #wanted: ReadonlyMap<Sha256, ContentFile> = new Map()
  readonly #seen = new Set<Sha256>()
  readonly #waiting: StoredBlob[] = []
  #lookedAt = 0
  #lookedAtMax = 0

  constructor(importing: PrestagedImport) {
    this.#importing = importing
  }

  async take(header: Header, octets: EntryOctets): Promise<void> {
    if (this.#manifest === undefined) return this.#takeManifest(header, octets)
    const { sha256, bytes } = this.#judge(header)
    this.#seen.add(sha256)
    if (!this.#wanted.has(sha256)) {
      octets.skip()
      return
    }
    const { library, waiting, progress } = this.#importing
    if ((await library.verify(sha256)) === 'good') octets.skip()
    else this.#waiting.push(await waiting.add(octets.read(), sha256))
    this.#lookedAt += bytes
    progress?.(this.#lookedAt, this.#lookedAtMax)
  }

  /** A sentence; undefined: every blob that is listed came. */
  missing(): string | undefined {
    if (this.#manifest === undefined) return noPrestagedContent
    const gone = [...this.#listed.values()].filter(({ sha256 }) => !this.#seen.has(sha256))
    const [first] = gone
    if (first === undefined) return undefined
    return `The archive is cut off: ${first.name}${gone.length === 1 ? '' : ` and ${gone.length - 1} more`} of its files are not in it.`
  }

  async keep(): Promise<ImportedPrestaged> {
    const { library, waiting, isWanted } = this.#importing
    for (const blob of this.#waiting) {
      if ((await library.verify(blob.sha256)) === 'damaged') await library.drop(blob.sha256)
      await library.adopt(blob, waiting)
    }
    const contents = this.#manifest?.contents ?? []
    return {
      kind: 'imported',
      taken: contents.filter((content) => isWanted(content)),
      left: contents.filter((content) => !isWanted(content)),
      added: this.#waiting,
    }
  }

  async #takeManifest(header: Header, octets: EntryOctets): Promise<void> {
    if (header.name !== manifestName || header.type !== 'file') throw new ArchiveRefused(noManifest)
    if (header.size > manifestBytesMax) throw new ArchiveRefused(`has a list of contents of ${header.size} octets`)
    const manifest = parseManifest(await buffer(octets.read()))
    if (manifest === undefined) throw new ArchiveRefused(noManifest)
    for (const [sha256, sizes] of sizesOf(manifest)) {
      if (sizes.size > 1) throw new ArchiveRefused(`lists ${sha256} with several sizes`)
    }
    this.#manifest = manifest
    this.#listed = blobsOf(manifest.contents)
    this.#wanted = blobsOf(manifest.contents.filter((content) => this.#importing.isWanted(content)))
    this.#lookedAtMax = [...this.#wanted.values()].reduce((sum, { bytes }) => sum + bytes, 0)
  }

  #judge({ name, type, size }: Header): ContentFile {
    const sha256 = hashOfEntry(name)
    const listed = sha256 === undefined ? undefined : this.#listed.get(sha256)
    const entry = `has an entry ${printEntryName(name)}`
    if (listed === undefined) throw new ArchiveRefused(`${entry}, which it does not list`)
    if (type !== 'file') throw new ArchiveRefused(`${entry}, which is no file`)
    if (this.#seen.has(listed.sha256)) throw new ArchiveRefused(`${entry} twice`)
    if (size !== listed.bytes) throw new ArchiveRefused(`${entry} of ${size} octets, and lists it with ${listed.bytes}`)
    return listed
  }
}

function sizesOf({ contents }: PrestagedManifest): ReadonlyMap<Sha256, ReadonlySet<number>> {
  const sizes = new Map<Sha256, Set<number>>()
  for (const { sha256, bytes } of contents.flatMap(({ files }) => files)) {
    sizes.set(sha256, (sizes.get(sha256) ?? new Set()).add(bytes))
  }
  return sizes
}
