/**
 * Whether a task sequence is high-impact (S1-083): the administrator says so, or the site judges that it deploys an operating
 * system. What the users of a high-impact one read is in the settings.
 */

import type { ActionType } from './step-types.ts'
import { flattenNodes } from './progress.ts'
import type { TaskSequence } from './task-sequence.ts'
import type { TaskSequenceSettings } from './task-sequence-settings.ts'

/** What these do cannot be taken back: the disk's old contents, or its system, are gone. */
const deployingActions: ReadonlySet<ActionType> = new Set<ActionType>([
  'apply-operating-system-image',
  'format-and-partition-disk',
])

export function isHighImpact(sequence: TaskSequence, settings: Pick<TaskSequenceSettings, 'highImpact'>): boolean {
  return settings.highImpact || deploysOperatingSystem(sequence)
}

/** A step that is disabled, or stands under a disabled group, does nothing; a condition may still let it run. */
function deploysOperatingSystem(sequence: TaskSequence): boolean {
  return flattenNodes(sequence).some(
    ({ node, enabled }) => enabled && node.kind === 'step' && deployingActions.has(node.action.type),
  )
}
