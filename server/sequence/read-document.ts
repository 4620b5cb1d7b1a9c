/**
 * Readers for documents of unknown origin: each takes a place in the document and returns a value of the right type,
 * noting what is wrong. After a fault it returns a stand-in, so that reading goes on and every fault is found; a
 * document with faults is never used. Only own properties are read, so a member `__proto__` is just an unknown field.
 */

import { printMember } from './print-path.ts'

export interface Fault {
  /** Such as `children[1].action.partitions[2].size`; empty for the document itself. */
  readonly path: string
  readonly code: FaultCode
  /** One sentence that says what to do. */
  readonly message: string
}

export type FaultCode =
  | 'wrong-type'
  | 'unknown-field'
  | 'missing'
  | 'too-long'
  | 'too-many'
  | 'too-few'
  | 'too-deep'
  | 'bad-characters'
  | 'not-allowed'
  | 'out-of-range'
  | 'bad-variable-name'
  | 'read-only-variable'
  | 'bad-package-id'
  | 'bad-address'
  | 'contradiction'
  | 'duplicate'
  | 'never-set'
  | 'no-effect'
  | 'too-many-faults'

/** What was found so far. Warnings do not make a document unusable. */
export interface Findings {
  readonly faults: Fault[]
  readonly warnings: Fault[]
}

/** More would help nobody, and a hostile document could ask for millions. */
export const faultsMax = 1_000

export interface Place {
  /** Undefined: the member is left out. */
  readonly value: unknown
  readonly path: string
  readonly findings: Findings
}

export function fault(place: Place, code: FaultCode, message: string): void {
  note(place.findings.faults, { path: place.path, code, message })
}

export function warn(place: Place, code: FaultCode, message: string): void {
  note(place.findings.warnings, { path: place.path, code, message })
}

/** The members of an object, or undefined when there is none. Members that nobody asked for are faults. */
export function readMembers<Name extends string>(
  place: Place,
  names: readonly Name[],
): Readonly<Record<Name, Place>> | undefined {
  const { value, path, findings } = place
  if (!isObject(value)) {
    fault(place, value === undefined ? 'missing' : 'wrong-type', `Give an object with ${names.join(', ')}.`)
    return undefined
  }
  const known: ReadonlySet<string> = new Set(names)
  for (const name of Object.keys(value)) {
    if (known.has(name)) continue
    const stranger = { ...place, path: printMember(path, name) }
    fault(stranger, 'unknown-field', `Remove this field, or correct its name: known here are ${names.join(', ')}.`)
  }
  const members = names.map((name) => [name, { value: ownValue(value, name), path: printMember(path, name), findings }])
  return Object.fromEntries(members) as Record<Name, Place>
}

/** The value of one member without judging the others, for documents whose form depends on it. */
export function peek(place: Place, name: string): unknown {
  return isObject(place.value) ? ownValue(place.value, name) : undefined
}

/** One member as a place of its own, for faults that concern it. */
export function memberOf(place: Place, name: string): Place {
  return { ...place, value: peek(place, name), path: printMember(place.path, name) }
}

export interface ListRule<Item> {
  readonly min: number
  readonly max: number
  /** Taken when the list is left out; without it the list is required. */
  readonly absent?: readonly Item[]
}

export function readList<Item>(place: Place, rule: ListRule<Item>, read: (item: Place) => Item): readonly Item[] {
  const { value, path, findings } = place
  if (value === undefined && rule.absent !== undefined) return rule.absent
  if (!Array.isArray(value)) {
    fault(place, value === undefined ? 'missing' : 'wrong-type', `Give a list of ${rule.min} to ${rule.max} entries.`)
    return []
  }
  if (value.length < rule.min) fault(place, 'too-few', `Give at least ${rule.min} entry.`)
  if (value.length > rule.max) fault(place, 'too-many', `Give at most ${rule.max} entries; there are ${value.length}.`)
  const items: readonly unknown[] = value.slice(0, rule.max)
  return items.map((item, index) => read({ value: item ?? null, path: `${path}[${index}]`, findings }))
}

export interface TextRule {
  readonly max: number
  /** Taken when the text is left out; without it the text is required and may not be blank. */
  readonly absent?: string
  readonly lines?: 'one' | 'many'
}

export function readText(place: Place, rule: TextRule): string {
  const { value } = place
  if (value === undefined && rule.absent !== undefined) return rule.absent
  if (typeof value !== 'string') {
    fault(place, value === undefined ? 'missing' : 'wrong-type', `Give a text of up to ${rule.max} characters.`)
    return ''
  }
  if (rule.absent === undefined && value.trim() === '') fault(place, 'missing', 'This text may not be empty.')
  if (value.length > rule.max) {
    fault(place, 'too-long', `Shorten this to ${rule.max} characters; it has ${value.length}.`)
  }
  const unprintable = rule.lines === 'many' ? unprintableButLines : unprintableCharacters
  if (unprintable.test(value) || !value.isWellFormed()) {
    fault(place, 'bad-characters', 'Remove the control characters from this text.')
  }
  return value
}

export function readBoolean(place: Place, absent: boolean): boolean {
  if (place.value === undefined) return absent
  if (typeof place.value === 'boolean') return place.value
  fault(place, 'wrong-type', 'Give true or false.')
  return absent
}

export interface NumberRule {
  readonly min: number
  readonly max: number
  readonly absent?: number
}

export function readWholeNumber(place: Place, rule: NumberRule): number {
  const { value } = place
  const range = `Give a whole number from ${rule.min} to ${rule.max}.`
  if (value === undefined && rule.absent !== undefined) return rule.absent
  if (typeof value !== 'number') fault(place, value === undefined ? 'missing' : 'wrong-type', range)
  else if (!Number.isInteger(value) || value < rule.min || value > rule.max) fault(place, 'out-of-range', range)
  // Minus zero becomes zero, which JSON cannot tell apart.
  else return value + 0
  return rule.min
}

export function readWord<Word extends string>(place: Place, words: readonly [Word, ...Word[]], absent?: Word): Word {
  const { value } = place
  if (value === undefined && absent !== undefined) return absent
  const word = words.find((known) => known === value)
  if (word !== undefined) return word
  fault(place, value === undefined ? 'missing' : 'not-allowed', `Give one of ${words.join(', ')}.`)
  return words[0]
}

/** Control characters; a tab is none. */
const unprintableCharacters = /(?!\t)[\p{Cc}\u2028\u2029]/u
const unprintableButLines = /(?![\t\n\r])\p{Cc}/u

function note(list: Fault[], finding: Fault): void {
  if (list.length < faultsMax) list.push(finding)
  else if (list.length === faultsMax) {
    list.push({ path: '', code: 'too-many-faults', message: 'There are more: correct these first.' })
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function ownValue(object: Readonly<Record<string, unknown>>, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined
}
