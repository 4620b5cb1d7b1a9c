/** Whether a task sequence has a secret in it, as a value that a step sets: whoever gets its policy gets that value. */

import { flattenNodes } from './progress.ts'
import type { TaskSequence } from './task-sequence.ts'

/** Disabled steps count: the policy carries the whole document. */
export function holdsSecrets(sequence: TaskSequence): boolean {
  return flattenNodes(sequence).some(({ node }) => {
    if (node.kind !== 'step' || node.action.type !== 'set-task-sequence-variable') return false
    return node.action.secret && node.action.value !== ''
  })
}
