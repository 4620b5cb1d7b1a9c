/**
 * What a task sequence says that others must know of, found by the fields of its actions: the site objects it refers to
 * (S1-006, S1-009, S1-096), the variables its steps set and read, and its secrets (S1-071, S11-003).
 */

import type { PackageId } from '../address/identifiers.ts'
import type { Mention, ReferenceKind } from './field.ts'
import { mapSecretsIn, mentionsIn } from './fields.ts'
import { flattenNodes } from './progress.ts'
import { printActionField } from './print-path.ts'
import { type Action, stepTypeOf } from './step-types.ts'
import type { Node, NodePath, Step, TaskSequence } from './task-sequence.ts'

/** In the order of the fields; paths are those of the action, such as `partitions[2].variable`. */
export function mentionsOf(action: Action): readonly Mention[] {
  const { fields, together } = stepTypeOf(action)
  return mentionsIn({ table: fields, value: action, path: '', options: together })
}

/** The action with each of its secret texts replaced; `path` is that of the secret within the action. */
export function mapActionSecrets(action: Action, map: (secret: string) => string): Action {
  const { fields, together } = stepTypeOf(action)
  // Only texts change, and every type keeps its own members.
  return mapSecretsIn({ table: fields, value: action, options: together }, map) as Action
}

export function mapSequenceSecrets(sequence: TaskSequence, map: (secret: string, step: Step) => string): TaskSequence {
  const rewrite = (node: Node): Node =>
    node.kind === 'group'
      ? { ...node, children: node.children.map((child) => rewrite(child)) }
      : { ...node, action: mapActionSecrets(node.action, (secret) => map(secret, node)) }
  return { ...sequence, children: sequence.children.map((child) => rewrite(child)) }
}

/** Disabled steps count: the policy carries the whole document. */
export function holdsSecrets(sequence: TaskSequence): boolean {
  return flattenNodes(sequence).some(
    ({ node }) => node.kind === 'step' && mentionsOf(node.action).some(({ kind }) => kind === 'secret'),
  )
}

export interface Reference {
  readonly id: PackageId
  readonly kind: ReferenceKind
  /** The step, and the place in the document as faults name it. */
  readonly path: NodePath
  readonly field: string
  readonly stepName: string
  /** A disabled step needs no content, and its broken reference stops nobody (S1-096). */
  readonly enabled: boolean
}

/** In the order of the tree; an id that two steps use is listed twice. */
export function findReferences(sequence: TaskSequence): readonly Reference[] {
  return flattenNodes(sequence).flatMap(({ path, node, enabled }) => {
    if (node.kind !== 'step') return []
    return mentionsOf(node.action).flatMap((mention): readonly Reference[] => {
      if (mention.kind !== 'reference') return []
      const field = printActionField(path, mention.path)
      return [{ id: mention.id, kind: mention.to, path, field, stepName: node.name, enabled }]
    })
  })
}
