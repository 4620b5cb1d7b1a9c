/** One action read as a step of a task sequence: what it becomes, or its faults; and what a run makes of it. */

import test from 'ava'
import { emptyEnvironment, type Environment, setVariables } from '../../server/sequence/environment.ts'
import { parseSequence } from '../../server/sequence/parse-sequence.ts'
import { resolveAction } from '../../server/sequence/resolve-action.ts'
import type { Action } from '../../server/sequence/step-types.ts'
import { sequenceOf } from './sequences.ts'

export type Written = Readonly<Record<string, unknown>>

export function actionOf(written: Written): Action {
  const [node] = sequenceOf({ name: 'One', children: [{ action: written }] }).children
  if (node?.kind !== 'step') throw new Error('not a step')
  return node.action
}

/** Everything that is left out gets its default. */
export const defaultsOf = test.macro((t, written: Written, expected: object) => {
  t.deepEqual<unknown, unknown>(actionOf(written), { ...written, ...expected })
})

/** Each fault as `field code`. */
export const faultsOf = test.macro((t, written: Written, ...expected: string[]) => {
  const parsed = parseSequence({ name: 'One', children: [{ action: written }] })
  const found = parsed.kind === 'invalid' ? parsed.faults : []
  t.deepEqual(
    found.map(({ path, code }) => `${path.replace('children[0].action.', '')} ${code}`),
    expected,
  )
  for (const { message } of found) t.regex(message, /^[A-Z"_].*\.$/)
})

/** What a run hands out. */
export const resolvesTo = test.macro(
  (t, written: Written, variables: Readonly<Record<string, string>>, expected: object) => {
    t.like(resolveAction(actionOf(written), environmentOf(variables)), { kind: 'resolved', action: expected })
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
