/**
 * What the users of a computer are told before a task sequence starts there by itself (S1-081, S1-083): the administrator's own
 * words, or the product's, which say what is at stake when it is of high impact. Only a client has users; the boot image has none.
 */

import { isHighImpact } from './high-impact.ts'
import type { TaskSequence } from './task-sequence.ts'
import type { TaskSequenceSettings } from './task-sequence-settings.ts'

export interface NotificationText {
  readonly lines: readonly string[]
  readonly waitSeconds: number
}

/** To save what is open. */
const highImpactWaitSeconds = 300

/** Undefined: nobody is to be told. A sequence of high impact waits all the same for those who are at work. */
export function userNotification(
  sequence: TaskSequence,
  settings: Pick<TaskSequenceSettings, 'highImpact' | 'customNotification' | 'suppressNotifications'>,
): NotificationText | undefined {
  if (settings.suppressNotifications) return undefined
  if (!isHighImpact(sequence, settings)) {
    return { lines: [`The administrator of this computer runs "${sequence.name}" on it now.`], waitSeconds: 0 }
  }
  const { customNotification: custom } = settings
  const lines =
    custom === undefined
      ? [
          `The administrator of this computer is about to run "${sequence.name}".`,
          'It may replace the operating system, and settings, programs and files on this computer may be lost.',
          'Save your work now.',
        ]
      : [custom.headline, custom.message, custom.emphasis, custom.closing]
  return { lines, waitSeconds: highImpactWaitSeconds }
}
