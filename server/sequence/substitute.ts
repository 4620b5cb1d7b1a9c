/**
 * `%name%` in the texts of a step (S1-060).
 * One pass: what a value contains is not looked at again, so no value can refer to itself or grow without end.
 * A name that is not set stays as it is written. The product's own documents are silent; `date +%Y%m%d`, `%20` in an
 * address and `%windir%` for the program itself then keep working, and a typing error is seen in the log.
 */

import { type Environment, getVariable, type Variable, variableNameCharactersMax } from './environment.ts'
import { maskedValue } from '../secret.ts'

export function substitute(text: string, environment: Environment): string {
  return replaceNames(text, environment, (variable) => variable.value)
}

/** For texts that people see: secrets are masked. */
export function substituteMasked(text: string, environment: Environment): string {
  return replaceNames(text, environment, (variable) => (variable.secret ? maskedValue : variable.value))
}

/** Whether the text takes in a secret, so that whatever is made from it is one too. */
export function mentionsSecret(text: string, environment: Environment): boolean {
  let found = false
  replaceNames(text, environment, (variable) => {
    found ||= variable.secret
    return ''
  })
  return found
}

function replaceNames(text: string, environment: Environment, replacement: (variable: Variable) => string): string {
  let output = ''
  let position = 0
  for (;;) {
    const open = text.indexOf('%', position)
    const close = open === -1 ? -1 : text.indexOf('%', open + 1)
    if (close === -1) return output + text.slice(position)
    const variable = variableBetween(text, { open, close }, environment)
    // Without a variable the second sign may open the next name, as in `100%%Name%`.
    output += text.slice(position, variable === undefined ? close : open)
    if (variable !== undefined) output += replacement(variable)
    position = variable === undefined ? close : close + 1
  }
}

function variableBetween(
  text: string,
  { open, close }: { readonly open: number; readonly close: number },
  environment: Environment,
): Variable | undefined {
  const length = close - open - 1
  if (length === 0 || length > variableNameCharactersMax) return undefined
  const name = text.slice(open + 1, close)
  return name.trim() === name ? getVariable(environment, name) : undefined
}
