/**
 * Why a condition is false, in sentences for the person who wonders about a skipped step: what was compared, with what
 * was found, and what this machine can never tell. Secrets are masked. It decides nothing.
 */

import type { Comparison, Condition, MachineCondition, TimeComparison, VariableCondition } from './condition.ts'
import { type Environment, getVariable } from './environment.ts'
import { type ConditionFacts, evaluateCondition } from './evaluate-condition.ts'
import type { MachineAnswer } from './inspection.ts'
import { maskSecrets } from './mask-secrets.ts'
import { maskedValue } from '../secret.ts'
import { substituteMasked } from './substitute.ts'

/** Ours: a list of 257 languages is not read out. */
export const reasonsMax = 5
export const becauseCharactersMax = 1_000
const shownCharactersMax = 120

/** Of a condition that is false. */
export function explainFalse(condition: Condition, facts: ConditionFacts): string {
  const reasons = reasonsFor(condition, false, facts)
  const more = reasons.length - reasonsMax
  const text = [...reasons.slice(0, reasonsMax), ...(more > 0 ? [`And ${more} more.`] : [])].join(' ')
  return text.slice(0, becauseCharactersMax)
}

/** The leaves that made the condition what it is. */
function reasonsFor(condition: Condition, verdict: boolean, facts: ConditionFacts): readonly string[] {
  switch (condition.kind) {
    case 'all':
      return decisive(condition.conditions, verdict, facts)
    case 'any':
      return decisive(condition.conditions, verdict, facts)
    case 'none':
      return decisive(condition.conditions, !verdict, facts)
    case 'variable':
      return [`${printVariable(condition, facts)} is ${verdict}: ${printValue(condition, facts)}.`]
    default:
      return [printMachine(condition, verdict, facts)]
  }
}

function decisive(conditions: readonly Condition[], verdict: boolean, facts: ConditionFacts): readonly string[] {
  return conditions
    .filter((operand) => evaluateCondition(operand, facts) === verdict)
    .flatMap((operand) => reasonsFor(operand, verdict, facts))
}

function printVariable({ variable, operator, value }: VariableCondition, { environment }: ConditionFacts): string {
  if (operator === 'exists' || operator === 'not-exists') return `${variable} ${words(operator)}`
  return `${variable} ${words(operator)} ${quote(substituteMasked(value, environment), environment)}`
}

function printValue({ variable }: VariableCondition, { environment }: ConditionFacts): string {
  const found = getVariable(environment, variable)
  if (found === undefined) return 'it is not set'
  return `it is ${quote(found.secret ? maskedValue : found.value, environment)}`
}

function printMachine(condition: MachineCondition, verdict: boolean, facts: ConditionFacts): string {
  const answer = facts.answers.get(condition)
  const question = printQuestion(condition, facts.environment)
  if (answer?.kind === 'unavailable') return `${question} is never true here, because ${answer.reason}.`
  const found = answer === undefined ? 'it was not looked up' : printAnswer(condition, answer, facts.environment)
  return `${question} is ${verdict}: ${found}.`
}

function printQuestion(condition: MachineCondition, environment: Environment): string {
  const shown = (text: string): string => quote(substituteMasked(text, environment), environment)
  switch (condition.kind) {
    case 'os-version': {
      const architecture = condition.architecture === undefined ? '' : ` ${condition.architecture}`
      return `Operating system ${shown(condition.system)}${architecture}${printComparison(condition.version, shown)}`
    }
    case 'os-language':
      return `Operating system language ${shown(condition.language)}`
    case 'file':
      return `File ${shown(condition.path)}${printComparison(condition.version, shown)}${printTime(condition.modified)}`
    case 'folder':
      return `Folder ${shown(condition.path)}${printTime(condition.modified)}`
    case 'registry': {
      const data = condition.operator.endsWith('exists') ? '' : ` ${shown(condition.data)}`
      return `Registry value ${shown(`${condition.key}\\${condition.valueName}`)} ${words(condition.operator)}${data}`
    }
    case 'wmi':
      return `WMI query ${shown(condition.query)}`
    case 'software':
      return 'package' in condition
        ? `Installed software ${shown(condition.package)}${printComparison(condition.version, shown)}`
        : `Installed software ${condition.productCode ?? condition.upgradeCode ?? ''}`
    default:
      return condition satisfies never
  }
}

type Told = Exclude<MachineAnswer, { readonly kind: 'unavailable' }>

function printAnswer(condition: MachineCondition, answer: Told, environment: Environment): string {
  switch (answer.kind) {
    case 'os-version':
      return `it is ${[answer.system, answer.version, answer.architecture].filter((part) => part !== '').join(' ')}`
    case 'os-language':
      return `it is ${answer.language}`
    case 'path':
      return printPathAnswer(condition, answer)
    case 'registry':
      return answer.exists ? `it is ${answer.type} ${quote(answer.data, environment)}` : 'it does not exist'
    case 'wmi':
      return `it finds ${answer.rows} objects`
    case 'software':
      return answer.versions.length === 0 ? 'it is not installed' : `installed is ${answer.versions.join(', ')}`
    default:
      return answer satisfies never
  }
}

function printPathAnswer(condition: MachineCondition, answer: Extract<MachineAnswer, { kind: 'path' }>): string {
  if (answer.found === 'nothing') return 'it does not exist'
  if (condition.kind === 'folder' && answer.found !== 'folder') return 'it is a file'
  if (condition.kind === 'file' && answer.found === 'folder') return 'it is a folder'
  const version = answer.version === undefined ? 'it carries no version' : `its version is ${answer.version}`
  const modified = `it was changed at ${answer.modifiedAt ?? 'a time nobody knows'}`
  return condition.kind === 'file' && condition.version !== undefined ? `${version}, and ${modified}` : modified
}

function printComparison(comparison: Comparison | undefined, shown: (text: string) => string): string {
  return comparison === undefined ? '' : ` version ${words(comparison.operator)} ${shown(comparison.value)}`
}

function printTime(comparison: TimeComparison | undefined): string {
  return comparison === undefined ? '' : ` changed at a time ${words(comparison.operator)} ${comparison.at}`
}

function words(operator: string): string {
  return operator.replaceAll('-', ' ')
}

/** Masked before it is cut, so that no half of a secret is left over. */
function quote(text: string, environment: Environment): string {
  const plain = maskSecrets(text, environment).replaceAll(/\p{Cc}/gu, ' ')
  return plain.length > shownCharactersMax ? `"${plain.slice(0, shownCharactersMax)}…"` : `"${plain}"`
}
