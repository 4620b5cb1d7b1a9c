/**
 * Editing a task sequence as people do (S1-025, S1-095 to S1-097): add, replace, remove, move, copy and paste of steps
 * and groups, and of conditions. Several edits are one change: all are made, or none, and every fault is listed. A
 * path speaks of the tree as the edits before it have left it. What comes out is checked as a whole by the caller
 * (parse-sequence.ts), for the limits that only a whole has.
 */

import { parseNodeDocument } from './parse-sequence.ts'
import type { Fault } from './read-document.ts'
import type { Condition } from './condition.ts'
import type { Node, NodePath, TaskSequence } from './task-sequence.ts'

/** Where a node is put: behind or before another, or at the end of a group; `[]` is the sequence itself. */
export type Position = { readonly after: NodePath } | { readonly before: NodePath } | { readonly into: NodePath }

export type SequenceEdit =
  /** `node` is a document of its own, of unknown origin. */
  | { readonly kind: 'add'; readonly node: unknown; readonly at: Position }
  | { readonly kind: 'replace'; readonly path: NodePath; readonly node: unknown }
  | { readonly kind: 'remove'; readonly path: NodePath }
  | { readonly kind: 'move'; readonly path: NodePath; readonly at: Position }
  | { readonly kind: 'move-up' | 'move-down'; readonly path: NodePath }
  | { readonly kind: 'copy'; readonly path: NodePath; readonly at: Position }
  | { readonly kind: 'copy-condition'; readonly path: NodePath; readonly to: NodePath }

export type EditedSequence =
  | { readonly kind: 'edited'; readonly sequence: TaskSequence }
  | { readonly kind: 'invalid'; readonly faults: readonly Fault[] }

/** More is a new document. */
export const editsMax = 1_000

export function editSequence(sequence: TaskSequence, edits: readonly SequenceEdit[]): EditedSequence {
  let edited = sequence
  const faults: Fault[] = []
  for (const [index, edit] of edits.entries()) {
    const result = applyEdit(edited, edit)
    if (result.kind === 'edited') edited = result.sequence
    else faults.push(...result.faults.map((fault) => ({ ...fault, path: under(`edits[${index}]`, fault.path) })))
  }
  return faults.length === 0 ? { kind: 'edited', sequence: edited } : { kind: 'invalid', faults }
}

function applyEdit(sequence: TaskSequence, edit: SequenceEdit): EditedSequence {
  switch (edit.kind) {
    case 'add':
      return withNode(edit.node, (node) => insertNode(sequence, edit.at, node))
    case 'replace':
      return withNode(edit.node, (node) => replaceNode(sequence, edit.path, [node]))
    case 'remove':
      return replaceNode(sequence, edit.path, [])
    case 'move':
      return moveNode(sequence, edit.path, edit.at)
    case 'move-up':
      return moveBy(sequence, edit.path, -1)
    case 'move-down':
      return moveBy(sequence, edit.path, 1)
    case 'copy': {
      const node = findNode(sequence, edit.path)
      return node === undefined ? noNode('path', edit.path) : insertNode(sequence, edit.at, cloneNode(node))
    }
    case 'copy-condition':
      return copyCondition(sequence, edit.path, edit.to)
    default:
      return edit satisfies never
  }
}

/** Behind its new neighbour first, then taken from its old place: that place is known by the node itself. */
function moveNode(sequence: TaskSequence, path: NodePath, at: Position): EditedSequence {
  const node = findNode(sequence, path)
  if (node === undefined) return noNode('path', path)
  const target = 'after' in at ? at.after : 'before' in at ? at.before : at.into
  const isInside = target.length >= path.length && path.every((index, depth) => target[depth] === index)
  if (isInside && (target.length > path.length || 'into' in at)) {
    return invalid('at', 'contradiction', 'A group cannot be moved into itself: choose a place outside it.')
  }
  const inserted = insertNode(sequence, at, { ...node })
  if (inserted.kind === 'invalid') return inserted
  return { kind: 'edited', sequence: { ...sequence, children: without(inserted.sequence.children, node) } }
}

function moveBy(sequence: TaskSequence, path: NodePath, distance: -1 | 1): EditedSequence {
  const siblings = childrenOf(sequence, path.slice(0, -1))
  const index = path.at(-1) ?? -1
  const node = siblings?.[index]
  const other = siblings?.[index + distance]
  if (siblings === undefined || node === undefined) return noNode('path', path)
  if (other === undefined) {
    return invalid('path', 'no-effect', `This is the ${distance < 0 ? 'first' : 'last'} of its group already.`)
  }
  const swapped = siblings.with(index, other).with(index + distance, node)
  return { kind: 'edited', sequence: withChildren(sequence, path.slice(0, -1), swapped) }
}

function insertNode(sequence: TaskSequence, at: Position, node: Node): EditedSequence {
  const [parent, index] = placeOf(sequence, at)
  const siblings = childrenOf(sequence, parent)
  if (siblings === undefined || index < 0 || index > siblings.length) {
    return invalid('at', 'out-of-range', 'There is no such place: name a step or group that is there.')
  }
  return { kind: 'edited', sequence: withChildren(sequence, parent, siblings.toSpliced(index, 0, node)) }
}

function replaceNode(sequence: TaskSequence, path: NodePath, nodes: readonly Node[]): EditedSequence {
  if (findNode(sequence, path) === undefined) return noNode('path', path)
  const parent = path.slice(0, -1)
  const siblings = childrenOf(sequence, parent) ?? []
  return { kind: 'edited', sequence: withChildren(sequence, parent, siblings.toSpliced(path.at(-1) ?? 0, 1, ...nodes)) }
}

/** S1-025: the whole condition, in place of the one that is there; none takes it away. */
function copyCondition(sequence: TaskSequence, path: NodePath, to: NodePath): EditedSequence {
  const source = findNode(sequence, path)
  const target = findNode(sequence, to)
  if (source === undefined) return noNode('path', path)
  if (target === undefined) return noNode('to', to)
  return replaceNode(sequence, to, [withCondition(target, source.condition)])
}

function withCondition(node: Node, condition: Condition | undefined): Node {
  const { condition: _, ...rest } = node
  return condition === undefined ? rest : { ...rest, condition }
}

function withNode(document: unknown, use: (node: Node) => EditedSequence): EditedSequence {
  const parsed = parseNodeDocument(document)
  if (parsed.kind === 'valid') return use(parsed.node)
  return { kind: 'invalid', faults: parsed.faults.map((fault) => ({ ...fault, path: under('node', fault.path) })) }
}

function placeOf(sequence: TaskSequence, at: Position): readonly [parent: NodePath, index: number] {
  if ('into' in at) return [at.into, childrenOf(sequence, at.into)?.length ?? -1]
  const beside = 'after' in at ? at.after : at.before
  const index = findNode(sequence, beside) === undefined ? -1 : (beside.at(-1) ?? -1)
  return [beside.slice(0, -1), 'after' in at && index >= 0 ? index + 1 : index]
}

function findNode(sequence: TaskSequence, path: NodePath): Node | undefined {
  return childrenOf(sequence, path.slice(0, -1))?.[path.at(-1) ?? -1]
}

/** Undefined where there is no group. */
function childrenOf({ children }: TaskSequence, path: NodePath): readonly Node[] | undefined {
  let nodes: readonly Node[] | undefined = children
  for (const index of path) {
    const node: Node | undefined = nodes?.[index]
    nodes = node?.kind === 'group' ? node.children : undefined
  }
  return nodes
}

function withChildren(sequence: TaskSequence, parent: NodePath, children: readonly Node[]): TaskSequence {
  const rebuild = (nodes: readonly Node[], path: NodePath): readonly Node[] => {
    const [index, ...rest] = path
    if (index === undefined) return children
    return nodes.map((node, at) =>
      at === index && node.kind === 'group' ? { ...node, children: rebuild(node.children, rest) } : node,
    )
  }
  return { ...sequence, children: rebuild(sequence.children, parent) }
}

function without(nodes: readonly Node[], gone: Node): readonly Node[] {
  return nodes
    .filter((node) => node !== gone)
    .map((node) => (node.kind === 'group' ? { ...node, children: without(node.children, gone) } : node))
}

/** A move knows its node by identity, so no node may stand in the tree twice. */
function cloneNode(node: Node): Node {
  return node.kind === 'group' ? { ...node, children: node.children.map((child) => cloneNode(child)) } : { ...node }
}

function noNode(member: string, path: NodePath): EditedSequence {
  return invalid(member, 'out-of-range', `There is no step or group at ${JSON.stringify(path)}.`)
}

function invalid(path: string, code: Fault['code'], message: string): EditedSequence {
  return { kind: 'invalid', faults: [{ path, code, message }] }
}

function under(parent: string, path: string): string {
  return path === '' ? parent : `${parent}.${path}`
}
