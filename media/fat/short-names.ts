/**
 * The 8.3 names that every entry of a FAT folder has beside its long name (Microsoft FAT specification 1.03, "The
 * Basis-Name Generation Algorithm" and "The Numeric-Tail Generation Algorithm"). Only ASCII goes into them: which other
 * characters octets above 127 stand for depends on the reader's code page.
 */

import { foldCase } from '../layout/file-tree.ts'
import { NameTails } from '../layout/name-tails.ts'

export interface ShortName {
  /** 11 characters: name and extension, filled with spaces. */
  readonly field: string
  /** Whether it is the whole name already, so that no long one is needed. */
  readonly isExact: boolean
}

const allowed = String.raw`[A-Z0-9$%'\-_@~\x60!(){}^#&]`
const wellFormed = new RegExp(`^${allowed}{1,8}(\\.${allowed}{1,3})?$`)
const notAllowed = new RegExp(allowed.replace('[', '[^'), 'g')
const tailRules = { separator: '~', lengthMax: 8 }

/** Of the entries of one folder, whose names differ when case is ignored. */
export function withShortNames<Entry extends { readonly name: string }>(
  entries: readonly Entry[],
): { readonly entry: Entry; readonly shortName: ShortName }[] {
  // What fits as it is has its name for certain, so that no tail takes the name of another file.
  const tails = new NameTails(entries.map(({ name }) => foldCase(name)).filter((name) => wellFormed.test(name)))
  return entries.map((entry) => {
    const upper = foldCase(entry.name)
    if (wellFormed.test(upper)) {
      return { entry, shortName: { field: fieldOf(...splitName(upper)), isExact: upper === entry.name } }
    }
    const [basis, extension] = basisOf(upper)
    const ending = extension === '' ? '' : `.${extension}`
    const field = fieldOf(tails.takeNumbered(basis, ending, tailRules), extension)
    return { entry, shortName: { field, isExact: false } }
  })
}

/** FAT specification, ChkSum(): it binds long entries to the short one behind them. */
export function checksumOf(shortName: Uint8Array): number {
  return shortName.reduce((sum, octet) => (((sum & 1) << 7) + (sum >> 1) + octet) & 0xff, 0)
}

function basisOf(upper: string): [basis: string, extension: string] {
  const [name, extension] = splitName(upper.replaceAll(' ', '').replace(/^\.+/, ''))
  const basis = name.replaceAll('.', '').replaceAll(notAllowed, '_').slice(0, 8)
  return [basis === '' ? '_' : basis, extension.replaceAll(notAllowed, '_').slice(0, 3)]
}

function splitName(name: string): [name: string, extension: string] {
  const dot = name.lastIndexOf('.')
  return dot === -1 ? [name, ''] : [name.slice(0, dot), name.slice(dot + 1)]
}

function fieldOf(name: string, extension: string): string {
  return name.padEnd(8) + extension.padEnd(3)
}
