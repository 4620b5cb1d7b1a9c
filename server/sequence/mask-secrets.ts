/**
 * Variables and texts as they may be shown: nothing that is or was the value of a secret is in them (S1-071 masks it in
 * the console only; here also in logs, reports and on screens).
 */

import { maskedValue } from '../secret.ts'
import { type Environment, getVariable, type Variable } from './environment.ts'

/** What differs in `after`, as it may be shown; a deleted variable has an empty value. */
export function changedVariables(before: Environment, after: Environment): readonly Variable[] {
  const set = after.variables.filter((variable) => {
    const old = getVariable(before, variable.name)
    return old?.value !== variable.value || old.secret !== variable.secret
  })
  const deleted = before.variables
    .filter((variable) => getVariable(after, variable.name) === undefined)
    .map((variable) => ({ ...variable, value: '' }))
  return [...set.map(masked), ...deleted]
}

/** Covers every occurrence of every secret value; overlapping ones are covered together. */
export function maskSecrets(text: string, environment: Environment): string {
  const covered = secretRanges(text, environment).sort((a, b) => a.start - b.start)
  let output = ''
  let position = 0
  for (const { start, end } of covered) {
    if (start >= position) output += text.slice(position, start) + maskedValue
    position = Math.max(position, end)
  }
  return output + text.slice(position)
}

function masked(variable: Variable): Variable {
  return variable.secret ? { ...variable, value: maskedValue } : variable
}

function secretRanges(text: string, environment: Environment): { start: number; end: number }[] {
  const ranges: { start: number; end: number }[] = []
  const current = environment.variables.filter(({ secret }) => secret)
  for (const value of [...current.map((variable) => variable.value), ...(environment.formerSecrets ?? [])]) {
    for (let start = text.indexOf(value); start !== -1; start = text.indexOf(value, start + 1)) {
      ranges.push({ start, end: start + value.length })
    }
  }
  return ranges
}
