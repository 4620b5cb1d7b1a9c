/**
 * What a distribution point is to have, and which of its blobs it has hashed, in `<data>/distribution-point/contents.json`. The file is
 * replaced whole; when it is lost, or older than the library, blobs are hashed once more before they are served.
 */

import { open, readFile, rename } from 'node:fs/promises'
import { z } from 'zod'
import { systemErrorCode } from '../caught-error.ts'
import type { NamedContent } from '../http/find-content-file.ts'
import { parseSha256, type Sha256 } from '../site/content.ts'
import type { AssignedContent } from '../site/content-state.ts'
import { DistributionPointError } from './distribution-point-error.ts'
import { contentSchema } from './site-connection.ts'

/** A run that began before goes on with the version that its policy names. */
export const keptUnwantedMs = 24 * 3_600_000

export interface KeptContent extends AssignedContent {
  /** Of the site's requests to hash it again, the last that was carried out. */
  readonly validated: number
  /** What the last validation found, for people. */
  readonly note?: string
  /** Since when it need not be here any more. */
  readonly unwantedSinceMs?: number
}

interface Verified {
  /** Of the file, as the system counts: whatever is done to the file moves it. */
  readonly changedAtMs: number
  readonly atMs: number
}

const keptSchema = z.object({
  contents: z.array(
    contentSchema.extend({
      validated: z.number(),
      note: z.string().exactOptional(),
      unwantedSinceMs: z.number().exactOptional(),
    }),
  ),
  verified: z.record(z.string(), z.object({ changedAtMs: z.number(), atMs: z.number() })),
})

export class KeptContents {
  readonly #file: string
  #contents: readonly KeptContent[] = []
  readonly #verified = new Map<Sha256, Verified>()
  /** One at a time. */
  #saving: Promise<void> = Promise.resolve()

  private constructor(file: string) {
    this.#file = file
  }

  static async open(file: string): Promise<KeptContents> {
    const kept = new KeptContents(file)
    const { contents, verified } = keptSchema.parse(await readJson(file))
    kept.#contents = contents
    for (const [text, value] of Object.entries(verified)) {
      const sha256 = parseSha256(text)
      if (sha256 !== undefined) kept.#verified.set(sha256, value)
    }
    return kept
  }

  /** What the site wants now. The rest stays for a day. */
  accept(assigned: readonly AssignedContent[], nowMs: number): void {
    const known = new Map(this.#contents.map((content) => [keyOf(content), content]))
    const wanted = assigned.map((content): KeptContent => {
      const { note, validated = content.validation } = known.get(keyOf(content)) ?? {}
      return { ...content, validated, ...(note === undefined ? {} : { note }) }
    })
    const keys = new Set(wanted.map(keyOf))
    const left = this.#contents
      .filter((content) => !keys.has(keyOf(content)))
      .map((content) => ({ ...content, unwantedSinceMs: content.unwantedSinceMs ?? nowMs }))
      .filter(({ unwantedSinceMs }) => nowMs < unwantedSinceMs + keptUnwantedMs)
    this.#contents = [...wanted, ...left]
  }

  get wanted(): readonly KeptContent[] {
    return this.#contents.filter(({ unwantedSinceMs }) => unwantedSinceMs === undefined)
  }

  /** What may be served, those included that are not wanted any more. */
  get served(): readonly NamedContent[] {
    return this.#contents.map(({ contentId, version, files }) => ({ id: contentId, version, files }))
  }

  get hashes(): ReadonlySet<Sha256> {
    return new Set(this.#contents.flatMap(({ files }) => files.map(({ sha256 }) => sha256)))
  }

  /** What the site wants may have become another version since. */
  noteValidated({ contentId, version, validation }: AssignedContent, note: string | undefined): void {
    this.#contents = this.#contents.map((content) => {
      if (content.contentId !== contentId || content.version !== version) return content
      const { note: _, ...others } = content
      return { ...others, validated: validation, ...(note === undefined ? {} : { note }) }
    })
  }

  verifiedAt(sha256: Sha256): number | undefined {
    return this.#verified.get(sha256)?.atMs
  }

  isAsVerified(sha256: Sha256, changedAtMs: number): boolean {
    return this.#verified.get(sha256)?.changedAtMs === changedAtMs
  }

  noteVerified(sha256: Sha256, verified: Verified): void {
    this.#verified.set(sha256, verified)
  }

  /** It must be hashed again before it is served. */
  doubt(sha256: Sha256): void {
    this.#verified.delete(sha256)
  }

  async save(): Promise<void> {
    const saved = this.#saving.then(async () => this.#write())
    this.#saving = saved.catch(() => undefined)
    return saved
  }

  async #write(): Promise<void> {
    const { hashes } = this
    const verified = Object.fromEntries([...this.#verified].filter(([sha256]) => hashes.has(sha256)))
    const beside = `${this.#file}.new`
    const file = await open(beside, 'w', 0o600)
    try {
      await file.writeFile(JSON.stringify({ contents: this.#contents, verified }))
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(beside, this.#file)
  }
}

function keyOf({ contentId, version }: AssignedContent): string {
  return `${contentId} ${version}`
}

async function readJson(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8'))
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return { contents: [], verified: {} }
    throw new DistributionPointError(`${file} cannot be read. Remove it: what is in it is found out again`, {
      cause: error,
    })
  }
}
