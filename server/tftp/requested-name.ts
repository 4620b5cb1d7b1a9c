/**
 * From the name a client asks for to the name that files are kept under: slashes as separators, none in front or
 * doubled, no rubbish at the end (R04, T17). A name that tries to climb, or that cannot be a file, is refused
 * (TF-05, T18). The result is a key for a map of names; no path is ever made of it.
 */

import { printHex } from '../address/hexadecimal.ts'

export type RequestedName =
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'refused'; readonly reason: 'empty' | 'traversal' | 'not-a-name' }

const nameCharactersMax = 512

/** `file`: one character an octet, as the codec gives it. */
export function parseRequestedName(file: string): RequestedName {
  const text = decodeUtf8(withoutRubbish(file))
  if (text.length > nameCharactersMax || /\p{Cc}/u.test(text)) return refused('not-a-name')
  if (text === '') return refused('empty')
  const segments = text.replaceAll('\\', '/').split('/')
  if (segments.includes('..')) return refused('traversal')
  if (segments.some((segment) => /^[a-z]:/i.test(segment))) return refused('not-a-name')
  // A slash at the end names a directory, which is no file (TF-07).
  if (['', '.'].includes(segments.at(-1) ?? '')) return refused('empty')
  return { kind: 'name', name: segments.filter((segment) => segment !== '' && segment !== '.').join('/') }
}

/** Two names are one file when this is equal: Windows loaders mix cases freely (T17). */
export function caseBlindName(name: string): string {
  return name.toLowerCase()
}

/** Some ROMs copy option 67 with the End option (0xFF) behind it, some as U+FFFD in UTF-8 (R04). */
function withoutRubbish(file: string): string {
  return file.replace(/(?:\u00ff|\u00ef\u00bf\u00bd)+$/, '')
}

/** Names are UTF-8 where they are valid UTF-8, else Latin-1. `decodeURIComponent` is the decoder the language has. */
function decodeUtf8(octets: string): string {
  if (/^\p{ASCII}*$/u.test(octets)) return octets
  const escaped = Array.from(octets, (octet) => `%${printHex([octet.charCodeAt(0)])}`).join('')
  try {
    return decodeURIComponent(escaped)
  } catch {
    return octets
  }
}

function refused(reason: 'empty' | 'traversal' | 'not-a-name'): RequestedName {
  return { kind: 'refused', reason }
}
