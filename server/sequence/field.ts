/**
 * A member of an action as data (S2): how it is read from a document, which of its texts take in variables, what it
 * refers to, what of it is secret. fields.ts has the kinds there are; a step type (step-type.ts) is a table of them, so
 * that the editor, the engine, exports and the documentation all read the same description.
 *
 * Functions are written as methods: a table of fields of different values is then a table of `Field<unknown>`.
 */

import type { PackageId } from '../address/identifiers.ts'
import type { Place } from './read-document.ts'

export interface Field<Value> {
  /** One sentence for the person who fills it in. */
  readonly about: string
  readonly form: FieldForm
  /** True: the member may be left out, and then there is no value. */
  readonly optional: boolean
  /** Name of the action variable that decides instead of the document when it is set (S1-056). */
  readonly variable?: string
  /** Notes every fault; after one it returns a stand-in (read-document.ts). */
  read(place: Place): Value
  /** The value of a variable as it would stand in a document; `read` judges it. */
  fromText(text: string): unknown
  resolve(value: Value, texts: Texts): Value
  /** `path` is where the value stands, such as `action.partitions[2].variable`. */
  mentions(value: Value, path: string): readonly Mention[]
  /** The value with each secret text in it replaced, for masking (S1-071) and for exports (S11-003). */
  mapSecrets(value: Value, map: (secret: string) => string): Value
}

/** How `%name%` is replaced (S1-060). */
export interface Texts {
  readonly fill: (text: string) => string
  /** For a screen that anyone may stand in front of: secrets are masked. */
  readonly fillShown: (text: string) => string
  /** Whether the text is one `%name%` and nothing else, and that variable is not set. */
  readonly isUnset: (text: string) => boolean
}

/** What somebody other than the step must know of a value. */
export type Mention =
  | { readonly kind: 'reference'; readonly to: ReferenceKind; readonly id: PackageId; readonly path: string }
  | { readonly kind: 'sets-variable'; readonly variable: string; readonly path: string }
  | { readonly kind: 'reads-variable'; readonly variable: string; readonly path: string }
  | { readonly kind: 'secret'; readonly text: string; readonly path: string }

export const referenceNouns = {
  'operating-system-image': 'operating system image',
  'operating-system-upgrade-package': 'operating system upgrade package',
  package: 'package',
  'driver-package': 'driver package',
  application: 'application',
  'boot-image': 'boot image',
  'task-sequence': 'task sequence',
} as const
export type ReferenceKind = keyof typeof referenceNouns

/** What an editor needs to draw the field: its kind, its limits, and what is taken when it is left out. */
export type FieldForm =
  | {
      readonly kind: 'text'
      readonly charactersMax: number
      readonly lines: 'one' | 'many'
      readonly secret: boolean
      readonly absent?: string
    }
  | { readonly kind: 'flag'; readonly absent: boolean }
  | { readonly kind: 'number'; readonly min: number; readonly max: number; readonly absent?: number }
  | { readonly kind: 'word'; readonly words: readonly string[]; readonly absent?: string }
  | { readonly kind: 'variable-name'; readonly use: 'read' | 'set' }
  | { readonly kind: 'reference'; readonly to: ReferenceKind }
  | { readonly kind: 'list'; readonly min: number; readonly max: number; readonly item: FieldForm }
  | { readonly kind: 'record'; readonly members: Readonly<Record<string, FieldDescription>> }
  /** The members depend on the member `kind`. */
  | { readonly kind: 'variant'; readonly kinds: Readonly<Record<string, Readonly<Record<string, FieldDescription>>>> }
  | { readonly kind: 'other' }

export interface FieldDescription {
  readonly about: string
  readonly form: FieldForm
  readonly optional: boolean
  readonly variable?: string
}

export type FieldTable = Readonly<Record<string, Field<unknown>>>

/** Makes a field one that may be left out; see `optional` in fields.ts. */
export interface OptionalField<Value> extends Field<Value> {
  readonly optional: true
}

type ValueOf<F> = F extends Field<infer Value> ? Value : never
type OptionalNames<Table> = {
  [Name in keyof Table]: Table[Name] extends { readonly optional: true } ? Name : never
}[keyof Table]

/** The members that a table of fields describes. */
export type ValuesOf<Table> = {
  readonly [Name in Exclude<keyof Table, OptionalNames<Table>>]: ValueOf<Table[Name]>
} & { readonly [Name in OptionalNames<Table>]?: ValueOf<Table[Name]> }
