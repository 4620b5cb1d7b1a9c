/** The text of a query as words, values and signs, each with its place; what is none of these is a fault with its place. */

import { queryUnits } from './device-query.ts'

export interface QueryFault {
  /** Counted in characters from 1, as editors do. */
  readonly at: number
  readonly message: string
}

export type Token =
  | { readonly kind: 'word'; readonly text: string; readonly at: number }
  | { readonly kind: 'text'; readonly value: string; readonly at: number }
  | { readonly kind: 'number'; readonly value: number; readonly at: number }
  | { readonly kind: 'sign'; readonly text: string; readonly at: number }
  | { readonly kind: 'end'; readonly at: number }

export interface Tokens {
  /** Ends with `end`. */
  readonly tokens: readonly Token[]
  readonly faults: readonly QueryFault[]
}

const blank = /\s+/y
const word = /[A-Za-z_][A-Za-z0-9_.-]*/y
const number = /[0-9]+(?:\.[0-9]+)?(?:\s*([kmgt]i?b)(?![a-z0-9_])|([a-z_][a-z0-9_]*))?/iy
const sign = /<=|>=|!=|[=<>(),]/y
/** A backslash stands before a quote or another backslash; before anything else it is itself. */
const quoted = /"((?:[^"\\]|\\.|\\$)*)("?)/sy

export function readTokens(query: string): Tokens {
  const tokens: Token[] = []
  const faults: QueryFault[] = []
  let at = 0
  const take = (pattern: RegExp): RegExpExecArray | undefined => {
    pattern.lastIndex = at
    const match = pattern.exec(query)
    if (match === null) return undefined
    at += match[0].length
    return match
  }
  while (at < query.length) {
    const place = at + 1
    if (take(blank) !== undefined) continue
    const text = take(quoted)
    if (text !== undefined) {
      if (text[2] === '') faults.push({ at: place, message: 'this text has no closing quotation mark' })
      tokens.push({ kind: 'text', value: (text[1] ?? '').replaceAll(/\\(["\\])/g, '$1'), at: place })
      continue
    }
    const digits = take(number)
    if (digits !== undefined) {
      const read = readNumber(digits)
      if (typeof read === 'string') faults.push({ at: place, message: read })
      tokens.push({ kind: 'number', value: typeof read === 'string' ? 0 : read, at: place })
      continue
    }
    const named = take(word)
    const signed = named === undefined ? take(sign) : undefined
    if (named !== undefined) tokens.push({ kind: 'word', text: named[0], at: place })
    else if (signed !== undefined) tokens.push({ kind: 'sign', text: signed[0], at: place })
    else {
      const strange = String.fromCodePoint(query.codePointAt(at) ?? 0)
      at += strange.length
      faults.push({ at: place, message: `${strange} means nothing here; texts stand in "quotation marks"` })
    }
  }
  return { tokens: [...tokens, { kind: 'end', at: query.length + 1 }], faults }
}

function readNumber([whole, unit = '', strange]: RegExpExecArray): number | string {
  if (strange !== undefined) {
    return `${strange} is no unit; there are KiB, MiB, GiB, TiB (1,024) and KB, MB, GB, TB (1,000)`
  }
  const value = Number.parseFloat(whole) * (queryUnits.get(unit.toLowerCase()) ?? 1)
  if (!Number.isSafeInteger(value)) return `${whole} is not a whole number of at most ${Number.MAX_SAFE_INTEGER}`
  return value
}
