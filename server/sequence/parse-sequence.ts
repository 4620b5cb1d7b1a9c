/**
 * A task sequence document (JSON of unknown origin) as a TaskSequence, or all its faults (S1-010 to S1-013).
 * Short documents are welcome: everything with a sensible default may be left out, a node with `children` is a
 * group, one with `action` is a step, and a condition may be written as a list (S1-022: an implicit AND). The result
 * is the normal form: printed and parsed again it stays as it is. Whether an id exists in the site is not asked here.
 */

import { checkSequence } from './check-sequence.ts'
import { parseAction } from './parse-action.ts'
import { parseCondition } from './parse-condition.ts'
import {
  type Fault,
  type Findings,
  fault,
  type Place,
  peek,
  readBoolean,
  readList,
  readMembers,
  readText,
  readWholeNumber,
  readWord,
} from './read-document.ts'
import { stepTypeOf } from './step-types.ts'
import type { Group, Node, Step, TaskSequence } from './task-sequence.ts'

export type { Fault } from './read-document.ts'

export type ParsedSequence =
  | { readonly kind: 'valid'; readonly sequence: TaskSequence; readonly warnings: readonly Fault[] }
  | { readonly kind: 'invalid'; readonly faults: readonly Fault[]; readonly warnings: readonly Fault[] }

/** S1-010, S1-012, S1-013. */
export const sequenceNameCharactersMax = 50
export const nodeNameCharactersMax = 100
export const descriptionCharactersMax = 255
/** Ours: the field says "any depth"; a person loses the thread long before, and recursion must end. */
export const groupDepthMax = 64
/** Ours: 10,000 steps and as many groups; the largest sequences known have a few hundred of both. */
export const nodesMax = 20_000
/** S2-004: 999 minutes. */
export const stepTimeoutSecondsMax = 59_940

export function parseSequence(document: unknown): ParsedSequence {
  const findings: Findings = { faults: [], warnings: [] }
  const sequence = parseRoot({ value: document, path: '', findings })
  if (sequence === undefined || findings.faults.length > 0) return { kind: 'invalid', ...findings }
  checkSequence(sequence, findings)
  return { kind: 'valid', sequence, warnings: findings.warnings }
}

export type ParsedNode =
  | { readonly kind: 'valid'; readonly node: Node }
  | { readonly kind: 'invalid'; readonly faults: readonly Fault[] }

/** One step or group by itself, as an editor adds it. */
export function parseNodeDocument(document: unknown): ParsedNode {
  const findings: Findings = { faults: [], warnings: [] }
  const node = parseNode({ value: document, path: '', findings }, { nodes: 0 }, 0)
  return node === undefined || findings.faults.length > 0
    ? { kind: 'invalid', faults: findings.faults }
    : { kind: 'valid', node }
}

/** Nodes seen so far, over the whole document. */
interface Count {
  nodes: number
}

const rootFields = ['name', 'description', 'children'] as const
const groupFields = ['kind', 'name', 'description', 'disabled', 'continueOnError', 'condition', 'children'] as const
const stepFields = [
  'kind',
  'name',
  'description',
  'disabled',
  'continueOnError',
  'condition',
  'timeoutSeconds',
  'action',
] as const

function parseRoot(place: Place): TaskSequence | undefined {
  const members = readMembers(place, rootFields)
  if (members === undefined) return undefined
  return {
    name: readText(members.name, { max: sequenceNameCharactersMax }),
    description: readText(members.description, { max: descriptionCharactersMax, absent: '', lines: 'many' }),
    children: parseChildren(members.children, { nodes: 0 }, 0),
  }
}

function parseChildren(place: Place, count: Count, depth: number): readonly Node[] {
  if (depth > groupDepthMax) {
    fault(place, 'too-deep', `Groups may stand in one another ${groupDepthMax} deep: move these nodes up.`)
    return []
  }
  const nodes = readList(place, { min: 0, max: nodesMax, absent: [] }, (item) => parseNode(item, count, depth))
  return nodes.filter((node) => node !== undefined)
}

function parseNode(place: Place, count: Count, depth: number): Node | undefined {
  count.nodes += 1
  if (count.nodes > nodesMax) {
    if (count.nodes === nodesMax + 1) {
      fault(place, 'too-many', `A task sequence has at most ${nodesMax} groups and steps: remove the rest.`)
    }
    return undefined
  }
  const written = peek(place, 'kind')
  const guessed = written === undefined && peek(place, 'action') === undefined && peek(place, 'children') !== undefined
  return written === 'group' || guessed ? parseGroup(place, count, depth) : parseStep(place)
}

function parseGroup(place: Place, count: Count, depth: number): Group | undefined {
  const members = readMembers(place, groupFields)
  if (members === undefined) return undefined
  return {
    kind: 'group',
    ...parseSettings(members, 'Group'),
    children: parseChildren(members.children, count, depth + 1),
  }
}

function parseStep(place: Place): Step | undefined {
  const members = readMembers(place, stepFields)
  if (members === undefined) return undefined
  readWord(members.kind, ['step', 'group'], 'step')
  const action = parseAction(members.action)
  // S1-012: the name of the step type, until someone gives a better one.
  const settings = parseSettings(members, action === undefined ? 'Step' : stepTypeOf(action).title)
  if (action === undefined) return undefined
  return { kind: 'step', ...settings, ...parseTimeout(members.timeoutSeconds), action }
}

function parseTimeout(place: Place): Pick<Step, 'timeoutSeconds'> {
  if (place.value === undefined) return {}
  return { timeoutSeconds: readWholeNumber(place, { min: 1, max: stepTimeoutSecondsMax }) }
}

type Settings = Pick<Group, 'name' | 'description' | 'disabled' | 'continueOnError' | 'condition'>
type SettingsPlaces = Readonly<Record<keyof Settings, Place>>

function parseSettings(members: SettingsPlaces, absentName: string): Settings {
  const condition = parseCondition(members.condition)
  return {
    name: members.name.value === undefined ? absentName : readText(members.name, { max: nodeNameCharactersMax }),
    description: readText(members.description, { max: descriptionCharactersMax, absent: '', lines: 'many' }),
    disabled: readBoolean(members.disabled, false),
    continueOnError: readBoolean(members.continueOnError, false),
    ...(condition === undefined ? {} : { condition }),
  }
}
