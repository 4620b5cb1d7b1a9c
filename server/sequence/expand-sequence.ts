/**
 * Parent and child task sequences as one (S1-085, S1-086): each enabled step Run Task Sequence becomes a group with the
 * steps of the child, under the step's own name, condition and settings. So there is one tree, one environment and one run.
 * A child that has a boot image, that leads back to a sequence it stands in, or that is not there is refused. A disabled
 * child is taken in: the run fails when it gets there (S1-033). A disabled step refers to nobody.
 */

import type { PackageId } from '../address/identifiers.ts'
import { mentionsOf } from './mentions.ts'
import { nodesMax } from './parse-sequence.ts'
import { printActionField } from './print-path.ts'
import type { TaskSequenceObject } from './task-sequence-object.ts'
import type { Group, Node, NodePath, Step, TaskSequence } from './task-sequence.ts'

/** Ours: how many sequences may stand in one another. */
export const childDepthMax = 16
/** Ours: groups in one another, those of children included. Paths of reports may be this long and longer. */
export const expandedDepthMax = 128

export interface ParentSequence {
  /** Absent: it is not stored yet, so no child leads back to it. */
  readonly id?: PackageId
  readonly sequence: TaskSequence
}

export type ExpandedSequence =
  | { readonly kind: 'expanded'; readonly sequence: TaskSequence }
  | { readonly kind: 'refused'; readonly faults: readonly ExpansionFault[] }

export interface ExpansionFault {
  /** The place in the parent, such as `children[1].action.taskSequenceId`. */
  readonly path: string
  /** The chain of names from the parent to the one that is refused, and why. */
  readonly message: string
}

export type LookUp = (id: PackageId) => TaskSequenceObject | undefined

/** More would help nobody. */
const faultsMax = 100

export function expandSequence({ id, sequence }: ParentSequence, lookUp: LookUp): ExpandedSequence {
  const expansion: Expansion = { lookUp, faults: [], nodes: 0 }
  const chain = [{ name: sequence.name, ...(id === undefined ? {} : { id }) }]
  const children = expandNodes(sequence.children, { chain, path: [], depth: 0 }, expansion)
  if (expansion.nodes > nodesMax && expansion.faults.length === 0) {
    const message = `${sequence.name}: with its children it has more than ${nodesMax} groups and steps.`
    expansion.faults.push({ path: 'children', message })
  }
  if (expansion.faults.length > 0) return { kind: 'refused', faults: expansion.faults }
  return { kind: 'expanded', sequence: { ...sequence, children } }
}

/** The children that enabled steps refer to, so that whoever looks them up can do so beforehand. */
export function childSequences(nodes: readonly Node[]): readonly PackageId[] {
  return nodes.flatMap((node): readonly PackageId[] => {
    if (node.disabled) return []
    if (node.kind === 'group') return childSequences(node.children)
    const id = childOf(node)
    return id === undefined ? [] : [id]
  })
}

interface Expansion {
  readonly lookUp: LookUp
  readonly faults: ExpansionFault[]
  nodes: number
}

/** Where the nodes stand: in which sequences, under which node of the parent, and how deep. */
interface Standing {
  readonly chain: readonly { readonly id?: PackageId; readonly name: string }[]
  /** In the parent; below a child it stays that of the step which brought it in. */
  readonly path: NodePath
  readonly depth: number
}

function expandNodes(nodes: readonly Node[], standing: Standing, expansion: Expansion): readonly Node[] {
  const isParent = standing.chain.length === 1
  return nodes.map((node, index) => {
    expansion.nodes += 1
    const path = isParent ? [...standing.path, index] : standing.path
    if (node.kind === 'group') {
      // Nothing below it runs, so nothing there is looked up.
      if (node.disabled) return node
      const below = { ...standing, path, depth: standing.depth + 1 }
      return { ...node, children: expandNodes(node.children, below, expansion) }
    }
    const id = childOf(node)
    return id === undefined ? node : expandStep(node, id, { standing: { ...standing, path }, expansion })
  })
}

interface At {
  readonly standing: Standing
  readonly expansion: Expansion
}

function expandStep(step: Step, id: PackageId, { standing, expansion }: At): Group {
  if (step.disabled) return groupOf(step, [])
  const child = expansion.lookUp(id)
  const { chain, path, depth } = standing
  const below = [...chain, { id, name: child?.sequence.name ?? id }]
  const reason = refuse(child, { below, depth, nodes: expansion.nodes })
  if (child === undefined || reason !== undefined) {
    const names = below.map(({ name }) => name).join(' > ')
    const fault = { path: printActionField(path, 'taskSequenceId'), message: `${names}: ${reason ?? ''}` }
    if (expansion.faults.length < faultsMax) expansion.faults.push(fault)
    return groupOf(step, [])
  }
  const { sequence, revision, enabled } = child
  const children = expandNodes(sequence.children, { chain: below, path, depth: depth + 1 }, expansion)
  return { ...groupOf(step, children), taskSequence: { id, name: sequence.name, revision, enabled } }
}

function refuse(
  child: TaskSequenceObject | undefined,
  { below, depth, nodes }: { readonly below: Standing['chain']; readonly depth: number; readonly nodes: number },
): string | undefined {
  if (child === undefined) return 'there is no such task sequence.'
  if (below.slice(0, -1).some(({ id }) => id === child.id)) return 'a task sequence cannot run itself.'
  if (child.bootImageId !== undefined) return 'a task sequence that has a boot image cannot be run by another one.'
  if (below.length > childDepthMax) return `at most ${childDepthMax} task sequences may run one another.`
  if (depth >= expandedDepthMax) return `groups and sequences stand in one another more than ${expandedDepthMax} deep.`
  if (nodes > nodesMax) return `together they have more than ${nodesMax} groups and steps.`
  return undefined
}

function childOf({ action }: Step): PackageId | undefined {
  if (action.type !== 'run-task-sequence') return undefined
  return mentionsOf(action).flatMap((mention) => (mention.kind === 'reference' ? [mention.id] : []))[0]
}

function groupOf({ action: _action, timeoutSeconds: _limit, ...settings }: Step, children: readonly Node[]): Group {
  return { ...settings, kind: 'group', children }
}
