/** Secret values inside a task sequence: "do not display this value" of Set Task Sequence Variable (S2), masked as site variables are. */

import type { SetTaskSequenceVariable } from '../../sequence/action.ts'
import { flattenNodes } from '../../sequence/progress.ts'
import type { Node, TaskSequence } from '../../sequence/task-sequence.ts'
import { maskedValue } from '../../secret.ts'

export function maskSteps(sequence: TaskSequence): TaskSequence {
  return withSecrets(sequence, () => maskedValue)
}

/** A step is known again by the variable it sets, so it may be moved and renamed; the n-th of a name keeps the n-th value. */
export function keepMaskedSteps(sent: TaskSequence, stored: TaskSequence | undefined): TaskSequence {
  const values = new Map<string, string[]>()
  for (const { node } of stored === undefined ? [] : flattenNodes(stored)) {
    if (node.kind !== 'step' || node.action.type !== 'set-task-sequence-variable' || !node.action.secret) continue
    const key = node.action.variable.toLowerCase()
    values.set(key, [...(values.get(key) ?? []), node.action.value])
  }
  return withSecrets(sent, (action) => {
    const [kept] = values.get(action.variable.toLowerCase())?.splice(0, 1) ?? []
    return action.value === maskedValue && kept !== undefined ? kept : action.value
  })
}

function withSecrets(sequence: TaskSequence, valueOf: (action: SetTaskSequenceVariable) => string): TaskSequence {
  const rewrite = (node: Node): Node => {
    if (node.kind === 'group') return { ...node, children: node.children.map((child) => rewrite(child)) }
    const { action } = node
    if (action.type !== 'set-task-sequence-variable' || !action.secret) return node
    return { ...node, action: { ...action, value: valueOf(action) } }
  }
  return { ...sequence, children: sequence.children.map((child) => rewrite(child)) }
}
