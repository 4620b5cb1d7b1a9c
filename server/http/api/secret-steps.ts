/**
 * Secret texts inside a task sequence (passwords, "do not display this value"), masked as site variables are (S1-071).
 * A document comes back with the masks it was shown with, and each then stands for the secret that is stored. A step is
 * known again by its type, its name and the variables it sets, so it may be moved; one that was renamed, when it is the
 * only one left of its type that sets them. A mask that stands for nothing is a fault: the secret must be typed again.
 */

import { mapActionSecrets, mapSequenceSecrets, mentionsOf } from '../../sequence/mentions.ts'
import { flattenNodes } from '../../sequence/progress.ts'
import { printActionField } from '../../sequence/print-path.ts'
import type { Node, NodePath, Step, TaskSequence } from '../../sequence/task-sequence.ts'
import { maskedValue } from '../../secret.ts'
import type { Fault } from '../problem.ts'

export function maskSteps(sequence: TaskSequence): TaskSequence {
  return mapSequenceSecrets(sequence, () => maskedValue)
}

export interface KeptSecrets {
  readonly sequence: TaskSequence
  readonly faults: readonly Fault[]
}

export function keepMaskedSteps(sent: TaskSequence, stored: TaskSequence | undefined): KeptSecrets {
  const masked = secretSteps(sent).filter(({ secrets }) => secrets.some(({ text }) => text === maskedValue))
  const known = matchSteps(masked, stored === undefined ? [] : secretSteps(stored))
  const faults: Fault[] = []
  for (const { path, step, secrets } of masked) {
    const kept = known.get(step)
    for (const [index, { text, path: field }] of secrets.entries()) {
      if (text !== maskedValue || kept?.secrets[index] !== undefined) continue
      faults.push({
        path: printActionField(path, field),
        message: 'type this secret again: none is stored for this step',
      })
    }
  }
  const rewrite = (node: Node): Node => {
    if (node.kind === 'group') return { ...node, children: node.children.map((child) => rewrite(child)) }
    const kept = known
      .get(node)
      ?.secrets.map(({ text }) => text)
      .values()
    if (kept === undefined) return node
    const action = mapActionSecrets(node.action, (secret) => {
      const { value } = kept.next()
      return secret === maskedValue && value !== undefined ? value : secret
    })
    return { ...node, action }
  }
  return { sequence: { ...sent, children: sent.children.map((child) => rewrite(child)) }, faults }
}

interface SecretStep {
  readonly path: NodePath
  readonly step: Step
  readonly secrets: readonly { readonly text: string; readonly path: string }[]
}

function secretSteps(sequence: TaskSequence): readonly SecretStep[] {
  return flattenNodes(sequence).flatMap(({ path, node }): readonly SecretStep[] => {
    if (node.kind !== 'step') return []
    const secrets = mentionsOf(node.action).filter((mention) => mention.kind === 'secret')
    return secrets.length === 0 ? [] : [{ path, step: node, secrets }]
  })
}

/** Each step that was sent, with the stored one whose secrets it keeps. The n-th of a name is the n-th that is stored. */
function matchSteps(sent: readonly SecretStep[], stored: readonly SecretStep[]): ReadonlyMap<Step, SecretStep> {
  const matched = new Map<Step, SecretStep>()
  const free = new Set(stored)
  const named = Map.groupBy(stored.toReversed(), nameAndKindOf)
  for (const one of sent) {
    const same = named.get(nameAndKindOf(one))?.pop()
    if (same === undefined) continue
    matched.set(one.step, same)
    free.delete(same)
  }
  const strangers = sent.filter(({ step }) => !matched.has(step))
  const left = Map.groupBy(free, kindOf)
  for (const [kind, [one, ...others]] of Map.groupBy(strangers, kindOf)) {
    const [same, ...more] = left.get(kind) ?? []
    if (one !== undefined && same !== undefined && others.length + more.length === 0) matched.set(one.step, same)
  }
  return matched
}

function nameAndKindOf(one: SecretStep): string {
  return `${kindOf(one)} ${one.step.name}`
}

function kindOf({ step: { action } }: SecretStep): string {
  const sets = mentionsOf(action).flatMap((mention) =>
    mention.kind === 'sets-variable' ? [mention.variable.toLowerCase()] : [],
  )
  return [action.type, ...sets].join(' ')
}
