/**
 * The files of an image while it is put together from a folder of unpacked packages: links stay links, files with
 * several names are stored once, parents come by themselves, libraries are found through what needs them.
 */

import { lstat, readFile, readdir, readlink } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { decodeElf } from './elf.ts'
import type { ArchiveEntry } from './newc-archive.ts'

export class ImageTree {
  readonly #entries = new Map<string, ArchiveEntry>()
  readonly #firstNameOfInode = new Map<number, string>()
  readonly #needed = new Set<string>()

  /** Paths are absolute, `/usr/bin/tar`; a later entry of the same path replaces the earlier one. */
  add(path: string, entry: Content): void {
    const name = path.slice(1)
    for (let parent = dirname(name); parent !== '.'; parent = dirname(parent)) {
      if (!this.#entries.has(parent)) {
        this.#entries.set(parent, { kind: 'directory', name: parent, mode: 0o755 })
      }
    }
    this.#entries.set(name, { ...entry, name })
    if (entry.kind === 'file') decodeElf(entry.data)?.needed.forEach((library) => this.#needed.add(library))
  }

  has(path: string): boolean {
    return this.#entries.has(path.slice(1))
  }

  /** Copies a path of the unpacked folder, and all below it when it is a folder. */
  async copy(root: string, path: string, wanted: (path: string) => boolean = () => true): Promise<void> {
    const status = await lstat(join(root, path))
    if (status.isDirectory()) {
      for (const name of (await readdir(join(root, path))).sort()) await this.copy(root, join(path, name), wanted)
      return
    }
    if (!wanted(path) || this.has(path)) return
    if (status.isSymbolicLink()) {
      const target = await readlink(join(root, path))
      this.add(path, { kind: 'link', target })
      await this.copy(root, belowUsr(resolve(dirname(path), target)), wanted)
      return
    }
    const firstName = this.#firstNameOfInode.get(status.ino)
    if (firstName !== undefined) {
      this.add(path, { kind: 'link', target: firstName })
      return
    }
    this.#firstNameOfInode.set(status.ino, path)
    this.add(path, { kind: 'file', mode: status.mode & 0o755, data: await readFile(join(root, path)) })
  }

  /** Adds to `directory` every library that a program in the tree needs, and that those need. */
  async addLibraries(from: string, directory: string): Promise<void> {
    for (const library of this.#needed) {
      if (this.has(`${directory}/${library}`)) continue
      const data = await readFile(join(from, library)).catch((cause: unknown) => {
        throw new Error(`no package of the image has the library ${library}`, { cause })
      })
      this.add(`${directory}/${library}`, { kind: 'file', mode: 0o755, data })
    }
  }

  /** Parents before what is in them. */
  entries(): ArchiveEntry[] {
    return [...this.#entries.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
  }
}

/** `/bin` and `/sbin` are links in the image, and packages still point through them. */
function belowUsr(path: string): string {
  return path.replace(/^\/(?=s?bin\/)/, '/usr/')
}

/** An entry without its name. */
export type Content = ArchiveEntry extends infer Entry
  ? Entry extends ArchiveEntry
    ? Omit<Entry, 'name'>
    : never
  : never
