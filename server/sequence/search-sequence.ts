/**
 * Search in a task sequence (S1-098): text in names, descriptions, types, variable names, conditions and the rest of
 * what a step holds, and filters for Continue on error and conditions. Case does not count. What is secret is neither
 * found nor told by being found.
 */

import type { Condition } from './condition.ts'
import { mapActionSecrets, mentionsOf } from './mentions.ts'
import { flattenNodes } from './progress.ts'
import { stepTypeOf } from './step-types.ts'
import type { Node, NodePath, Step, TaskSequence } from './task-sequence.ts'

export const searchScopes = ['name', 'description', 'type', 'variable', 'condition', 'other'] as const
export type SearchScope = (typeof searchScopes)[number]

export interface SequenceSearch {
  /** Empty: everything that the filters leave. */
  readonly text: string
  readonly scopes: readonly SearchScope[]
  readonly nodes: 'steps' | 'groups' | 'both'
  readonly onlyContinueOnError: boolean
  readonly onlyWithCondition: boolean
}

export interface SearchHit {
  readonly path: NodePath
  readonly kind: Node['kind']
  readonly name: string
  /** Where the text was found; empty when no text was asked for. */
  readonly found: readonly SearchScope[]
}

/** In the order of the tree. */
export function searchSequence(sequence: TaskSequence, search: SequenceSearch): readonly SearchHit[] {
  const wanted = search.text.toLowerCase()
  return flattenNodes(sequence).flatMap(({ path, node }): readonly SearchHit[] => {
    if (!passes(node, search)) return []
    const found = wanted === '' ? [] : search.scopes.filter((scope) => holds(readers[scope](node), wanted))
    return wanted === '' || found.length > 0 ? [{ path, kind: node.kind, name: node.name, found }] : []
  })
}

function passes(node: Node, { nodes, onlyContinueOnError, onlyWithCondition }: SequenceSearch): boolean {
  if (nodes !== 'both' && nodes !== `${node.kind}s`) return false
  return (!onlyContinueOnError || node.continueOnError) && (!onlyWithCondition || node.condition !== undefined)
}

const readers = {
  name: (node) => [node.name],
  description: (node) => [node.description],
  type: (node) => (node.kind === 'step' ? [stepTypeOf(node.action).title, node.action.type] : []),
  variable: (node) => [...(node.kind === 'step' ? variablesOf(node) : []), ...variablesIn(node.condition)],
  condition: (node) => (node.condition === undefined ? [] : textsIn(node.condition)),
  other: (node) => (node.kind === 'step' ? textsIn(mapActionSecrets(node.action, () => '')) : []),
} as const satisfies Record<SearchScope, (node: Node) => readonly string[]>

function holds(texts: readonly string[], wanted: string): boolean {
  return texts.some((text) => text.toLowerCase().includes(wanted))
}

function variablesOf({ action }: Step): readonly string[] {
  return mentionsOf(action).flatMap((mention) => ('variable' in mention ? [mention.variable] : []))
}

function variablesIn(condition: Condition | undefined): readonly string[] {
  if (condition === undefined) return []
  if ('conditions' in condition) return condition.conditions.flatMap((operand) => variablesIn(operand))
  return condition.kind === 'variable' ? [condition.variable] : []
}

/** Every text and number in a value, however deep. */
function textsIn(value: unknown): readonly string[] {
  if (typeof value === 'string' || typeof value === 'number') return [String(value)]
  if (typeof value !== 'object' || value === null) return []
  return Object.values(value).flatMap((member) => textsIn(member))
}
