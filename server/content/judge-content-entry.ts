/**
 * Whether an archive is a tree of files that any system can hold (security E01, E02): plain files with names that
 * `isContentName` allows, each once. Links are refused, symbolic and hard, wherever they point: content is named files, and what a
 * link means differs between the systems that receive it. A folder without files is not kept.
 */

import { contentFilesMax, isContentName } from '../site/content.ts'
import { type ArchiveEntry, printEntryName } from './judge-entry.ts'

const faultsShownMax = 50
/** Linux and Windows open names far longer; nobody makes them. */
const depthMax = 64

/** A file to keep; undefined: a folder, or an entry with a fault. */
export interface JudgedFile {
  readonly name: string
  readonly executable: boolean
}

export class ContentEntryJudge {
  /** As names are compared on systems that do not tell case apart; the first spelling. */
  readonly #files = new Map<string, string>()
  readonly #folders = new Map<string, string>()
  readonly #faults: string[] = []
  #faultCount = 0

  get faults(): readonly string[] {
    const more = this.#faultCount - this.#faults.length
    return more > 0 ? [...this.#faults, `and ${more} more entries are refused`] : this.#faults
  }

  get files(): number {
    return this.#files.size
  }

  judge(entry: ArchiveEntry & { readonly mode: number }): JudgedFile | undefined {
    const isFolder = entry.type === 'directory'
    const name = entry.name
      .split('/')
      .filter((segment, index) => segment !== '.' && (segment !== '' || index === 0))
      .join('/')
    if (isFolder && name === '') return undefined
    const fault = nameFault(entry.name, name) ?? kindFault(entry) ?? this.#placeFault(name, isFolder)
    if (fault !== undefined) {
      this.#blame(entry.name, fault)
      return undefined
    }
    return isFolder ? undefined : { name, executable: (entry.mode & 0o111) !== 0 }
  }

  /** Two entries of one name, also in another case; a file where a folder is. */
  #placeFault(name: string, isFolder: boolean): string | undefined {
    const segments = name.split('/')
    if (segments.length > depthMax) return `it lies more than ${depthMax} folders deep`
    const above = this.#fileAbove(segments)
    if (above !== undefined) return `it lies below ${above}, which is a file`
    const folded = name.toLowerCase()
    const same = this.#files.get(folded) ?? (isFolder ? undefined : this.#folders.get(folded))
    if (same !== undefined) return same === name ? 'it is there twice' : `it differs from ${same} in case only`
    if (this.#folders.size > contentFilesMax) return `there are more than ${contentFilesMax} folders before it`
    if (isFolder) this.#folders.set(folded, name)
    else if (this.#files.size < contentFilesMax) this.#files.set(folded, name)
    else return `there are ${contentFilesMax} files before it, and more are not taken`
    return undefined
  }

  /** Remembers the folders that the name goes through. */
  #fileAbove(segments: readonly string[]): string | undefined {
    for (let depth = segments.length - 1; depth > 0; depth -= 1) {
      const name = segments.slice(0, depth).join('/')
      const folded = name.toLowerCase()
      const file = this.#files.get(folded)
      if (file !== undefined) return file
      // Whatever is above a known folder is one, too.
      if (this.#folders.has(folded)) return undefined
      this.#folders.set(folded, name)
    }
    return undefined
  }

  #blame(name: string, fault: string): void {
    this.#faultCount += 1
    if (this.#faults.length < faultsShownMax) this.#faults.push(`${printEntryName(name)}: ${fault}`)
  }
}

function nameFault(sent: string, name: string): string | undefined {
  if (sent.startsWith('/')) return 'its name is absolute'
  if (name.split('/').includes('..')) return 'its name climbs out with ".."'
  if (isContentName(name)) return undefined
  return 'its name is none that every system can hold: letters, digits, . _ + @ - and spaces, at most 1,024 characters'
}

function kindFault({ type }: ArchiveEntry): string | undefined {
  switch (type) {
    case 'file':
    case 'contiguous-file':
    case 'directory':
      return undefined
    case 'symlink':
      return 'it is a symbolic link; put what it points to in its place (tar --dereference)'
    case 'link':
      return 'it is a hard link; put the file itself in its place (tar --hard-dereference)'
    default:
      return 'it is neither a file nor a folder'
  }
}
