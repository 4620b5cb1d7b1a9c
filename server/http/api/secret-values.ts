/** Values of secret variables go in and never come out (security A12). */

import type { SiteVariable } from '../../site/site-variable.ts'
import { maskedValue } from '../../secret.ts'

export function maskSecrets(variables: readonly SiteVariable[]): readonly SiteVariable[] {
  return variables.map((variable) => (variable.secret ? { ...variable, value: maskedValue } : variable))
}

/**
 * Whoever sends `***` for a variable that is secret in the store has not changed it. Taking the mark off without
 * giving a value would show the value, so the value is dropped then.
 */
export function keepMaskedValues(
  sent: readonly SiteVariable[],
  stored: readonly SiteVariable[],
): readonly SiteVariable[] {
  const secrets = new Map(stored.filter(({ secret }) => secret).map(({ name, value }) => [name.toLowerCase(), value]))
  return sent.map((variable) => {
    const kept = secrets.get(variable.name.toLowerCase())
    if (variable.value !== maskedValue || kept === undefined) return variable
    return { ...variable, value: variable.secret ? kept : '' }
  })
}
