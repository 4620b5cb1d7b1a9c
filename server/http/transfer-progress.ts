/**
 * Tells watchers how a download of a machine goes: octets and rate, at most four times a second for each transfer,
 * and once at its end. Several range requests for one file by one machine are shown as the separate answers they are.
 */

import type { LaneId, Observed } from '../contract/progress.ts'
import type { TransferWatcher } from './content-to-send.ts'

export const tellEveryMs = 250
/** Probes of a few octets are nothing to look at. */
const worthShowingBytes = 64 * 1024

export interface WatchedTransfer {
  readonly lane: LaneId
  readonly ipAddress: string
  readonly file: string
  readonly what: 'loader' | 'boot-image'
  readonly totalBytes: number
}

export function watchTransfer(
  transfer: WatchedTransfer,
  now: () => number,
  tell: (observed: Observed) => void,
): TransferWatcher {
  const startedAtMs = now()
  let bytes = 0
  let toldAtMs = startedAtMs
  const report = (ended: boolean): void => {
    const atMs = now()
    toldAtMs = atMs
    const seconds = Math.max(atMs - startedAtMs, 1) / 1_000
    const { lane, ipAddress, file, totalBytes, what } = transfer
    const shown = { file, protocol: 'http', bytes, totalBytes, bytesPerSecond: Math.round(bytes / seconds) } as const
    tell({ lane, ipAddress, atMs, observation: { kind: 'transfer-progress', transfer: shown, what, ended } })
  }
  return {
    sent(count) {
      bytes += count
      if (isWorthItsLine(transfer) && now() - toldAtMs >= tellEveryMs) report(false)
    },
    ended() {
      if (isWorthItsLine(transfer)) report(true)
    },
  }
}

/** A loader is small and still the first thing a person waits for. */
function isWorthItsLine(transfer: WatchedTransfer): boolean {
  return transfer.what === 'loader' || transfer.totalBytes >= worthShowingBytes
}
