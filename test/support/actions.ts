/** One action read as a step of a task sequence: what it becomes, or its faults; and what a run makes of it. */

import test from 'ava'
import { emptyEnvironment, type Environment, setVariables } from '../../server/sequence/environment.ts'
import { parseSequence } from '../../server/sequence/parse-sequence.ts'
import { resolveAction } from '../../server/sequence/resolve-action.ts'
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

/** Everything that is left out gets its default, and what was read is read again as it is. */
export const defaultsOf = test.macro((t, written: Written, expected: object) => {
  const action = readAction(written)
  t.deepEqual<unknown, unknown>(action, { ...written, ...expected })
  t.deepEqual(readAction({ ...action }), action)
})

/** Each fault as `member code`, and said in a sentence. */
export const faultsOf = test.macro((t, written: Written, ...expected: string[]) => {
  t.deepEqual(faultsIn(written), expected)
  for (const { message } of readFaults(written)) t.regex(message, /^[A-Z"_].*\.$/)
})

/** What a run hands out. */
export const resolvesTo = test.macro(
  (t, written: Written, variables: Readonly<Record<string, string>>, expected: object) => {
    t.like(resolveAction(readAction(written), environmentOf(variables)), { kind: 'resolved', action: expected })
  },
)

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

function readFaults(written: Written): readonly Fault[] {
  const parsed = parseSequence({ name: 'One', children: [{ action: written }] })
  return parsed.kind === 'invalid' ? parsed.faults : []
}

function isOf<Type extends ActionType>(action: Action, type: Type): action is Action<Type> {
  return action.type === type
}
