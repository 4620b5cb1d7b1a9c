/** Values of secret variables go in and never come out (security A12). */

import type { SiteVariable } from '../../site/site-variable.ts'
import { maskedValue } from '../../secret.ts'
import { type Fault, Problem } from '../problem.ts'

export function maskSecrets(variables: readonly SiteVariable[]): readonly SiteVariable[] {
  return variables.map((variable) => (variable.secret ? { ...variable, value: maskedValue } : variable))
}

/**
 * Whoever sends `***` for a variable that is secret in the store has not changed it. Taking the mark off without
 * giving a value would show the value, so the value is dropped then. A secret `***` that stands for nothing, as after a change
 * of the name, is a fault: machines would get the stars.
 */
export function keepMaskedValues(
  sent: readonly SiteVariable[],
  stored: readonly SiteVariable[],
): readonly SiteVariable[] {
  const secrets = new Map(stored.filter(({ secret }) => secret).map(({ name, value }) => [name.toLowerCase(), value]))
  const faults = findUnknownSecrets(sent, new Set(secrets.keys()))
  if (faults.length > 0) throw new Problem(422, { detail: 'Some secret variables are not known.', faults })
  return sent.map((variable) => {
    const kept = secrets.get(variable.name.toLowerCase())
    if (variable.value !== maskedValue || kept === undefined) return variable
    return { ...variable, value: variable.secret ? kept : '' }
  })
}

/** `stored`: names of secrets that are there, in lower case. */
export function findUnknownSecrets(sent: readonly SiteVariable[], stored: ReadonlySet<string>): readonly Fault[] {
  return sent.flatMap(({ name, value, secret }, index): readonly Fault[] =>
    value === maskedValue && secret && !stored.has(name.toLowerCase())
      ? [{ path: `variables[${index}].value`, message: 'type this secret again: none is stored under this name' }]
      : [],
  )
}
