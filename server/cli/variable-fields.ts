/**
 * Variables of devices and collections as options. `edit` sets those that are named and keeps the others, so that nobody
 * has to repeat values, secret ones above all.
 */

import { holdsSecret, secretCharactersMin, type SiteVariable } from '../site/site-variable.ts'
import { CliError } from './cli-error.ts'
import type { Field } from './object-command.ts'
import { readTexts } from './option-values.ts'
import { askSecrets, readSecretFile } from './secret-input.ts'

export const variablesOption = {
  flags: '--variable <name=value...>',
  description: 'set NAME=VALUE; secret: NAME!=@FILE, or NAME! to be asked for the value',
  read: readVariables,
}

export const variableFields: readonly Field[] = [
  {
    ...variablesOption,
    key: 'variables',
    change: (kept, given) => [
      ...variablesWithout(
        kept,
        variablesOf(given).map(({ name }) => name),
      ),
      ...variablesOf(given),
    ],
  },
  {
    flags: '--remove-variable <name...>',
    description: 'remove variables',
    key: 'variables',
    read: readTexts,
    change: (kept, given) => variablesWithout(kept, readTexts(given)),
    onlyEdit: true,
  },
]

/** A name that ends in `!` is secret, and its value comes from elsewhere (secret-input.ts). */
async function readVariables(given: unknown): Promise<readonly SiteVariable[]> {
  const texts = readTexts(given)
  const asked = await askSecrets(texts.flatMap((text) => /^([^=!]+)!$/.exec(text)?.[1] ?? []))
  const variables = texts.map((text) => {
    const [, name, mark, value] = /^([^=!]+)(!?)(?:=(.*))?$/s.exec(text) ?? []
    if (name === undefined || (mark === '' && value === undefined)) throw new CliError(`${text} is not NAME=VALUE`)
    if (mark === '') return { name, value: value ?? '', secret: false }
    return { name, value: value === undefined ? (asked.get(name) ?? '') : fromFile(name, value), secret: true }
  })
  warnOfShortSecrets(variables)
  return variables
}

/** Standard output is for what others read; the value is saved all the same. */
function warnOfShortSecrets(variables: readonly SiteVariable[]): void {
  for (const variable of variables) {
    if (!holdsSecret(variable) || variable.value.length >= secretCharactersMin) continue
    process.stderr.write(
      `The secret ${variable.name} is shorter than ${secretCharactersMin} characters: it cannot be masked in what programs print.\n`,
    )
  }
}

function fromFile(name: string, value: string): string {
  if (value.startsWith('@')) return readSecretFile(value.slice(1))
  // The value is not repeated here: what is printed lands in logs.
  throw new CliError(
    `others can read the value of the secret variable ${name} on a command line: write ${name}!=@FILE, or ${name}! to be asked for it`,
  )
}

function variablesOf(list: unknown): readonly SiteVariable[] {
  return Array.isArray(list) ? list : []
}

/** Names of variables are the same in any case. */
function variablesWithout(list: unknown, names: readonly string[]): readonly SiteVariable[] {
  const gone = new Set(names.map((name) => name.toLowerCase()))
  return variablesOf(list).filter(({ name }) => !gone.has(name.toLowerCase()))
}
