/**
 * What can be said about a task sequence only as a whole. These are warnings: a variable that no step sets may come
 * from the device, its collections or the medium.
 */

import { flattenNodes } from './progress.ts'
import { printActionField, printNodePath } from './print-path.ts'
import { type Findings, warn } from './read-document.ts'
import type { Step, TaskSequence } from './task-sequence.ts'

export function checkSequence(sequence: TaskSequence, findings: Findings): void {
  const set = new Set<string>()
  for (const { path, node } of flattenNodes(sequence)) {
    if (node.kind !== 'step') continue
    const { action } = node
    if (action.type === 'apply-operating-system-image' && action.destinationVariable !== undefined) {
      const place = { value: undefined, path: printActionField(path, 'destinationVariable'), findings }
      const message = `No earlier step sets ${action.destinationVariable}: name the variable of a partition, or leave this out.`
      if (!set.has(action.destinationVariable.toLowerCase())) warn(place, 'never-set', message)
    }
    if (ignoresContinueOnError(node)) {
      const place = { value: undefined, path: `${printNodePath(path)}.continueOnError`, findings }
      warn(place, 'no-effect', 'A failure of Setup Windows and ConfigMgr always fails the run: this has no effect.')
    }
    for (const name of variablesSetBy(node)) set.add(name.toLowerCase())
  }
}

/** S1-032. */
function ignoresContinueOnError({ action, continueOnError }: Step): boolean {
  return action.type === 'setup-windows-and-configmgr' && continueOnError
}

function variablesSetBy({ action }: Step): readonly string[] {
  switch (action.type) {
    case 'set-task-sequence-variable':
      return [action.variable]
    case 'run-command-line':
      return action.outputVariable === undefined ? [] : [action.outputVariable]
    case 'format-and-partition-disk':
      return action.partitions.flatMap(({ variable }) => (variable === undefined ? [] : [variable]))
    default:
      return []
  }
}
