/**
 * What changed between two states of an object, field by field, as the audit keeps it: secrets are masked before anything is
 * compared, lists of names by what came and what went. What would be too long to read is told by its length.
 */

import { maskedValue } from '../secret.ts'

export interface FieldChange {
  readonly field: string
  /** Absent: there was none, or there is none now. */
  readonly before?: unknown
  readonly after?: unknown
}

type Fields = Readonly<Record<string, unknown>>

/** Of the text of one value. */
const valueCharactersMax = 20_000

/** `revision` says nothing that the change itself does not. */
export function describeChange(before: object | undefined, after: object | undefined): readonly FieldChange[] {
  const [old, now] = [fieldsOf(before), fieldsOf(after)]
  const names = [...new Set([...Object.keys(old), ...Object.keys(now)])].filter((name) => name !== 'revision')
  return names.flatMap((field) => {
    const [was, is] = [old[field], now[field]]
    if (print(was) === print(is)) return []
    // A secret that became another one looks the same masked: that it changed is what there is to tell.
    const [shownWas, shownIs] = [maskSecrets(was), maskSecrets(is)]
    if (isNames(shownWas) && isNames(shownIs)) {
      return [{ field, before: without(shownWas, shownIs), after: without(shownIs, shownWas) }]
    }
    return [
      {
        field,
        ...(was === undefined ? {} : { before: short(shownWas) }),
        ...(is === undefined ? {} : { after: short(shownIs) }),
      },
    ]
  })
}

/** Whatever says of itself that it is secret shows its value nowhere. */
function maskSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(maskSecrets)
  if (typeof value !== 'object' || value === null) return value
  const fields = Object.entries(value).map(([name, member]) => [name, maskSecrets(member)] as const)
  const masked = Object.fromEntries(fields)
  return 'secret' in value && value.secret === true && 'value' in value ? { ...masked, value: maskedValue } : masked
}

function fieldsOf(object: object | undefined): Fields {
  return object === undefined ? {} : Object.fromEntries(Object.entries(object))
}

function isNames(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string')
}

function without(names: readonly string[], others: readonly string[]): readonly string[] {
  const gone = new Set(others)
  return names.filter((name) => !gone.has(name))
}

function short(value: unknown): unknown {
  const { length } = print(value)
  return length <= valueCharactersMax ? value : `(${length} characters)`
}

function print(value: unknown): string {
  return JSON.stringify(value) ?? ''
}
