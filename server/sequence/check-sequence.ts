/**
 * What can be said about a task sequence only as a whole. These are warnings: a variable that no step sets may come
 * from the device, its collections or the medium.
 */

import { mentionsOf } from './mentions.ts'
import { flattenNodes } from './progress.ts'
import { printActionField, printNodePath } from './print-path.ts'
import { type Findings, warn } from './read-document.ts'
import { stepTypeOf } from './step-types.ts'
import type { TaskSequence } from './task-sequence.ts'

export function checkSequence(sequence: TaskSequence, findings: Findings): void {
  const set = new Set<string>()
  for (const { path, node } of flattenNodes(sequence)) {
    if (node.kind !== 'step') continue
    const { title, isFatal, outputs } = stepTypeOf(node.action)
    if (isFatal && node.continueOnError) {
      const place = { value: undefined, path: `${printNodePath(path)}.continueOnError`, findings }
      warn(place, 'no-effect', `A failure of ${title} always fails the run: this has no effect.`)
    }
    if (node.action.type === 'run-task-sequence' && node.timeoutSeconds !== undefined) {
      const place = { value: undefined, path: `${printNodePath(path)}.timeoutSeconds`, findings }
      warn(
        place,
        'no-effect',
        'The steps of the other task sequence have time limits of their own: this has no effect.',
      )
    }
    const mentions = mentionsOf(node.action)
    for (const mention of mentions) {
      if (mention.kind !== 'reads-variable' || set.has(mention.variable.toLowerCase())) continue
      // S1-058: read-only variables are the product's, and no step sets them by name.
      if (mention.variable.startsWith('_')) continue
      const place = { value: undefined, path: printActionField(path, mention.path), findings }
      const message = `No earlier step sets ${mention.variable}: name a variable that one sets, or leave this out.`
      warn(place, 'never-set', message)
    }
    for (const mention of mentions) if (mention.kind === 'sets-variable') set.add(mention.variable.toLowerCase())
    for (const name of outputs) set.add(name.toLowerCase())
  }
}
