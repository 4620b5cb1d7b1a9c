/**
 * A task sequence without its secrets (S11-003), valid all the same: a step that cannot do without one has a variable that
 * nobody sets in its place, and is disabled until the secret is typed again.
 */

import { mapActionSecrets, mentionsOf } from './mentions.ts'
import { parseNodeDocument } from './parse-sequence.ts'
import { printActionField } from './print-path.ts'
import type { Node, NodePath, Step, TaskSequence } from './task-sequence.ts'

export interface SecretLeftOut {
  readonly path: string
  readonly stepName: string
  /** True: the step waits for it. */
  readonly disabled: boolean
}

export interface WithoutSecrets {
  readonly sequence: TaskSequence
  readonly typeAgain: readonly SecretLeftOut[]
}

const standIn = '%SecretToTypeAgain%'

export function leaveSecretsOut(sequence: TaskSequence): WithoutSecrets {
  const typeAgain: SecretLeftOut[] = []
  const rewrite = (node: Node, path: NodePath): Node => {
    if (node.kind === 'group')
      return { ...node, children: node.children.map((child, at) => rewrite(child, [...path, at])) }
    const secrets = mentionsOf(node.action).flatMap((mention) => (mention.kind === 'secret' ? [mention.path] : []))
    if (secrets.length === 0) return node
    const { step, waits } = withoutSecrets(node)
    const more = secrets.map((field) => ({ path: printActionField(path, field), stepName: node.name, disabled: waits }))
    typeAgain.push(...more)
    return step
  }
  const children = sequence.children.map((node, at) => rewrite(node, [at]))
  return { sequence: { ...sequence, children }, typeAgain }
}

function withoutSecrets(step: Step): { readonly step: Step; readonly waits: boolean } {
  const empty = { ...step, action: mapActionSecrets(step.action, () => '') }
  if (parseNodeDocument(empty).kind === 'valid') return { step: empty, waits: false }
  return { step: { ...step, disabled: true, action: mapActionSecrets(step.action, () => standIn) }, waits: true }
}
