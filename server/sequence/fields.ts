/**
 * The kinds of fields that actions are made of. Each reads with the readers of read-document.ts, so that a document
 * gets all its faults at once. A text that holds `%name%` is judged by its form only when it holds none: its value is
 * not known before the run, and is judged then, when the engine has replaced it (resolve-action.ts).
 */

import { parsePackageId, type PackageId } from '../address/identifiers.ts'
import {
  type Field,
  type FieldDescription,
  type FieldTable,
  type Mention,
  type OptionalField,
  type ReferenceKind,
  referenceNouns,
  type ValuesOf,
} from './field.ts'
import { parseVariableName } from './parse-variable-name.ts'
import { printMember } from './print-path.ts'
import {
  fault,
  type FaultCode,
  type ListRule,
  memberOf,
  type NumberRule,
  peek,
  type Place,
  readBoolean,
  readList,
  readMembers,
  readText,
  readWholeNumber,
  readWord,
  type TextRule,
} from './read-document.ts'

export interface TextForm {
  readonly isGood: (text: string) => boolean
  /** Says what to give instead. */
  readonly advice: string
  readonly code?: FaultCode
}

export interface TextOptions extends TextRule {
  readonly form?: TextForm
  readonly variable?: string
  /** Never shown, never exported. */
  readonly secret?: boolean
  /** Shown on the machine's screen, so secrets in it are masked. */
  readonly shown?: boolean
  /** `%name%` alone becomes the empty text when that variable is not set; otherwise it stays as it is written. */
  readonly emptyWhenUnset?: boolean
  /** `%name%` is not replaced: the text is a program of its own, or is looked at later. */
  readonly literal?: boolean
}

export function text(about: string, options: TextOptions): Field<string> {
  const { max, lines = 'one', secret = false, form, variable, absent } = options
  return {
    ...plain(about, variable),
    form: { kind: 'text', charactersMax: max, lines, secret, ...(absent === undefined ? {} : { absent }) },
    read: (place) => {
      const value = readText(place, options)
      if (form !== undefined && value !== '' && !mayChange(value) && !form.isGood(value)) {
        fault(place, form.code ?? 'bad-characters', form.advice)
      }
      return value
    },
    fromText: (value) => value,
    resolve: (value, texts) => {
      if (options.literal === true) return value
      if (options.emptyWhenUnset === true && texts.isUnset(value)) return ''
      return options.shown === true ? texts.fillShown(value) : texts.fill(value)
    },
    mentions: (value, path) => (secret && value !== '' ? [{ kind: 'secret', text: value, path }] : []),
    mapSecrets: (value, map) => (secret && value !== '' ? map(value) : value),
  }
}

export function flag(about: string, absent: boolean, variable?: string): Field<boolean> {
  return {
    ...plain(about, variable),
    form: { kind: 'flag', absent },
    read: (place) => readBoolean(place, absent),
    fromText: (value) => {
      const word = value.trim().toLowerCase()
      return word === 'true' ? true : word === 'false' ? false : value
    },
    ...changesNothing,
  }
}

export function wholeNumber(about: string, rule: NumberRule & { readonly variable?: string }): Field<number> {
  const { min, max, absent } = rule
  return {
    ...plain(about, rule.variable),
    form: { kind: 'number', min, max, ...(absent === undefined ? {} : { absent }) },
    read: (place) => readWholeNumber(place, rule),
    fromText: (value) => (/^-?[0-9]{1,15}$/.test(value.trim()) ? Number(value) : value),
    ...changesNothing,
  }
}

export interface WordOptions<Word extends string> {
  readonly absent?: NoInfer<Word>
  readonly variable?: string
}

/** One of a few words. A variable may write them in any case, as the field's own values are (S1-055). */
export function word<const Word extends string>(
  about: string,
  words: readonly [Word, ...Word[]],
  { absent, variable }: WordOptions<Word> = {},
): Field<Word> {
  return {
    ...plain(about, variable),
    form: { kind: 'word', words, ...(absent === undefined ? {} : { absent }) },
    read: (place) => readWord(place, words, absent),
    fromText: (value) => words.find((known) => known.toLowerCase() === value.trim().toLowerCase()) ?? value,
    ...changesNothing,
  }
}

/** The name of a task sequence variable that the step reads, or sets. */
export function variableName(about: string, use: 'read' | 'set'): Field<string> {
  const kind = use === 'set' ? 'sets-variable' : 'reads-variable'
  return {
    ...plain(about),
    form: { kind: 'variable-name', use },
    read: (place) => parseVariableName(place, use),
    fromText: (value) => value,
    ...changesNothing,
    mentions: (variable, path) => [{ kind, variable, path }],
  }
}

/** The package id of another object of the site. */
export function reference(about: string, to: ReferenceKind): Field<string> {
  return {
    ...plain(about),
    form: { kind: 'reference', to },
    read: (place) => {
      const id = readText(place, { max: 8 })
      if (id !== '' && parsePackageId(id) === undefined) {
        fault(place, 'bad-package-id', `Give the id of an object of the kind ${referenceNouns[to]}, such as RVL00004.`)
      }
      return id
    },
    fromText: (value) => value,
    ...changesNothing,
    mentions: (value, path) => referenceTo(to, parsePackageId(value), path),
  }
}

export function list<Value>(
  about: string,
  item: Field<Value>,
  rule: ListRule<Value> & { readonly fromText?: (text: string) => unknown; readonly variable?: string },
): Field<readonly Value[]> {
  return {
    ...plain(about, rule.variable),
    form: { kind: 'list', min: rule.min, max: rule.max, item: item.form },
    read: (place) => readList(place, rule, (entry) => item.read(entry)),
    fromText: rule.fromText ?? splitAtCommas,
    resolve: (values, texts) => values.map((value) => item.resolve(value, texts)),
    mentions: (values, path) => values.flatMap((value, index) => item.mentions(value, `${path}[${index}]`)),
    mapSecrets: (values, map) => values.map((value) => item.mapSecrets(value, map)),
  }
}

export interface RecordOptions<Table extends FieldTable> {
  /** What the members must be together, with defaults that depend on one another. Some may be stand-ins. */
  settle?(value: ValuesOf<Table>, place: Place): ValuesOf<Table>
  /** Members that are secret only when a flag beside them says so: "Do not display this value". */
  readonly secretWhen?: { readonly member: keyof Table & string; readonly flag: keyof Table & string }
}

/** Members together. After a fault in the object itself the stand-in has each member's stand-in. */
export function record<const Table extends FieldTable>(
  about: string,
  table: Table,
  options: RecordOptions<Table> = {},
): Field<ValuesOf<Table>> {
  return {
    ...plain(about),
    form: { kind: 'record', members: describeFields(table) },
    read: (place) => readRecord(place, table, options),
    fromText: (value) => value,
    resolve: (value, texts) => mapMembers(table, value, (field, member) => field.resolve(member, texts)),
    mentions: (value, path) => mentionsIn({ table, value, path, options }),
    mapSecrets: (value, map) => mapSecretsIn({ table, value, options }, map),
  }
}

/** Objects of a few kinds, told apart by their member `kind`. */
export function variant<const Kinds extends Readonly<Record<string, FieldTable>>>(
  about: string,
  kinds: Kinds,
  settle: (value: VariantOf<Kinds>, place: Place) => void = () => {},
): Field<VariantOf<Kinds>> {
  const names = Object.keys(kinds)
  const tableOf = (kind: unknown): FieldTable => (typeof kind === 'string' ? kinds[kind] : undefined) ?? {}
  return {
    ...plain(about),
    form: { kind: 'variant', kinds },
    read: (place) => {
      const written = peek(place, 'kind')
      const kind = names.find((name) => name === written)
      if (kind === undefined) {
        fault(
          memberOf(place, 'kind'),
          written === undefined ? 'missing' : 'not-allowed',
          `Give one of ${names.join(', ')}.`,
        )
      }
      const where = kind === undefined ? { ...place, value: undefined, findings: { faults: [], warnings: [] } } : place
      const taken = kind ?? names[0]
      // The kind and the members of its table are what the type says.
      const read = { kind: taken, ...readRecord(where, tableOf(taken), { more: ['kind'] }) } as VariantOf<Kinds>
      if (kind !== undefined) settle(read, place)
      return read
    },
    fromText: (value) => value,
    resolve: (value, texts) => mapVariant(value, tableOf(value.kind), (field, member) => field.resolve(member, texts)),
    mentions: (value, path) => mentionsIn({ table: tableOf(value.kind), value, path }),
    mapSecrets: (value, map) =>
      mapVariant(value, tableOf(value.kind), (field, member) => field.mapSecrets(member, map)),
  }
}

export type VariantOf<Kinds extends Readonly<Record<string, FieldTable>>> = {
  readonly [Kind in keyof Kinds]: { readonly kind: Kind } & ValuesOf<Kinds[Kind]>
}[keyof Kinds]

/** May be left out; then there is no value at all, not even an empty one. */
export function optional<Value>(field: Field<Value>): OptionalField<Value> {
  return { ...field, optional: true }
}

/** What an editor needs of each field, as plain data. */
export function describeFields(table: FieldTable): Readonly<Record<string, FieldDescription>> {
  const described = Object.entries(table).map(
    ([name, { about, form, optional, variable }]): [string, FieldDescription] => [
      name,
      { about, form, optional, ...(variable === undefined ? {} : { variable }) },
    ],
  )
  return Object.fromEntries(described)
}

/** Reads an object with these members; `more` are names that somebody else reads. */
export function readRecord<Table extends FieldTable>(
  place: Place,
  table: Table,
  options: RecordOptions<Table> & { readonly more?: readonly string[] } = {},
): ValuesOf<Table> {
  const names = Object.keys(table)
  const members = readMembers(place, [...(options.more ?? []), ...names])
  const nowhere = { ...place, value: undefined, findings: { faults: [], warnings: [] } }
  const values: Record<string, unknown> = {}
  for (const [name, field] of Object.entries(table)) {
    const member = members?.[name] ?? nowhere
    if (field.optional && member.value === undefined) continue
    Object.defineProperty(values, name, { value: field.read(member), enumerable: true })
  }
  const read = values as ValuesOf<Table>
  return members === undefined ? read : (options.settle?.(read, place) ?? read)
}

/** The members with one of them changed by its field; members that are left out stay so. */
export function mapMembers<Table extends FieldTable>(
  table: Table,
  value: ValuesOf<Table>,
  map: (field: Field<unknown>, member: unknown, name: string) => unknown,
): ValuesOf<Table> {
  const mapped: Record<string, unknown> = { ...value }
  for (const [name, member] of membersOf(table, value)) {
    const field = table[name]
    if (field !== undefined) mapped[name] = map(field, member, name)
  }
  return mapped as ValuesOf<Table>
}

function mapVariant<Value extends object>(
  value: Value,
  table: FieldTable,
  map: (field: Field<unknown>, member: unknown, name: string) => unknown,
): Value {
  return mapMembers(table, Object.fromEntries(Object.entries(value)), map) as Value
}

interface Described<Table extends FieldTable> {
  readonly table: Table
  readonly value: ValuesOf<Table>
  readonly options?: Pick<RecordOptions<Table>, 'secretWhen'> | undefined
}

export function mentionsIn<Table extends FieldTable>({
  path,
  ...described
}: Described<Table> & { readonly path: string }): readonly Mention[] {
  const { table, value } = described
  const hidden = hiddenMember(described)
  return membersOf(table, value).flatMap(([name, member]): readonly Mention[] => {
    const at = printMember(path, name)
    const mentioned = table[name]?.mentions(member, at) ?? []
    const isSecret = name === hidden && typeof member === 'string' && member !== ''
    return isSecret ? [...mentioned, { kind: 'secret', text: member, path: at }] : mentioned
  })
}

export function mapSecretsIn<Table extends FieldTable>(
  described: Described<Table>,
  map: (secret: string) => string,
): ValuesOf<Table> {
  const hidden = hiddenMember(described)
  return mapMembers(described.table, described.value, (field, member, name) => {
    if (name === hidden && typeof member === 'string' && member !== '') return map(member)
    return field.mapSecrets(member, map)
  })
}

const changesNothing = {
  resolve: <Value>(value: Value): Value => value,
  mentions: (): readonly Mention[] => [],
  mapSecrets: <Value>(value: Value): Value => value,
} as const

function plain(about: string, variable?: string): { about: string; optional: false; variable?: string } {
  return { about, optional: false, ...(variable === undefined ? {} : { variable }) }
}

/** Holds `%name%`, perhaps: then the value is known on the machine only. */
export function mayChange(value: string): boolean {
  return value.includes('%')
}

function splitAtCommas(value: string): readonly string[] {
  return value
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
}

function referenceTo(to: ReferenceKind, id: PackageId | undefined, path: string): readonly Mention[] {
  return id === undefined ? [] : [{ kind: 'reference', to, id, path }]
}

function membersOf<Table extends FieldTable>(table: Table, value: ValuesOf<Table>): readonly [string, unknown][] {
  return Object.entries(value).filter(([name]) => Object.hasOwn(table, name))
}

function hiddenMember<Table extends FieldTable>({ value, options }: Described<Table>): string | undefined {
  const rule = options?.secretWhen
  if (rule === undefined) return undefined
  const isHidden = Object.entries(value).some(([name, member]) => name === rule.flag && member === true)
  return isHidden ? rule.member : undefined
}
