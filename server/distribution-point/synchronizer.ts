/**
 * Brings a distribution point to what its site wants: asks, validates, fetches what is missing and removes what was not wanted
 * for a day. Asking and reporting go on while octets are fetched, so that the site sees a point that is alive.
 */

import { messageOf } from '../caught-error.ts'
import type { ContentLibrary } from '../content/content-library.ts'
import { type PointReport, reasonCharactersMax } from '../contract/distribution-point.ts'
import type { HttpLog } from '../http/dependencies.ts'
import type { PackageId } from '../address/identifiers.ts'
import type { ContentReport } from '../site/content-state.ts'
import type { ContentFile, Sha256 } from '../site/content.ts'
import type { KeptContent, KeptContents } from './kept-contents.ts'
import type { SiteConnection } from './site-connection.ts'
import type { VerifiedLibrary } from './verified-library.ts'

/** Files at a time: enough to fill a line, few enough to leave the site's disk to machines. */
const fetchedAtOnce = 4
const removeEachMs = 3_600_000

const waitsForImport = 'it waits for prestaged content to be imported (./reveille distribution-point import)'

export interface SynchronizerOptions {
  readonly site: Pick<SiteConnection, 'assignment' | 'report'>
  readonly kept: KeptContents
  readonly verified: VerifiedLibrary
  readonly library: Pick<ContentLibrary, 'collectGarbage' | 'dropPartials'>
  readonly log: HttpLog
  readonly now: () => number
  readonly signal: AbortSignal
}

export class Synchronizer {
  readonly #options: SynchronizerOptions
  /** Of the last try, by content; what is here has none. */
  #failures: ReadonlyMap<PackageId, string> = new Map()
  #work: Promise<void> | undefined
  #removedAtMs = 0
  /** What is missing is not fetched, but imported by somebody (S8-008). */
  #waitsForImport = false

  constructor(options: SynchronizerOptions) {
    this.#options = options
  }

  /** Rejects when the site cannot be asked; what is here is served as before. */
  async turn(): Promise<void> {
    const { site, kept, now } = this.#options
    const { contents, prestagedContentOnly = false } = await site.assignment()
    kept.accept(contents, now())
    this.#waitsForImport = prestagedContentOnly
    await kept.save()
    this.#work ??= this.#bringAbout().finally(() => {
      this.#work = undefined
    })
    await site.report(this.report())
  }

  /** What was begun is ended, or broken off by the signal. */
  async settle(): Promise<void> {
    await this.#work
  }

  report(): PointReport {
    return { contents: this.#options.kept.wanted.map((content) => this.#reportOn(content)) }
  }

  #reportOn({ contentId: id, version, files, validated, note }: KeptContent): ContentReport {
    const verified = files.map(({ sha256 }) => this.#options.kept.verifiedAt(sha256))
    const times = verified.filter((atMs) => atMs !== undefined)
    const isHere = times.length === files.length
    const failure = isHere ? undefined : this.#failures.get(id)
    const waiting = this.#waitsForImport && !isHere ? waitsForImport : undefined
    const reason = (failure ?? waiting ?? note)?.slice(0, reasonCharactersMax)
    return {
      id,
      version,
      state: isHere ? 'installed' : failure === undefined ? 'in-progress' : 'failed',
      ...(reason === undefined ? {} : { reason }),
      validation: validated,
      ...(isHere && times.length > 0 ? { verifiedAtMs: Math.floor(Math.min(...times)) } : {}),
    }
  }

  async #bringAbout(): Promise<void> {
    const { site, kept, log, signal } = this.#options
    try {
      for (const content of kept.wanted) if (content.validated < content.validation) await this.#validate(content)
      await this.#fetchMissing()
      await this.#removeUnwanted()
      await kept.save()
      await site.report(this.report())
    } catch (error) {
      if (!signal.aborted) log.warn({ reason: messageOf(error) }, 'content could not be brought up to date')
    }
  }

  /** S8-006: a hash of everything; what is not as it was is fetched anew. */
  async #validate(content: KeptContent): Promise<void> {
    const { verified, kept, log } = this.#options
    const { contentId, version, files } = content
    const wrong: string[] = []
    for (const { name, sha256 } of files) if ((await verified.verify(sha256)) !== 'good') wrong.push(name)
    const [first] = wrong
    if (first === undefined) return kept.noteValidated(content, undefined)
    const rest = wrong.length === 1 ? '' : ` and ${wrong.length - 1} more`
    const found = `the validation found that ${first}${rest} was not as it had been fetched; it is fetched anew`
    kept.noteValidated(content, found)
    log.warn({ content: contentId, version, files: wrong.length }, 'files were not as they had been fetched')
  }

  async #fetchMissing(): Promise<void> {
    const { kept, verified, log, signal } = this.#options
    const queue = missingFiles(kept)
    const failures = new Map<PackageId, string>()
    const fetchNext = async (): Promise<void> => {
      for (let next = queue.shift(); next !== undefined && !signal.aborted; next = queue.shift()) {
        const { file, contents } = next
        try {
          if (this.#waitsForImport) await verified.verify(file.sha256)
          else await verified.ensure(file)
        } catch (error) {
          if (signal.aborted) return
          const reason = `${file.name}: ${messageOf(error)}`
          for (const id of contents) failures.set(id, reason)
          log.warn({ contents, reason }, 'a file could not be fetched; it is tried again')
        }
      }
    }
    await Promise.all(Array.from({ length: fetchedAtOnce }, fetchNext))
    // What failed is said to have failed until another try has ended.
    this.#failures = failures
  }

  /** It reads the whole list of blobs, so not with every turn. */
  async #removeUnwanted(): Promise<void> {
    const { kept, library, log, now } = this.#options
    if (now() < this.#removedAtMs + removeEachMs) return
    this.#removedAtMs = now()
    await library.dropPartials(kept.hashes)
    const { removed, bytes } = await library.collectGarbage(kept.hashes, now())
    if (removed.length > 0) log.info({ files: removed.length, bytes }, 'removed files that the site wants no more')
  }
}

interface Missing {
  readonly file: ContentFile
  readonly contents: PackageId[]
}

/** Each hash once: two tries for one file at a time would write into one another. */
function missingFiles(kept: KeptContents): Missing[] {
  const missing = new Map<Sha256, Missing>()
  for (const { contentId, files } of kept.wanted) {
    for (const file of files) {
      if (kept.verifiedAt(file.sha256) !== undefined) continue
      const known = missing.get(file.sha256) ?? { file, contents: [] }
      known.contents.push(contentId)
      missing.set(file.sha256, known)
    }
  }
  return [...missing.values()]
}
