/**
 * Answers a query about one machine: true, false, or not to be said, because the site does not know what is asked for. What
 * cannot be said stays so under `not` (three-valued logic, as in SQL), and makes nobody a member: `not model like "Server%"` does not
 * catch machines whose model nobody ever told.
 */

import { compareVersions } from '../sequence/compare-values.ts'
import { matchesPattern } from '../sequence/match-pattern.ts'
import { swapSmbiosGuid, parseSmbiosGuid } from '../address/smbios-guid.ts'
import { type ComparisonOperator, type DeviceQuery, findProperty, type QueryValue } from './device-query.ts'
import { parseLikePattern } from './like-pattern.ts'
import { propertyReader, type QuerySubject } from './query-subject.ts'

/** Undefined: it cannot be said. */
export type Answer = boolean | undefined
export type CompiledQuery = (subject: QuerySubject) => Answer

export function compileDeviceQuery(query: DeviceQuery): CompiledQuery {
  switch (query.kind) {
    case 'all':
      return joined(query.operands.map(compileDeviceQuery), false)
    case 'any':
      return joined(query.operands.map(compileDeviceQuery), true)
    case 'not': {
      const operand = compileDeviceQuery(query.operand)
      return (subject) => {
        const answer = operand(subject)
        return answer === undefined ? undefined : !answer
      }
    }
    case 'compare':
      return comparison(query.property, query.operator, query.value)
    case 'in': {
      const equals = query.values.map((value) => comparison(query.property, '=', value))
      return joined(equals, true)
    }
    case 'is': {
      const { state } = query
      const read = propertyReader(query.property)
      return (subject) => read(subject).length > 0 === (state === 'known')
    }
    default:
      return query satisfies never
  }
}

/** `decisive` settles it wherever it stands; otherwise one that cannot be said leaves the whole unsaid. */
function joined(operands: readonly CompiledQuery[], decisive: boolean): CompiledQuery {
  return (subject) => {
    let answer: Answer = !decisive
    for (const operand of operands) {
      const one = operand(subject)
      if (one === decisive) return decisive
      if (one === undefined) answer = undefined
    }
    return answer
  }
}

function comparison(property: string, operator: ComparisonOperator, value: QueryValue): CompiledQuery {
  if (operator === '!=') {
    const equal = comparison(property, '=', value)
    return (subject) => {
      const answer = equal(subject)
      return answer === undefined ? undefined : !answer
    }
  }
  const fits = test(property, operator, value)
  const read = propertyReader(property)
  return (subject) => {
    const values = read(subject)
    if (values.length === 0) return undefined
    for (const value of values) if (fits(value)) return true
    return false
  }
}

function test(property: string, operator: ComparisonOperator, value: QueryValue): (is: QueryValue) => boolean {
  const type = findProperty(property)?.definition.type
  if (typeof value !== 'string') return ordered(operator, (is) => Number(is) - Number(value))
  const wanted = value.trim().toLowerCase()
  if (operator === 'like') {
    const pattern = parseLikePattern(wanted)
    return (is) => matchesPattern(String(is), pattern)
  }
  if (type === 'version') return ordered(operator, (is) => compareVersions(String(is), wanted))
  if (type === 'smbios-guid') {
    // Both byte orders are the same machine (peers.md D10).
    const guid = parseSmbiosGuid(value)
    const spellings = new Set(guid === undefined ? [wanted] : [wanted, swapSmbiosGuid(guid).toLowerCase()])
    return (is) => spellings.has(String(is))
  }
  return (is) => is === wanted
}

function ordered(operator: ComparisonOperator, compare: (is: QueryValue) => number): (is: QueryValue) => boolean {
  switch (operator) {
    case '<':
      return (is) => compare(is) < 0
    case '<=':
      return (is) => compare(is) <= 0
    case '>':
      return (is) => compare(is) > 0
    case '>=':
      return (is) => compare(is) >= 0
    default:
      return (is) => compare(is) === 0
  }
}
