/** Conditions of a task sequence document (S1-022). A list means "all of these"; `kind` may be left out beside `variable`. */

import { type Condition, type VariableCondition, variableOperators } from './condition.ts'
import { variableValueCharactersMax } from './environment.ts'
import { parseVariableName } from './parse-variable-name.ts'
import { fault, type Place, peek, readList, readMembers, readText, readWord } from './read-document.ts'

/** Ours: the deepest trees of the field have three levels; recursion must end. */
export const conditionDepthMax = 16
/** Ours: per list. The longest of the field has 257 entries, one a language (S1-023). */
export const conditionListMax = 500

export function parseCondition(place: Place): Condition | undefined {
  if (place.value === undefined) return undefined
  if (Array.isArray(place.value)) return { kind: 'all', conditions: parseList(place, 1) }
  return parseOperand(place, 0)
}

const wholeFields = ['kind', 'conditions'] as const
const variableFields = ['kind', 'variable', 'operator', 'value'] as const
const [firstOperator, ...otherOperators] = variableOperators

function parseList(place: Place, depth: number): readonly Condition[] {
  if (depth > conditionDepthMax) {
    fault(place, 'too-deep', `Conditions may stand in one another ${conditionDepthMax} deep: simplify them.`)
    return []
  }
  const rule = { min: 1, max: conditionListMax }
  return readList<Condition | undefined>(place, rule, (item) => parseOperand(item, depth)).filter(
    (condition) => condition !== undefined,
  )
}

function parseOperand(place: Place, depth: number): Condition | undefined {
  const written = peek(place, 'kind')
  if (written === 'variable' || (written === undefined && peek(place, 'variable') !== undefined)) {
    return parseVariableCondition(place)
  }
  const members = readMembers(place, wholeFields)
  if (members === undefined) return undefined
  const kind = readWord(members.kind, ['all', 'any', 'none', 'variable'])
  if (kind === 'variable') return undefined
  return { kind, conditions: parseList(members.conditions, depth + 1) }
}

function parseVariableCondition(place: Place): VariableCondition | undefined {
  const members = readMembers(place, variableFields)
  if (members === undefined) return undefined
  const operator = readWord(members.operator, [firstOperator, ...otherOperators])
  return {
    kind: 'variable',
    variable: parseVariableName(members.variable, 'read'),
    operator,
    value: readText(members.value, { max: variableValueCharactersMax, absent: '', lines: 'many' }),
  }
}
