/**
 * Lists that variables hold: a base name with a suffix that counts from 1 without gaps, `App01`, `App02`, … (S2-032)
 * or `Pkg001`, … (S2-036). The first suffix that is not set ends the list.
 */

import type { OptionalField } from '../field.ts'
import { optional, text } from '../fields.ts'
import { variableNameCharactersMax } from '../environment.ts'

const suffixCharactersMax = 3

export function baseVariable(about: string): OptionalField<string> {
  return optional(
    text(about, {
      max: variableNameCharactersMax - suffixCharactersMax,
      form: {
        isGood: (value) => /^[a-z_][a-z0-9_-]*$/i.test(value),
        advice: 'Give a variable name without its digits: letters, digits, "_" and "-", a letter first.',
        code: 'bad-variable-name',
      },
    }),
  )
}

export interface DynamicEntry {
  readonly variable: string
  readonly value: string
}

export function readDynamicList(
  base: string,
  digits: 2 | 3,
  variable: (name: string) => string,
): readonly DynamicEntry[] {
  const entries: DynamicEntry[] = []
  for (let number = 1; number < 10 ** digits; number += 1) {
    const name = base + String(number).padStart(digits, '0')
    const value = variable(name)
    if (value === '') break
    entries.push({ variable: name, value })
  }
  return entries
}
