/**
 * Which steps of a task sequence that begins in the boot image will run, as far as anybody can know: conditions are asked where no
 * step before can change what they ask about. What the machine would have to be asked is not known, and after a step that runs
 * programs, or restarts the machine, next to nothing is. So a step that is not told here does not run; one that is may.
 */

import type { Action } from '../server/sequence/step-types.ts'
import { type Environment, setVariables } from '../server/sequence/environment.ts'
import { evaluateCondition } from '../server/sequence/evaluate-condition.ts'
import { mentionsOf } from '../server/sequence/mentions.ts'
import type { Node, TaskSequence } from '../server/sequence/task-sequence.ts'

export interface ForeseenStep {
  readonly name: string
  readonly action: Action
  /** Steps and groups whose conditions nobody can answer yet; none: it runs. */
  readonly dependsOn: readonly string[]
}

export function foreseeSteps(sequence: TaskSequence, environment: Environment): readonly ForeseenStep[] {
  const known = inBootImage(environment)
  const before: Before = { changed: new Set(), isAnything: false }
  const foresee = (children: readonly Node[], above: readonly string[]): readonly ForeseenStep[] =>
    children.flatMap((node) => {
      if (node.disabled) return []
      const facts = { environment: known, answers: new Map(), isSettled: (name: string) => isSettled(name, before) }
      const holds = node.condition === undefined || evaluateCondition(node.condition, facts)
      if (holds === false) return []
      const dependsOn = holds === true ? above : [...above, node.name]
      if (node.kind === 'group') return foresee(node.children, dependsOn)
      noteChanges(node.action, before)
      return [{ name: node.name, action: node.action, dependsOn }]
    })
  return foresee(sequence.children, [])
}

/** What steps before may have changed. */
interface Before {
  /** In small letters. */
  readonly changed: Set<string>
  isAnything: boolean
}

/** Those that run nothing of an administrator's, and set no more than their fields say. */
const quietTypes: readonly Action['type'][] = [
  'set-task-sequence-variable',
  'format-and-partition-disk',
  'check-readiness',
]

function noteChanges(action: Action, before: Before): void {
  const names = mentionsOf(action).flatMap((each) => (each.kind === 'sets-variable' ? [each.variable] : []))
  for (const name of names) before.changed.add(name.trim().toLowerCase())
  // A name that is made of others may be any.
  if (!quietTypes.includes(action.type) || names.some((name) => name.includes('%'))) before.isAnything = true
}

/** Set before the first step, and by nobody afterwards. */
const constants = ['_smstsmediatype', '_smstslaunchmode', '_smstsclientcache', '_smstsbootuefi']
const place = '_SMSTSInWinPE'

function isSettled(variable: string, { changed, isAnything }: Before): boolean {
  const name = variable.trim().toLowerCase()
  if (constants.includes(name)) return true
  if (isAnything || changed.has(name)) return false
  // The engine's own, such as those of the last action.
  return !name.startsWith('_') || name === place.toLowerCase()
}

/** The engine says so with the first step. */
function inBootImage(environment: Environment): Environment {
  const set = setVariables(environment, [{ name: place, value: 'true', secret: false }], 'engine')
  return set.kind === 'set' ? set.environment : environment
}
