/**
 * Whether a condition holds (S1-020 to S1-023).
 *
 * A variable that is not set counts as empty text in `equals`, `not-equals`, `like` and `not-like`: the field's own
 * templates ask `_SMSTSBootUEFI not-equals true` on machines where it is never set (S4-022). In `less` … `greater-equal`
 * it makes the condition false. Equality compares text, case-blind (S1-055): `007` is not `7`. Order compares
 * numbers when both sides are plain decimal numbers (any length, exact), otherwise text, case-blind, by character.
 * The value of a condition may contain `%name%`.
 */

import type { Condition, VariableCondition, VariableOperator } from './condition.ts'
import { type Environment, valueOf } from './environment.ts'
import { matchesWildcards } from './match-wildcards.ts'
import { substitute } from './substitute.ts'

export function evaluateCondition(condition: Condition, environment: Environment): boolean {
  switch (condition.kind) {
    case 'all':
      return condition.conditions.every((operand) => evaluateCondition(operand, environment))
    case 'any':
      return condition.conditions.some((operand) => evaluateCondition(operand, environment))
    case 'none':
      return !condition.conditions.some((operand) => evaluateCondition(operand, environment))
    case 'variable':
      return evaluateVariable(condition, environment)
    default:
      return condition satisfies never
  }
}

/** Below 0: the first comes before the second. 0: they are the same number, or the same text. */
export function compareValues(first: string, second: string): number {
  const numbers = [parseDecimal(first), parseDecimal(second)] as const
  if (numbers[0] !== undefined && numbers[1] !== undefined) return compareDecimals(numbers[0], numbers[1])
  return compareText(first.toLowerCase(), second.toLowerCase())
}

type Holds = (actual: string, wanted: string) => boolean

const operators = {
  exists: (actual) => actual !== '',
  'not-exists': (actual) => actual === '',
  equals: (actual, wanted) => sameText(actual, wanted),
  'not-equals': (actual, wanted) => !sameText(actual, wanted),
  less: (actual, wanted) => actual !== '' && compareValues(actual, wanted) < 0,
  'less-equal': (actual, wanted) => actual !== '' && compareValues(actual, wanted) <= 0,
  greater: (actual, wanted) => actual !== '' && compareValues(actual, wanted) > 0,
  'greater-equal': (actual, wanted) => actual !== '' && compareValues(actual, wanted) >= 0,
  like: matchesWildcards,
  'not-like': (actual, wanted) => !matchesWildcards(actual, wanted),
} as const satisfies Record<VariableOperator, Holds>

export function evaluateVariable(condition: VariableCondition, environment: Environment): boolean {
  const holds: Holds = operators[condition.operator]
  return holds(valueOf(environment, condition.variable), substitute(condition.value, environment))
}

function sameText(first: string, second: string): boolean {
  return first.toLowerCase() === second.toLowerCase()
}

interface Decimal {
  readonly negative: boolean
  /** Without leading zeros; the fraction without trailing ones. */
  readonly whole: string
  readonly fraction: string
}

function parseDecimal(text: string): Decimal | undefined {
  const match = /^([+-]?)([0-9]+)(?:\.([0-9]+))?$/.exec(text.trim())
  if (match === null) return undefined
  const whole = stripLeadingZeros(match[2] ?? '')
  const fraction = stripTrailingZeros(match[3] ?? '')
  return { negative: match[1] === '-' && whole + fraction !== '', whole, fraction }
}

function stripLeadingZeros(digits: string): string {
  let start = 0
  while (digits[start] === '0') start += 1
  return digits.slice(start)
}

/** Not `/0+$/`, which is quadratic over a text of many zeros. */
function stripTrailingZeros(digits: string): string {
  let end = digits.length
  while (digits[end - 1] === '0') end -= 1
  return digits.slice(0, end)
}

function compareDecimals(first: Decimal, second: Decimal): number {
  if (first.negative !== second.negative) return first.negative ? -1 : 1
  const magnitude =
    first.whole.length - second.whole.length ||
    compareText(first.whole, second.whole) ||
    compareText(first.fraction, second.fraction)
  return first.negative ? 0 - magnitude : magnitude
}

function compareText(first: string, second: string): number {
  if (first === second) return 0
  return first < second ? -1 : 1
}
