/**
 * `SMSTSDownloadRetryCount` and `SMSTSDownloadRetryDelay` (S3.2): how often one server is tried in vain, and the pause between
 * the tries. The published defaults, twice with 15 seconds, would end a run whenever the server is restarted: what is not set,
 * or is no such number, stays as download.ts has it.
 */

import type { BackOff } from './back-off.ts'

export interface DownloadRetries {
  readonly triesOfBaseMax?: number
  readonly backOff?: BackOff
}

const triesOfOneServerMax = 10_000
const delaySecondsMax = 86_400

export function readDownloadRetries(variable: (name: string) => string): DownloadRetries {
  const tries = wholeNumber(variable('SMSTSDownloadRetryCount'), triesOfOneServerMax)
  const delaySeconds = wholeNumber(variable('SMSTSDownloadRetryDelay'), delaySecondsMax)
  const delayMs = (delaySeconds ?? 0) * 1_000
  return {
    // Without a single try nothing could be downloaded.
    ...(tries === undefined ? {} : { triesOfBaseMax: Math.max(tries, 1) }),
    ...(delaySeconds === undefined ? {} : { backOff: { firstMs: delayMs, mostMs: delayMs } }),
  }
}

function wholeNumber(text: string, max: number): number | undefined {
  const digits = text.trim()
  return /^[0-9]{1,6}$/.test(digits) && Number(digits) <= max ? Number(digits) : undefined
}
