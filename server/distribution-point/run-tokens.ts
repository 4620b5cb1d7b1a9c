/**
 * Whether a run may fetch from this distribution point, and what: asked of the site, remembered for a minute. While the site
 * cannot be asked, what it said within the last hour goes on to count, so that a run survives its restart. Only hashes of tokens
 * are kept and sent, and nothing of them is logged.
 */

import type { RunTokenAnswer } from '../contract/distribution-point.ts'
import { hashToken } from '../http/token.ts'
import { NotAPoint } from './site-connection.ts'

export const freshMs = 60_000
export const survivesMs = 3_600_000
/** After one try in vain; else each file would wait for a site that is not there. */
const askAgainMs = 5_000
/** More than the runs of a large site. */
const rememberedMax = 10_000
/** Strangers with tokens of their own making do not keep the site busy. */
const askedAtOnceMax = 64

export type Standing = Extract<RunTokenAnswer, { known: true }>['content'] | 'unknown' | 'cannot-ask'

interface Remembered {
  readonly content: Extract<RunTokenAnswer, { known: true }>['content']
  readonly saidAtMs: number
  askAgainAtMs: number
}

export interface RunTokensOptions {
  readonly ask: (tokenSha256: string) => Promise<RunTokenAnswer>
  readonly now: () => number
}

export class RunTokens {
  readonly #options: RunTokensOptions
  readonly #remembered = new Map<string, Remembered>()
  readonly #asking = new Map<string, Promise<Standing>>()

  constructor(options: RunTokensOptions) {
    this.#options = options
  }

  async standingOf(token: string): Promise<Standing> {
    const tokenSha256 = hashToken(token)
    const known = this.#remembered.get(tokenSha256)
    if (known !== undefined && this.#options.now() < known.askAgainAtMs) return known.content
    const asking = this.#asking.get(tokenSha256)
    if (asking !== undefined) return asking
    if (this.#asking.size >= askedAtOnceMax) return 'cannot-ask'
    const answer = this.#ask(tokenSha256, known).finally(() => this.#asking.delete(tokenSha256))
    this.#asking.set(tokenSha256, answer)
    return answer
  }

  async #ask(tokenSha256: string, known: Remembered | undefined): Promise<Standing> {
    const { ask, now } = this.#options
    try {
      const answer = await ask(tokenSha256)
      this.#remembered.delete(tokenSha256)
      if (!answer.known) return 'unknown'
      const saidAtMs = now()
      this.#remembered.set(tokenSha256, { content: answer.content, saidAtMs, askAgainAtMs: saidAtMs + freshMs })
      const oldest = this.#remembered.keys().next()
      if (this.#remembered.size > rememberedMax && !oldest.done) this.#remembered.delete(oldest.value)
      return answer.content
    } catch (error) {
      // Whoever is a point of the site no more speaks for it no more.
      if (error instanceof NotAPoint) this.#remembered.clear()
      if (error instanceof NotAPoint || known === undefined || now() >= known.saidAtMs + survivesMs) return 'cannot-ask'
      known.askAgainAtMs = Math.min(now() + askAgainMs, known.saidAtMs + survivesMs)
      return known.content
    }
  }
}
