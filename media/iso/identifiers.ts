/**
 * What a file or a folder is called in each of the two trees of a disc. The primary tree has upper case letters, digits and
 * `_` (ECMA-119 section 7.5, interchange level 3), and Rock Ridge has the true name beside it. Joliet has UCS-2 names, of up to
 * 103 characters: its specification says 64, every system since reads what fits into a record, and longer ones are numbered.
 */

import { foldCase, type TreeFile, type TreeFolder } from '../layout/file-tree.ts'
import { NameTails } from '../layout/name-tails.ts'
import { encodeAscii, encodeUtf16BigEndian } from '../layout/text-octets.ts'

type Entry = TreeFile | TreeFolder

export interface Named {
  readonly entry: Entry
  readonly identifier: Uint8Array
}

/** Of the entries of one folder, in the order of their identifiers (ECMA-119 section 9.3). */
export type Naming = (entries: readonly Entry[]) => readonly Named[]

interface Parts {
  readonly stem: string
  /** With its dot; empty when there is none. */
  readonly ending: string
}

interface NameRules {
  /** Of stem and ending together. */
  readonly lengthMax: number
  /** Of a stem without an ending. */
  readonly bareMax: number
  readonly endingMax: number
  /** How the parts of a name look in this tree, before they are shortened. */
  readonly rewrite: (part: string) => string
  readonly encode: (kind: Entry['kind'], parts: Parts) => Uint8Array
}

/** "SEPARATOR 2" and the version, which every file has. */
const version = ';1'

/** Section 7.5.1: 30 for name and extension of a file, and the dot is always there; 31 for a folder (section 7.6.3), which we leave at 30. */
const primaryRules: NameRules = {
  lengthMax: 31,
  bareMax: 30,
  endingMax: 12,
  rewrite: (part) => foldCase(part).replaceAll(/[^A-Z0-9_]/g, '_'),
  encode: (kind, { stem, ending }) =>
    encodeAscii(kind === 'folder' ? stem : `${stem}${ending === '' ? '.' : ending}${version}`),
}

/** Joliet specification, "Allowed characters": of those that it forbids only `;` can be in a name here. */
const jolietRules: NameRules = {
  lengthMax: 103,
  bareMax: 103,
  endingMax: 20,
  rewrite: (part) => part.replaceAll(';', '_'),
  encode: (kind, { stem, ending }) =>
    encodeUtf16BigEndian(`${stem}${ending}${kind === 'folder' ? '' : version}`.toWellFormed()),
}

export const namePrimary: Naming = (entries) => nameEntries(entries, primaryRules)
export const nameJoliet: Naming = (entries) => nameEntries(entries, jolietRules)

function nameEntries(entries: readonly Entry[], rules: NameRules): readonly Named[] {
  const wishes = entries.map((entry) => ({ entry, parts: partsOf(entry, rules) }))
  // Who needs no change has the name for certain.
  const kept = wishes.filter(({ entry, parts }) => isKept(entry, parts))
  const tails = new NameTails(kept.map(({ entry }) => entry.name))
  return wishes
    .map(({ entry, parts }) => ({ entry, parts: isKept(entry, parts) ? parts : freeParts(parts, rules, tails) }))
    .sort((a, b) => compareParts(a.parts, b.parts))
    .map(({ entry, parts }) => ({ entry, identifier: rules.encode(entry.kind, parts) }))
}

function partsOf({ kind, name }: Entry, rules: NameRules): Parts {
  const { endingMax, rewrite } = rules
  const dot = kind === 'folder' ? -1 : name.lastIndexOf('.')
  const stem = rewrite(dot === -1 ? name : name.slice(0, dot))
  const ending = dot === -1 ? '' : `.${rewrite(name.slice(dot + 1))}`
  if (stem.length <= stemMax(ending, rules)) return { stem, ending }
  const shortEnding = shorten(ending, endingMax)
  return { stem: shorten(stem, stemMax(shortEnding, rules)), ending: shortEnding }
}

function stemMax(ending: string, { lengthMax, bareMax }: NameRules): number {
  return ending === '' ? bareMax : lengthMax - ending.length
}

/** No name ends with a dot or a space, which Windows would leave away. */
function shorten(part: string, lengthMax: number): string {
  return part.slice(0, lengthMax).replace(/[. ]+$/, '')
}

function freeParts({ stem, ending }: Parts, rules: NameRules, tails: NameTails): Parts {
  if (tails.take(`${stem}${ending}`)) return { stem, ending }
  const room = { separator: '_', lengthMax: stemMax(ending, rules) }
  return { stem: tails.takeNumbered(stem, ending, room), ending }
}

function isKept({ name }: Entry, { stem, ending }: Parts): boolean {
  return `${stem}${ending}` === name
}

/** Names are filled with spaces before they are compared, and extensions decide between equal ones. */
function compareParts(a: Parts, b: Parts): number {
  return comparePadded(a.stem, b.stem) || comparePadded(a.ending, b.ending)
}

function comparePadded(a: string, b: string): number {
  const length = Math.max(a.length, b.length)
  const [left, right] = [a.padEnd(length), b.padEnd(length)]
  return left === right ? 0 : left < right ? -1 : 1
}
