/**
 * The tree as a list, and its steps counted, for the status page, the lane and the engine's own numbers.
 * Counted are the steps that can run: enabled, and not under a disabled group. A `node-skipped` report names the topmost
 * node that is passed over; `countStepsAt` says how many counted steps go with it.
 */

import { assert } from '../assert.ts'
import type { Node, NodePath, TaskSequence } from './task-sequence.ts'

export interface FlatNode {
  readonly path: NodePath
  /** 0 for the children of the root. */
  readonly depth: number
  readonly node: Node
  /** False when the node or a group above it is disabled. */
  readonly enabled: boolean
}

/** Every node in the order of the tree, a group before its children. */
export function flattenNodes(sequence: TaskSequence): readonly FlatNode[] {
  const list: FlatNode[] = []
  const add = (children: readonly Node[], parent: { readonly path: NodePath; readonly enabled: boolean }): void => {
    for (const [index, node] of children.entries()) {
      const path = [...parent.path, index]
      const enabled = parent.enabled && !node.disabled
      list.push({ path, depth: path.length - 1, node, enabled })
      if (node.kind === 'group') add(node.children, { path, enabled })
    }
  }
  add(sequence.children, { path: [], enabled: true })
  return list
}

/** The `stepsTotal` of a run. */
export function countSteps(sequence: TaskSequence): number {
  return countIn(sequence.children)
}

/** How many counted steps are at or below the path: 1 for an enabled step, 0 for anything disabled. */
export function countStepsAt(sequence: TaskSequence, path: NodePath): number {
  const enabled = path.every((_, index) => !nodeAt(sequence, path.slice(0, index + 1)).disabled)
  return enabled ? countOf(nodeAt(sequence, path)) : 0
}

/** The number of a step among the counted ones, from 1. */
export function stepNumber(sequence: TaskSequence, path: NodePath): number {
  let number = 1
  let children = sequence.children
  for (const index of path) {
    number += countsBefore(children)[index] ?? 0
    const node = children[index]
    children = node?.kind === 'group' ? node.children : []
  }
  return number
}

export function nodeAt(sequence: TaskSequence, path: NodePath): Node {
  const node = childrenAt(sequence, path.slice(0, -1))[path.at(-1) ?? -1]
  assert(node !== undefined, `no node at ${path.join('.')}`)
  return node
}

/** The root's children for an empty path, otherwise those of the group at the path. */
export function childrenAt(sequence: TaskSequence, path: NodePath): readonly Node[] {
  let children = sequence.children
  for (const index of path) {
    const node = children[index]
    assert(node?.kind === 'group', `no group at ${path.join('.')}`)
    children = node.children
  }
  return children
}

function countIn(children: readonly Node[]): number {
  return countsBefore(children).at(-1) ?? 0
}

/** Documents do not change, and a step is numbered at each start: counting anew each time would be quadratic. */
const knownCounts = new WeakMap<readonly Node[], readonly number[]>()

/** How many counted steps stand before each of the nodes, and last how many there are. */
function countsBefore(children: readonly Node[]): readonly number[] {
  const known = knownCounts.get(children)
  if (known !== undefined) return known
  const counts = [0]
  for (const node of children) counts.push((counts.at(-1) ?? 0) + countOf(node))
  knownCounts.set(children, counts)
  return counts
}

function countOf(node: Node): number {
  if (node.disabled) return 0
  return node.kind === 'group' ? countIn(node.children) : 1
}
