/** One action read as a step of a task sequence: what it becomes, or its faults. */

import { emptyEnvironment, type Environment, setVariables } from '../../server/sequence/environment.ts'
import { parseSequence } from '../../server/sequence/parse-sequence.ts'
import type { Fault } from '../../server/sequence/read-document.ts'
import type { Action, ActionType } from '../../server/sequence/step-types.ts'
import { sequenceOf } from './sequences.ts'

export type Written = Readonly<Record<string, unknown>>

type WrittenAction<Type> = { readonly type: Type } & Written

/** With every default; its faults are the test's own mistake. */
export function actionOf<Type extends ActionType>(written: WrittenAction<Type>): Action<Type> {
  const action = readAction(written)
  if (isOf(action, written.type)) return action
  throw new Error(`not ${written.type}: ${action.type}`)
}

/** Each fault as `member code`. */
export function faultsIn(written: Written): readonly string[] {
  return readFaults(written).map(({ path, code }) => `${path.replace('children[0].action.', '')} ${code}`)
}

export function environmentOf(
  variables: Readonly<Record<string, string>>,
  secrets: readonly string[] = [],
): Environment {
  const assignments = Object.entries(variables).map(([name, value]) => ({
    name,
    value,
    secret: secrets.includes(name),
  }))
  const set = setVariables(emptyEnvironment, assignments, 'product')
  if (set.kind !== 'set') throw new Error(set.message)
  return set.environment
}

/** Whatever type it says it is. */
export function readAction(written: Written): Action {
  const [node] = sequenceOf({ name: 'One', children: [{ action: written }] }).children
  if (node?.kind !== 'step') throw new Error('not a step')
  return node.action
}

export function readFaults(written: Written): readonly Fault[] {
  const parsed = parseSequence({ name: 'One', children: [{ action: written }] })
  return parsed.kind === 'invalid' ? parsed.faults : []
}

function isOf<Type extends ActionType>(action: Action, type: Type): action is Action<Type> {
  return action.type === type
}
