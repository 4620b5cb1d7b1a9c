/** What tests of step types say again and again: defaults, faults, and what a run makes of an action. */

import test from 'ava'
import { resolveAction } from '../../server/sequence/resolve-action.ts'
import { environmentOf, faultsIn, readAction, readFaults, type Written } from './actions.ts'

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
