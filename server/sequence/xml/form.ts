/**
 * How a step type looks in the XML of the source system: which property says which member of our action. The names are those
 * of the SDK's classes (sms_tasksequence_…action-server-wmi-class.md). A property names a variable of the step as well: the
 * class's prefix and the property, unless the class gives another name.
 */

import type { Written } from '../step-type.ts'
import type { Properties } from './properties.ts'

export interface Row {
  readonly member: string
  /** Absent: the prefix of the form and the property. */
  readonly variable?: string
  /** Undefined: the text says nothing that is known here. It is never empty. */
  read(text: string): unknown
  /** Undefined: XML has no word for the value. */
  write(value: unknown): string | undefined
}

/** `[property, variable, text]`. */
export type Said = readonly [property: string, variable: string, text: string]

export interface Form {
  readonly prefix: string
  readonly rows: Readonly<Record<string, Row>>
  /** Properties without a counterpart that must be there; they mean nothing as long as they have this text. */
  readonly fixed?: Readonly<Record<string, string>>
  /** Members that several properties say together. */
  read?(properties: Properties): Written
  write?(action: Written): readonly Said[]
  /** The line that the source system runs; it makes it anew when the step is saved there. */
  command(say: (property: string) => string): string
}

/** A step whose members are all rows, or which has none. */
export function form(
  parts: Omit<Form, 'prefix' | 'rows' | 'command'> & {
    readonly prefix?: string
    readonly rows?: Readonly<Record<string, Row>>
    readonly command: string | Form['command']
  },
): Form {
  const { prefix = '', rows = {}, command, ...more } = parts
  return { ...more, prefix, rows, command: typeof command === 'string' ? () => command : command }
}

export function variableNameOf({ prefix }: Form, property: string, row: Pick<Row, 'variable'> = {}): string {
  return row.variable ?? prefix + property
}

export function text(member: string, variable?: string): Row {
  return row({
    member,
    variable,
    read: (value) => value,
    write: (value) => (typeof value === 'string' ? value : undefined),
  })
}

export function flag(member: string, variable?: string): Row {
  return words(member, { true: true, false: false }, variable)
}

export function number(member: string, variable?: string): Row {
  return row({
    member,
    variable,
    read: (value) => (/^-?[0-9]{1,15}$/.test(value.trim()) ? Number(value) : undefined),
    write: (value) => (typeof value === 'number' ? String(value) : undefined),
  })
}

/** Words of the source system, in any case, and what they are here. */
export function words(member: string, known: Readonly<Record<string, unknown>>, variable?: string): Row {
  const pairs = Object.entries(known)
  return row({
    member,
    variable,
    read: (value) => pairs.find(([word]) => word.toLowerCase() === value.trim().toLowerCase())?.[1],
    write: (value) => pairs.find(([, ours]) => ours === value)?.[0],
  })
}

export function list(member: string, variable?: string): Row {
  return row({
    member,
    variable,
    read: (value) => splitList(value),
    // An entry that holds the separator cannot be said.
    write: (value) => (isTexts(value) && value.every((one) => !/[,\s]/.test(one)) ? value.join(',') : undefined),
  })
}

export function splitList(value: string): readonly string[] {
  return value
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
}

export function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string')
}

function row({ variable, ...parts }: Omit<Row, 'variable'> & { readonly variable: string | undefined }): Row {
  return variable === undefined ? parts : { ...parts, variable }
}
