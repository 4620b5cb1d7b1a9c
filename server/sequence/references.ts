/**
 * The site objects a sequence refers to by id (S1-006, S1-009): for marking broken references (S1-096), for
 * the check before the first step (S1-073) and for the content of a policy. Disabled nodes are listed too, and said to be.
 */

import { type PackageId, parsePackageId } from '../address/identifiers.ts'
import { assert } from '../assert.ts'
import { flattenNodes } from './progress.ts'
import { printActionField } from './print-path.ts'
import type { NodePath, TaskSequence } from './task-sequence.ts'

export interface Reference {
  readonly id: PackageId
  readonly kind: 'operating-system-image'
  /** The step, and the place in the document as faults name it. */
  readonly path: NodePath
  readonly field: string
  readonly stepName: string
  /** A disabled step needs no content, and its broken reference stops nobody (S1-096). */
  readonly enabled: boolean
}

/** In the order of the tree; an id that two steps use is listed twice. */
export function findReferences(sequence: TaskSequence): readonly Reference[] {
  return flattenNodes(sequence).flatMap(({ path, node, enabled }): readonly Reference[] => {
    if (node.kind !== 'step' || node.action.type !== 'apply-operating-system-image') return []
    const id = parsePackageId(node.action.imageId)
    assert(id !== undefined, 'a parsed sequence holds package ids only')
    const field = printActionField(path, 'imageId')
    return [{ id, kind: 'operating-system-image', path, field, stepName: node.name, enabled }]
  })
}
