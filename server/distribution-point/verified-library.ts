/**
 * The content library of a distribution point: only what was hashed here is ever opened for a machine, and only as long as nobody
 * has touched its file since. Octets that went bad by themselves are found by a validation, and by the machine, which hashes too.
 */

import type { ContentLibrary } from '../content/content-library.ts'
import type { OpenBlob } from '../content/open-blob.ts'
import type { ContentFile, Sha256 } from '../site/content.ts'
import type { KeptContents } from './kept-contents.ts'

export type LibraryOfPoint = Pick<ContentLibrary, 'open' | 'verify' | 'resume' | 'drop'>

export interface VerifiedLibraryOptions {
  readonly library: LibraryOfPoint
  readonly kept: KeptContents
  readonly octets: (sha256: Sha256, position: number) => AsyncIterable<Uint8Array>
  readonly now: () => number
}

export class VerifiedLibrary {
  readonly #options: VerifiedLibraryOptions

  constructor(options: VerifiedLibraryOptions) {
    this.#options = options
  }

  /** Undefined: it is not here, or not known to be what it should be. */
  async open(sha256: Sha256): Promise<OpenBlob | undefined> {
    const { library, kept } = this.#options
    const blob = await library.open(sha256)
    if (blob !== undefined && kept.isAsVerified(sha256, blob.changedAtMs)) return blob
    await blob?.close()
    kept.doubt(sha256)
    return undefined
  }

  /** Hashes what is here; what is not as it should be is removed. */
  async verify(sha256: Sha256): Promise<'good' | 'missing' | 'damaged'> {
    const { library, kept, now } = this.#options
    const before = await this.#changedAt(sha256)
    const found = await library.verify(sha256)
    // Whoever touched it meanwhile has it hashed again when it is asked for.
    if (found === 'good' && before !== undefined) kept.noteVerified(sha256, { changedAtMs: before, atMs: now() })
    else kept.doubt(sha256)
    if (found === 'damaged') await library.drop(sha256)
    return found
  }

  /** Here and good when it resolves; rejects with what went wrong. */
  async ensure({ sha256, bytes }: ContentFile): Promise<void> {
    const { library, kept, octets, now } = this.#options
    if (kept.verifiedAt(sha256) !== undefined) return
    if ((await this.verify(sha256)) === 'good') return
    await library.resume({ sha256, bytes }, (position) => octets(sha256, position))
    const changedAtMs = await this.#changedAt(sha256)
    if (changedAtMs !== undefined) kept.noteVerified(sha256, { changedAtMs, atMs: now() })
  }

  async #changedAt(sha256: Sha256): Promise<number | undefined> {
    const blob = await this.#options.library.open(sha256)
    await blob?.close()
    return blob?.changedAtMs
  }
}
