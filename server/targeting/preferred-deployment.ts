/**
 * Reads `SMSTSPreferredAdvertID`, the variable that names the one deployment to run (S6-040 to S6-043). It selects and
 * never authorises: whether that deployment may run is decided in eligible-deployments.ts. What the texts here say
 * depends on the value alone, so they tell a guesser nothing about the site (security A07).
 */

import { maskedValue } from '../secret.ts'
import { type DeploymentId, parseCollectionId, parseDeploymentId, parsePackageId } from '../address/identifiers.ts'
import type { SiteVariable } from '../site/site-variable.ts'

export const preferredVariable = 'SMSTSPreferredAdvertID'

export type Preferred =
  /** Not set, or set to nothing: the wizard's usual rules hold. */
  | { readonly kind: 'none' }
  /** `shown` in texts: a secret value is in none (S1-071). */
  | { readonly kind: 'deployment'; readonly id: DeploymentId; readonly shown: string }
  | { readonly kind: 'invalid'; readonly publicText: string; readonly logText: string }

/** The last of several values counts, as in a list of collection variables followed by device variables. */
export function preferredDeployment(variables: readonly SiteVariable[]): Preferred {
  const variable = variables.findLast(({ name }) => name.toLowerCase() === preferredVariable.toLowerCase())
  // An empty value is how an administrator says "not preset" (S1-068); a prestart script also resets it so.
  if (variable === undefined || variable.value.trim() === '') return { kind: 'none' }

  // The documentation writes {DeploymentID} as a placeholder, and values with the braces exist (S6-043).
  const text = variable.value
    .trim()
    .replace(/^\{(.*)\}$/s, '$1')
    .trim()
    .toUpperCase()
  const id = parseDeploymentId(text)
  if (id !== undefined) return { kind: 'deployment', id, shown: variable.secret ? maskedValue : id }
  return invalid(variable.secret ? maskedValue : showValue(variable.value), text)
}

function invalid(shown: string, text: string): Preferred {
  const message = `${preferredVariable} is ${shown}: ${faultOf(text)}. Nothing is started.`
  return { kind: 'invalid', publicText: message, logText: message }
}

function faultOf(text: string): string {
  const remedy = 'it must be the identifier of a deployment, such as RVL20001'
  if (text === '') return `there is nothing between the braces; ${remedy}`
  if (parsePackageId(text) !== undefined) return `that is the identifier of a task sequence or package; ${remedy}`
  if (parseCollectionId(text) !== undefined) return `that is the identifier of a collection; ${remedy}`
  return `that is no identifier; ${remedy}`
}

const valueCharactersShown = 40

/** The value may come from a medium or a script on the machine, so only harmless characters are repeated. */
function showValue(value: string): string {
  const cut = Array.from(value.trim()).slice(0, valueCharactersShown).join('')
  return cut.replaceAll(/[^A-Za-z0-9 ._{}-]/gu, '?')
}
