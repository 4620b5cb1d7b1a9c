/**
 * A condition that never holds. It stands where one form has no word for what the other asks: a step that nobody can decide
 * about is left out by the machine, and a note says so, rather than run because its condition was lost.
 */

import { variableValueCharactersMax } from '../environment.ts'
import type { VariableCondition } from '../condition.ts'

/** The variable is always there and says true or false. */
export function neverBecause(reason: string): VariableCondition {
  return {
    kind: 'variable',
    variable: '_SMSTSInWinPE',
    operator: 'equals',
    value: reason.replaceAll('%', '').slice(0, variableValueCharactersMax),
  }
}
