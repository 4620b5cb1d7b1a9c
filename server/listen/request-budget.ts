/**
 * How many answers a source may cause before it has shown that it is there (C09): a bucket a source and one for all.
 * A transfer that gets its first valid acknowledgement gives its token back, so a machine that loads three hundred
 * files in a row is never slowed. The loopback interface is exempt: the kernel lets no forged 127/8 in.
 */

export interface RequestBudgetLimits {
  readonly perSecond: number
  readonly burst: number
  readonly perSecondOfAll: number
  readonly burstOfAll: number
  readonly loopbackExempt: boolean
}

/** PXELINUX and GRUB look for some twenty names that do not exist, in one go (T20). */
export const defaultRequestBudget: RequestBudgetLimits = {
  perSecond: 20,
  burst: 64,
  perSecondOfAll: 5_000,
  burstOfAll: 20_000,
  loopbackExempt: true,
}

/** Buckets of sources that were silent long enough to be full again are dropped when there are this many. */
const sourcesMax = 65_536

interface Bucket {
  tokens: number
  atMs: number
}

export class RequestBudget {
  readonly #limits: RequestBudgetLimits
  readonly #buckets = new Map<number, Bucket>()
  readonly #all: Bucket

  constructor(limits: RequestBudgetLimits) {
    this.#limits = limits
    this.#all = { tokens: limits.burstOfAll, atMs: 0 }
  }

  /** False: stay silent. */
  take(source: number, nowMs: number): boolean {
    const { perSecond, burst, perSecondOfAll, burstOfAll } = this.#limits
    if (this.#isExempt(source)) return true
    const bucket = this.#bucketOf(source, nowMs)
    refill(bucket, { perSecond, burst }, nowMs)
    refill(this.#all, { perSecond: perSecondOfAll, burst: burstOfAll }, nowMs)
    if (bucket.tokens < 1 || this.#all.tokens < 1) return false
    bucket.tokens--
    this.#all.tokens--
    return true
  }

  giveBack(source: number): void {
    const bucket = this.#buckets.get(source)
    if (bucket === undefined) return
    bucket.tokens = Math.min(this.#limits.burst, bucket.tokens + 1)
    this.#all.tokens = Math.min(this.#limits.burstOfAll, this.#all.tokens + 1)
  }

  #isExempt(source: number): boolean {
    return this.#limits.loopbackExempt && source >>> 24 === 127
  }

  #bucketOf(source: number, nowMs: number): Bucket {
    const known = this.#buckets.get(source)
    if (known !== undefined) return known
    if (this.#buckets.size >= sourcesMax) this.#forgetFull(nowMs)
    const bucket = { tokens: this.#limits.burst, atMs: nowMs }
    this.#buckets.set(source, bucket)
    return bucket
  }

  /** Under an attack with ever new sources none is full; then the bound on all answers protects, and all are forgotten. */
  #forgetFull(nowMs: number): void {
    const fullAfterMs = (this.#limits.burst / this.#limits.perSecond) * 1000
    for (const [source, { atMs }] of this.#buckets) {
      if (nowMs - atMs >= fullAfterMs) this.#buckets.delete(source)
    }
    if (this.#buckets.size >= sourcesMax) this.#buckets.clear()
  }
}

function refill(bucket: Bucket, rate: { perSecond: number; burst: number }, nowMs: number): void {
  const earned = ((nowMs - bucket.atMs) / 1000) * rate.perSecond
  bucket.tokens = Math.min(rate.burst, bucket.tokens + earned)
  bucket.atMs = nowMs
}
