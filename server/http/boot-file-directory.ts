/**
 * The administrator's extra boot files, `--boot-files DIR`. The directory is listed at start and when it changes, and a
 * request finds a name in that list or nothing; links are left out, so nothing outside is ever reached (C06, C07). A file is
 * hashed when it is first asked for, and again when it is another or was written to (H07, TF-48). The disk is asked at
 * most once in `freshMs` for each file, however many machines want it.
 */

import { createHash } from 'node:crypto'
import { constants, type FSWatcher, type Stats, watch } from 'node:fs'
import { type FileHandle, lstat, open, readdir } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { assert } from '../assert.ts'
import { isContentName, parseSha256, type Sha256 } from '../site/content.ts'
import type { HashedContent, OpenContent } from './content-to-send.ts'
import type { ExtraBootFiles } from './dependencies.ts'
import { downloadTypeOf } from './media-type.ts'
import { Problem } from './problem.ts'

const filesMax = 50_000

/** So long a replaced file may still be announced as it was: a person cannot tell, and a hall of machines asks once. */
export const freshMs = 20

interface Hashed {
  readonly content: HashedContent
  readonly state: string
}

/** One look at a file; those who ask while it lasts share it, also when it means reading gigabytes. */
interface Look {
  readonly hashed: Promise<Hashed | undefined>
  freshUntilMs: number
}

export class BootFileDirectory implements ExtraBootFiles {
  #paths: ReadonlyMap<string, string> = new Map()
  #scan: Promise<void> | undefined
  readonly #looks = new Map<string, Look>()
  readonly #directory: string
  readonly #nowMs: () => number
  #watcher: FSWatcher | undefined

  private constructor(directory: string, nowMs: () => number) {
    this.#directory = directory
    this.#nowMs = nowMs
  }

  static async open(directory: string, nowMs: () => number = () => performance.now()): Promise<BootFileDirectory> {
    const files = new BootFileDirectory(directory, nowMs)
    await files.#list()
    files.#watcher = watch(directory, { recursive: true, persistent: false }, () => {
      files.#scan = undefined
    })
    // A directory that goes away stays as it was last seen.
    files.#watcher.on('error', () => files.close())
    files.#scan = Promise.resolve()
    return files
  }

  close(): void {
    this.#watcher?.close()
  }

  async find(name: string): Promise<HashedContent | undefined> {
    this.#scan ??= this.#list()
    await this.#scan
    const path = this.#paths.get(name)
    if (path === undefined) return undefined
    const hashed = await this.#look(path)
    return hashed?.content
  }

  async #list(): Promise<void> {
    const entries = await readdir(this.#directory, { recursive: true, withFileTypes: true })
    const paths = new Map<string, string>()
    for (const entry of entries.filter((one) => one.isFile()).slice(0, filesMax)) {
      const path = join(entry.parentPath, entry.name)
      const name = relative(this.#directory, path).split(sep).join('/')
      if (isContentName(name)) paths.set(name, path)
    }
    this.#paths = paths
    const listed = new Set(paths.values())
    for (const path of this.#looks.keys()) if (!listed.has(path)) this.#looks.delete(path)
  }

  #look(path: string): Promise<Hashed | undefined> {
    const before = this.#looks.get(path)
    if (before !== undefined && this.#nowMs() < before.freshUntilMs) return before.hashed
    const hashed = before === undefined ? hashFile(path) : before.hashed.then((known) => hashFile(path, known))
    const look: Look = { hashed, freshUntilMs: Number.POSITIVE_INFINITY }
    this.#looks.set(path, look)
    // What changed after its beginning may have been missed; one that failed is not kept.
    const startedAtMs = this.#nowMs()
    hashed.then(
      () => (look.freshUntilMs = startedAtMs + freshMs),
      () => this.#looks.delete(path),
    )
    return hashed
  }
}

/** As known, when nobody touched the file since. */
async function hashFile(path: string, known?: Hashed): Promise<Hashed | undefined> {
  // A link has a state of its own, so it never passes for the file that was here.
  if (known !== undefined && (await stateAt(path)) === known.state) return known
  const handle = await openPlainFile(path)
  if (handle === undefined) return undefined
  try {
    const stats = await handle.stat()
    const state = stateOf(stats)
    const hash = createHash('sha256')
    for await (const chunk of handle.createReadStream({ autoClose: false })) hash.update(chunk)
    const sha256 = parseSha256(hash.digest('hex'))
    assert(sha256 !== undefined, 'a SHA-256 is 64 hexadecimal digits')
    return { content: contentAt(path, { sha256, stats }), state }
  } finally {
    await handle.close()
  }
}

function contentAt(path: string, { sha256, stats }: { sha256: Sha256; stats: Stats }): HashedContent {
  return {
    bytes: stats.size,
    sha256,
    type: downloadTypeOf(path),
    lastModifiedMs: stats.mtimeMs,
    cacheControl: 'no-cache',
    open: async () => openFile(path, stats),
  }
}

/** Builds that can be repeated give another file the same size and date; the change time and the inode are never set by hand. */
function stateOf({ dev, ino, size, mtimeMs, ctimeMs }: Stats): string {
  return `${dev} ${ino} ${size} ${mtimeMs} ${ctimeMs}`
}

async function stateAt(path: string): Promise<string | undefined> {
  return lstat(path).then(stateOf, () => undefined)
}

async function openPlainFile(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, constants.O_RDONLY | constants.O_NOFOLLOW)
  } catch {
    // It went away, or is a link now: there is no such file.
    return undefined
  }
}

/** The file that was hashed, or nothing: a client never gets octets of another under its ETag. */
async function openFile(path: string, hashed: Stats): Promise<OpenContent> {
  const handle = await openPlainFile(path)
  if (handle === undefined) throw changed()
  if (stateOf(await handle.stat()) !== stateOf(hashed)) {
    await handle.close()
    throw changed()
  }
  return {
    fileDescriptor: handle.fd,
    read: async (position: number, length: number) => {
      const wanted = Math.min(length, hashed.size - position)
      const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(wanted), 0, wanted, position)
      if (bytesRead !== wanted) throw new Error('a boot file was shortened while it was sent')
      return buffer
    },
    close: async () => handle.close(),
  }
}

function changed(): Problem {
  return new Problem(503, { detail: 'The file is being replaced.', headers: { 'retry-after': '1' } })
}
