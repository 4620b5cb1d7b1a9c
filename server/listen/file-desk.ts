/**
 * The main thread's side of `remote-files.ts`: opens and reads files for one thread of TFTP. Pieces are read once for all threads,
 * into memory that they share.
 */

import { assert } from '../assert.ts'
import { asError } from '../caught-error.ts'
import { pieceBytes, type BootFileCache, type CachedBootFile } from './boot-file-cache.ts'
import type { BootFile } from './boot-file-source.ts'
import type { GrantedFiles } from './granted-files.ts'
import type { FromTftpThread, ToTftpThread } from './tftp-thread-messages.ts'

type Question<Kind> = Extract<FromTftpThread, { kind: Kind }>

export class FileDesk {
  readonly #files: GrantedFiles
  readonly #cache: BootFileCache
  readonly #say: (message: ToTftpThread) => void
  readonly #open = new Map<number, CachedBootFile>()
  #opened = 0
  #closed = false

  /** `cache`: one for the desks of all threads. */
  constructor(files: GrantedFiles, cache: BootFileCache, say: (message: ToTftpThread) => void) {
    this.#files = files
    this.#cache = cache
    this.#say = say
  }

  open({ ask, name, client }: Question<'open'>): void {
    this.#files.open(name, client).then(
      (granted) => {
        if (granted === undefined) return this.#say({ kind: 'opened', ask, file: undefined })
        // The thread has ended meanwhile.
        if (this.#closed) return granted.file.close()
        const id = this.#opened++
        this.#open.set(id, this.#cache.adopt(inSharedMemory(granted.file)))
        const { bytes, version } = granted.file
        this.#say({ kind: 'opened', ask, file: { id, bytes, version, limits: granted.limits } })
      },
      (error: unknown) => this.#failed(ask, error),
    )
  }

  read({ ask, file, offset, length }: Question<'read'>): void {
    const open = this.#open.get(file)
    assert(open !== undefined, 'the file is open')
    const within = offset % pieceBytes
    assert(within + length <= pieceBytes, 'what is read lies in one piece')
    const answer = (piece: Uint8Array): void =>
      this.#say({ kind: 'read', ask, octets: piece.subarray(within, within + length) })
    const piece = open.piece((offset - within) / pieceBytes)
    if (piece instanceof Uint8Array) return answer(piece)
    piece.then(answer, (error: unknown) => this.#failed(ask, error))
  }

  close({ file }: Question<'close'>): void {
    this.#open.get(file)?.close()
    this.#open.delete(file)
  }

  /** The thread has ended. */
  end(): void {
    this.#closed = true
    for (const file of this.#open.values()) file.close()
    this.#open.clear()
  }

  #failed(ask: number, error: unknown): void {
    this.#say({ kind: 'failed', ask, error: asError(error) })
  }
}

function inSharedMemory(file: BootFile): BootFile {
  const copied = (octets: Uint8Array): Uint8Array => {
    const shared = new Uint8Array(new SharedArrayBuffer(octets.length))
    shared.set(octets)
    return shared
  }
  return {
    bytes: file.bytes,
    version: file.version,
    read: (offset, length) => {
      const octets = file.read(offset, length)
      return octets instanceof Uint8Array ? copied(octets) : octets.then(copied)
    },
    close: () => file.close(),
  }
}
