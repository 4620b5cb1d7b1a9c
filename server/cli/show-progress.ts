/** One line on the terminal that says how far it is, how fast it goes, and how long it will take; nothing where nobody watches. */

import { stderr } from 'node:process'

/** Often enough to see that it goes on. */
const intervalMs = 500

export function showProgress(done: string): (octets: number, total: number) => void {
  if (!stderr.isTTY) return () => {}
  const beganMs = performance.now()
  let shownMs = Number.NEGATIVE_INFINITY
  return (octets, total) => {
    const nowMs = performance.now()
    if (nowMs - shownMs < intervalMs && octets < total) return
    shownMs = nowMs
    stderr.write(`\r${printProgress({ done, octets, total, elapsedMs: nowMs - beganMs }).padEnd(78)}`)
    if (octets >= total) stderr.write('\n')
  }
}

export interface Progress {
  readonly done: string
  readonly octets: number
  readonly total: number
  readonly elapsedMs: number
}

export function printProgress({ done, octets, total, elapsedMs }: Progress): string {
  const percent = total === 0 ? 100 : Math.floor((octets / total) * 100)
  const rate = elapsedMs > 0 ? octets / (elapsedMs / 1_000) : 0
  const restSeconds = rate > 0 ? Math.ceil((total - octets) / rate) : undefined
  const rest = restSeconds === undefined ? '' : `, ${Math.floor(restSeconds / 60)} min ${restSeconds % 60} s left`
  return `${percent} %  ${printBytes(octets)} of ${printBytes(total)} ${done}, ${printBytes(rate)}/s${rest}`
}

/** As sizes stand on sticks: thousands. */
export function printBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  const power = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(bytes, 1)) / 3)))
  const value = bytes / 1_000 ** power
  return `${power === 0 ? Math.round(value) : value.toFixed(1)} ${units[power] ?? ''}`
}
