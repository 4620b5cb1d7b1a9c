/**
 * Whether a condition holds (S1-020 to S1-023), as far as is known: conditions of the machine without an answer are
 * `undefined`, and so is what depends on them. What is decided without them is decided.
 *
 * A variable that is not set counts as empty text in `equals`, `not-equals`, `like` and `not-like`: the field's own
 * templates ask `_SMSTSBootUEFI not-equals true` on machines where it is never set (S4-022). In `less` … `greater-equal`
 * it makes the condition false. Equality compares text, case-blind (S1-055): `007` is not `7`. Order is that of
 * compare-values.ts. The value of a condition may contain `%name%`.
 *
 * What a machine cannot tell is never true, `not-exists` and `not-equals` included: `none` around it is. Without a
 * comparison, `file` and `folder` ask whether there is one. A link counts as what it leads to.
 */

import { assert } from '../assert.ts'
import { compareText, compareValues, compareVersions } from './compare-values.ts'
import type {
  ComparisonOperator,
  Condition,
  MachineCondition,
  OsVersionCondition,
  RegistryCondition,
  SoftwareCondition,
  VariableCondition,
  VariableOperator,
} from './condition.ts'
import { type Environment, valueOf } from './environment.ts'
import type { MachineAnswer } from './inspection.ts'
import { matchesWildcards } from './match-wildcards.ts'
import { substitute } from './substitute.ts'

export interface ConditionFacts {
  readonly environment: Environment
  readonly answers: ReadonlyMap<MachineCondition, MachineAnswer>
  /** Of a run that has not begun: whether a variable has its value for good; absent: all have it. */
  readonly isSettled?: (variable: string) => boolean
}

export function evaluateCondition(condition: Condition, facts: ConditionFacts): boolean | undefined {
  switch (condition.kind) {
    case 'all':
      return not(some(condition.conditions, (operand) => not(evaluateCondition(operand, facts))))
    case 'any':
      return some(condition.conditions, (operand) => evaluateCondition(operand, facts))
    case 'none':
      return not(some(condition.conditions, (operand) => evaluateCondition(operand, facts)))
    case 'variable':
      return isDecided(condition, facts) ? evaluateVariable(condition, facts.environment) : undefined
    default: {
      const answer = facts.answers.get(condition)
      return answer === undefined ? undefined : evaluateMachine(condition, answer, facts.environment)
    }
  }
}

function isDecided({ variable, value }: VariableCondition, { isSettled }: ConditionFacts): boolean {
  return isSettled === undefined || (isSettled(variable) && !value.includes('%'))
}

function not(verdict: boolean | undefined): boolean | undefined {
  return verdict === undefined ? undefined : !verdict
}

/** True as soon as one is, false when all are, otherwise not known. */
function some(
  conditions: readonly Condition[],
  holds: (condition: Condition) => boolean | undefined,
): boolean | undefined {
  let isKnown = true
  for (const condition of conditions) {
    const verdict = holds(condition)
    if (verdict === true) return true
    if (verdict === undefined) isKnown = false
  }
  return isKnown ? false : undefined
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

const orders = {
  equals: (order) => order === 0,
  'not-equals': (order) => order !== 0,
  less: (order) => order < 0,
  'less-equal': (order) => order <= 0,
  greater: (order) => order > 0,
  'greater-equal': (order) => order >= 0,
} as const satisfies Record<ComparisonOperator, (order: number) => boolean>

export function evaluateVariable(condition: VariableCondition, environment: Environment): boolean {
  const holds: Holds = operators[condition.operator]
  return holds(valueOf(environment, condition.variable), substitute(condition.value, environment))
}

type Answer<Kind extends MachineAnswer['kind']> = Extract<MachineAnswer, { readonly kind: Kind }>

function evaluateMachine(condition: MachineCondition, answer: MachineAnswer, environment: Environment): boolean {
  if (answer.kind === 'unavailable') return false
  switch (condition.kind) {
    case 'os-version':
      return evaluateOsVersion(condition, expect(answer, 'os-version'), environment)
    case 'os-language':
      return speaks(expect(answer, 'os-language').language, substitute(condition.language, environment))
    case 'file': {
      const { found, version, modifiedAt } = expect(answer, 'path')
      if (found !== 'file' && found !== 'other') return false
      return holdsVersion(condition.version, version, environment) && holdsTime(condition.modified, modifiedAt)
    }
    case 'folder': {
      const { found, modifiedAt } = expect(answer, 'path')
      return found === 'folder' && holdsTime(condition.modified, modifiedAt)
    }
    case 'registry':
      return evaluateRegistry(condition, expect(answer, 'registry'), environment)
    case 'wmi':
      return expect(answer, 'wmi').rows > 0
    case 'software':
      return evaluateSoftware(condition, expect(answer, 'software'), environment)
    default:
      return condition satisfies never
  }
}

function expect<Kind extends MachineAnswer['kind']>(answer: MachineAnswer, kind: Kind): Answer<Kind> {
  assert(isOf(answer, kind), 'an answer is of the kind of its question')
  return answer
}

function isOf<Kind extends MachineAnswer['kind']>(answer: MachineAnswer, kind: Kind): answer is Answer<Kind> {
  return answer.kind === kind
}

function evaluateOsVersion(
  { system, architecture, version }: OsVersionCondition,
  actual: Answer<'os-version'>,
  environment: Environment,
): boolean {
  const wanted = substitute(system, environment)
  const isIt = sameText(actual.system, wanted)
  const isLikeIt = version === undefined && actual.like.some((like) => sameText(like, wanted))
  if (!isIt && !isLikeIt) return false
  if (architecture !== undefined && architecture !== actual.architecture) return false
  return holdsVersion(version, actual.version === '' ? undefined : actual.version, environment)
}

function speaks(actual: string, wanted: string): boolean {
  return sameText(actual, wanted) || actual.toLowerCase().startsWith(`${wanted.toLowerCase()}-`)
}

function evaluateRegistry(
  { operator, type, data }: RegistryCondition,
  actual: Answer<'registry'>,
  environment: Environment,
): boolean {
  const isThere = actual.exists && (type === undefined || type === actual.type)
  if (operator === 'exists') return isThere
  if (operator === 'not-exists') return !isThere
  if (!actual.exists) return false
  const wanted = substitute(data, environment)
  if (operator === 'equals' || operator === 'not-equals') return operators[operator](actual.data, wanted)
  return orders[operator](compareValues(actual.data, wanted))
}

/** Of several installed versions, one that fits is enough. */
function evaluateSoftware(
  condition: SoftwareCondition,
  { versions }: Answer<'software'>,
  environment: Environment,
): boolean {
  const wanted = 'package' in condition ? condition.version : undefined
  return versions.some((version) => holdsVersion(wanted, version, environment))
}

function holdsVersion(
  wanted: { readonly operator: ComparisonOperator; readonly value: string } | undefined,
  actual: string | undefined,
  environment: Environment,
): boolean {
  if (wanted === undefined) return true
  if (actual === undefined) return false
  return orders[wanted.operator](compareVersions(actual, substitute(wanted.value, environment)))
}

/** Both are UTC in one spelling, so their order is that of their text. */
function holdsTime(
  wanted: { readonly operator: ComparisonOperator; readonly at: string } | undefined,
  actual: string | undefined,
): boolean {
  if (wanted === undefined) return true
  return actual !== undefined && orders[wanted.operator](compareText(actual, wanted.at))
}

function sameText(first: string, second: string): boolean {
  return first.toLowerCase() === second.toLowerCase()
}
