/**
 * What all pages are sent. Most get the same octets, so a frame that was read once is only compared; one that is different is of
 * a page that had fallen behind, and is read, too.
 */

import { Waits } from '../../server/cli/load/waits.ts'
import { type LoadMeter, Tally } from './load-result.ts'
import { clockMs, stampsIn } from './stamp.ts'

interface Known {
  readonly octets: Buffer
  readonly stamps: readonly number[]
}

/** Of frames with changes; `seq` stands behind it. */
const head = Buffer.from('{"kind":"changes","seq":')
const numberCharactersMax = 16
/** Frames that some page has not had yet. */
const knownMax = 1_000

export class WatchedFrames {
  readonly #meter: LoadMeter
  readonly #known = new Map<number, Known[]>()
  readonly waits = new Waits()
  readonly frames: Tally

  constructor(meter: LoadMeter) {
    this.#meter = meter
    this.frames = new Tally(meter)
  }

  take(frame: Buffer): void {
    if (!this.#meter.started || frame.compare(head, 0, head.length, 0, head.length) !== 0) return
    const heardAtMs = clockMs()
    const seq = Number.parseInt(frame.toString('latin1', head.length, head.length + numberCharactersMax), 10)
    const known = this.#known.get(seq)?.find(({ octets }) => octets.equals(frame)) ?? this.#keep(seq, frame)
    this.frames.add(1)
    for (const stamp of known.stamps) this.waits.add(heardAtMs - stamp)
  }

  #keep(seq: number, frame: Buffer): Known {
    const text = frame.toString()
    // Throws at what is no frame.
    JSON.parse(text)
    const known = { octets: Buffer.from(frame), stamps: stampsIn(text) }
    this.#known.set(seq, [...(this.#known.get(seq) ?? []), known])
    const [oldest] = this.#known.keys()
    if (this.#known.size > knownMax && oldest !== undefined) this.#known.delete(oldest)
    return known
  }
}
