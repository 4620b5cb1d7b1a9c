/** Whether a required task sequence may start on a client in its maintenance windows (S9-016), in words for administrators. */

import { type MaintenanceWindow, windowSpans } from '../site/maintenance-window.ts'
import { startInMaintenanceWindow } from '../site/maximum-run-time.ts'
import { printDuration } from './deployments-in-effect.ts'

export interface WaitingClient {
  readonly windows: readonly MaintenanceWindow[]
  readonly utcOffsetMinutes: number
  readonly nowMs: number
  readonly maximumRunMinutes: number
}

export interface WindowWait {
  readonly reason: string
  /** No window that is still to come will let it start. */
  readonly isForever: boolean
  /** When one does; absent: none will. */
  readonly atMs?: number
}

const noneToCome: WindowWait = { reason: 'no maintenance window of this device is still to come', isForever: true }

/** Undefined: it need not wait. */
export function waitForWindow(client: WaitingClient): WindowWait | undefined {
  const { windows, utcOffsetMinutes, nowMs, maximumRunMinutes } = client
  const spans = windowSpans(windows, { nowMs, utcOffsetMinutes })
  if (spans === undefined) return undefined
  // The last one was more than a day ago. That there are windows still restricts the machine to them.
  if (spans.length === 0) return noneToCome
  const verdict = startInMaintenanceWindow(spans, { nowMs, maximumRunMinutes, countdownMs: 0 })
  switch (verdict.kind) {
    case 'start':
      return undefined
    case 'wait':
      return verdict.atMs === undefined
        ? noneToCome
        : {
            reason: `it waits for a maintenance window, in ${printDuration(verdict.atMs - nowMs)}`,
            isForever: false,
            atMs: verdict.atMs,
          }
    case 'never': {
      const reason = `no maintenance window of this device is as long as the ${maximumRunMinutes} minutes that it may take`
      return { reason, isForever: true }
    }
    default:
      return verdict satisfies never
  }
}
