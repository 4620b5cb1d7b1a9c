/**
 * What somebody gives as the files of a package: a folder, which is sent as a tar archive made on the way, or an archive as
 * it is. A folder is looked through first, and everything in it that content cannot hold is named at once.
 */

import { createReadStream } from 'node:fs'
import { open, readdir, stat } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { PassThrough, type Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { pack, type Pack } from 'tar-stream'
import { asError } from '../caught-error.ts'
import { contentFilesMax, isContentName } from '../site/content.ts'
import { CliError } from './cli-error.ts'

export interface ContentSource {
  /** Of the files; what is sent of a folder has a little more. */
  readonly bytes: number
  /** Known of an archive only. */
  readonly sentBytes?: number
  /** Its octets, and a promise that rejects when they cannot be read to their end. */
  open(): { readonly octets: Readable; readonly done: Promise<void> }
}

export async function findContentSource(path: string): Promise<ContentSource> {
  const what = await stat(path).catch(() => undefined)
  if (what === undefined) throw new CliError(`there is no file or folder ${path}`)
  if (what.isDirectory()) return folderSource(path)
  return {
    bytes: what.size,
    sentBytes: what.size,
    open() {
      const octets = createReadStream(path, { highWaterMark: readBytes })
      return { octets, done: finished(octets, path) }
    },
  }
}

const readBytes = 1024 * 1024

interface FolderFile {
  readonly name: string
  readonly path: string
  readonly bytes: number
  readonly executable: boolean
}

async function folderSource(folder: string): Promise<ContentSource> {
  const files = await filesIn(folder)
  return {
    bytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
    open() {
      const octets = new PassThrough({ highWaterMark: readBytes })
      const archive = pack()
      const piping = pipeline(archive, octets)
      const done = Promise.all([packFiles(archive, files), piping]).then(
        () => undefined,
        (error: unknown) => {
          archive.destroy()
          octets.destroy(asError(error))
          throw error
        },
      )
      return { octets, done }
    },
  }
}

async function filesIn(folder: string): Promise<readonly FolderFile[]> {
  const faults: string[] = []
  const files: FolderFile[] = []
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isDirectory()) continue
    const path = join(entry.parentPath, entry.name)
    const name = relative(folder, path).split(sep).join('/')
    if (entry.isSymbolicLink()) faults.push(`${path} is a symbolic link; content holds files only`)
    else if (!entry.isFile()) faults.push(`${path} is neither a file nor a folder`)
    else if (!isContentName(name)) faults.push(`${path}: the name must be letters, digits, . _ + @ - and spaces`)
    else {
      const { size, mode } = await stat(path)
      files.push({ name, path, bytes: size, executable: (mode & 0o111) !== 0 })
    }
  }
  if (files.length > contentFilesMax) faults.push(`${folder} holds more than ${contentFilesMax} files`)
  if (faults.length === 0 && files.length === 0) faults.push(`${folder} holds no files`)
  if (faults.length > 0) throw new CliError(shown(faults).join('\n  '))
  // In one order, whatever order the file system has.
  return files.toSorted((a, b) => (a.name < b.name ? -1 : 1))
}

const faultsShownMax = 50

function shown(faults: readonly string[]): readonly string[] {
  const more = faults.length - faultsShownMax
  return more > 0 ? [...faults.slice(0, faultsShownMax), `and ${more} more`] : faults
}

async function packFiles(archive: Pack, files: readonly FolderFile[]): Promise<void> {
  for (const file of files) await packFile(archive, file)
  archive.finalize()
}

async function packFile(archive: Pack, { name, path, bytes, executable }: FolderFile): Promise<void> {
  const header = { name, size: bytes, mode: executable ? 0o755 : 0o644, mtime: new Date(0) }
  if (bytes === 0) {
    archive.entry(header, '')
    return
  }
  const handle = await open(path).catch((cause: unknown) => {
    throw new CliError(`${path} cannot be read`, { cause })
  })
  try {
    const entry = archive.entry(header)
    // What grew while it was read is cut, what shrank is a fault: the header is sent already.
    const source = handle.createReadStream({ start: 0, end: bytes - 1, highWaterMark: readBytes })
    let read = 0
    const counted = async function* (): AsyncGenerator<Buffer> {
      for await (const chunk of source) {
        if (!Buffer.isBuffer(chunk)) continue
        read += chunk.length
        yield chunk
      }
      if (read < bytes) throw new CliError(`${path} became shorter while it was read`)
    }
    await pipeline(counted, entry)
  } finally {
    await handle.close()
  }
}

async function finished(octets: Readable, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    octets.on('close', resolve)
    octets.on('error', (cause) => reject(new CliError(`${path} cannot be read`, { cause })))
  })
}
