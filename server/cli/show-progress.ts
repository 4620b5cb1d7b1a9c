/** One line on the terminal that says how far it is, how fast it goes, and how long it will take; nothing where nobody watches. */

import { stderr } from 'node:process'

/** Often enough to see that it goes on. */
const intervalMs = 500

/** Undefined: how many there will be is not known. */
type Total = number | undefined

export function showProgress(done: string): (octets: number, total: Total) => void {
  if (!stderr.isTTY) return () => {}
  const beganMs = performance.now()
  let shownMs = Number.NEGATIVE_INFINITY
  let hasEnded = false
  return (octets, total) => {
    const nowMs = performance.now()
    const isEnd = total !== undefined && octets >= total
    // Behind the end is what was not counted, as the frame of an archive.
    if (hasEnded || (nowMs - shownMs < intervalMs && !isEnd)) return
    shownMs = nowMs
    hasEnded = isEnd
    const shown = Math.min(octets, total ?? octets)
    stderr.write(`\r${printProgress({ done, octets: shown, total, elapsedMs: nowMs - beganMs }).padEnd(78)}`)
    if (isEnd) stderr.write('\n')
  }
}

/** The same for octets that are counted as they come. */
export class Progress {
  readonly #show: (octets: number, total: Total) => void
  readonly #total: Total
  #done = 0

  constructor(done: string, total: Total) {
    this.#show = showProgress(done)
    this.#total = total
  }

  get done(): number {
    return this.#done
  }

  add(octets: number): void {
    this.#done += octets
    this.#show(this.#done, this.#total)
  }

  /** Also of what ended before all of it was there, or whose length nobody knew: the line is done with. */
  end(): void {
    const isEnded = this.#total !== undefined && this.#done >= this.#total
    if (stderr.isTTY && !isEnded) stderr.write('\n')
  }
}

export interface ProgressSoFar {
  readonly done: string
  readonly octets: number
  readonly total: Total
  readonly elapsedMs: number
}

export function printProgress({ done, octets, total, elapsedMs }: ProgressSoFar): string {
  const rate = elapsedMs > 0 ? octets / (elapsedMs / 1_000) : 0
  const speed = `${printBytes(rate)}/s`
  if (total === undefined) return `${printBytes(octets)} ${done}, ${speed}`
  const percent = total === 0 ? 100 : Math.floor((octets / total) * 100)
  const restSeconds = rate > 0 ? Math.ceil((total - octets) / rate) : undefined
  const rest = restSeconds === undefined ? '' : `, ${Math.floor(restSeconds / 60)} min ${restSeconds % 60} s left`
  return `${percent} %  ${printBytes(octets)} of ${printBytes(total)} ${done}, ${speed}${rest}`
}

/** As sizes stand on sticks: thousands. */
export function printBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  const power = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(bytes, 1)) / 3)))
  const value = bytes / 1_000 ** power
  return `${power === 0 ? Math.round(value) : value.toFixed(1)} ${units[power] ?? ''}`
}
