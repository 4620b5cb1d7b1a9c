/** The files of the main thread, as a thread of TFTP asks for them. */

import { assert } from '../assert.ts'
import type { BootFile } from './boot-file-source.ts'
import type { GrantedFile, GrantedFiles } from './granted-files.ts'
import type { FromTftpThread, OpenedFile, ToTftpThread } from './tftp-thread-messages.ts'

interface Waiting {
  resolve(answer: OpenedFile | Uint8Array | undefined): void
  reject(error: unknown): void
}

export class RemoteFiles implements GrantedFiles {
  readonly #say: (message: FromTftpThread) => void
  readonly #waiting = new Map<number, Waiting>()
  #asked = 0

  constructor(say: (message: FromTftpThread) => void) {
    this.#say = say
  }

  async open(name: string, client: Parameters<GrantedFiles['open']>[1]): Promise<GrantedFile | undefined> {
    const opened = await this.#ask((ask) => ({ kind: 'open', ask, name, client }))
    if (opened === undefined) return undefined
    assert(!(opened instanceof Uint8Array), 'a file was asked for')
    return { file: this.#fileOf(opened), limits: opened.limits }
  }

  /** The answer to a question; there is one for each. */
  hear(message: Exclude<ToTftpThread, { kind: 'end' }>): void {
    const waiting = this.#waiting.get(message.ask)
    assert(waiting !== undefined, 'it was asked')
    this.#waiting.delete(message.ask)
    if (message.kind === 'failed') waiting.reject(message.error)
    else waiting.resolve(message.kind === 'opened' ? message.file : message.octets)
  }

  #fileOf({ id, bytes, version }: OpenedFile): BootFile {
    return {
      bytes,
      version,
      read: async (offset, length) => {
        const octets = await this.#ask((ask) => ({ kind: 'read', ask, file: id, offset, length }))
        assert(octets instanceof Uint8Array, 'octets were asked for')
        return octets
      },
      close: () => this.#say({ kind: 'close', file: id }),
    }
  }

  #ask(question: (ask: number) => FromTftpThread): Promise<OpenedFile | Uint8Array | undefined> {
    const ask = this.#asked++
    this.#say(question(ask))
    return new Promise((resolve, reject) => this.#waiting.set(ask, { resolve, reject }))
  }
}
