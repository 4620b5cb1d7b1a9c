/**
 * What was agreed with a client, one object for all with whom the same was agreed: two thousand machines of one kind ask for
 * one file with the same octets.
 */

import type { Negotiated } from '../tftp/negotiate.ts'

export interface TransferTerms {
  /** The octets of the request: the same again is a repetition, not another request (TF-33). */
  readonly request: string
  readonly name: string
  readonly negotiated: Negotiated
  readonly blockAfterWrap: 0 | 1
}

/** Forgotten all at once; transfers keep what they have. */
const termsMax = 1_024

export class SharedTerms {
  readonly #known = new Map<string, TransferTerms>()

  share(terms: TransferTerms): TransferTerms {
    const key = JSON.stringify(terms)
    const known = this.#known.get(key)
    if (known !== undefined) return known
    if (this.#known.size >= termsMax) this.#known.clear()
    this.#known.set(key, terms)
    return terms
  }
}
