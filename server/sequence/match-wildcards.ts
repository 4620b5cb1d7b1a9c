/** `*` (any characters, none too) and `?` (exactly one), case-blind, over the whole text: S2-023 `DELL*900?`. */

import { matchesPattern, type Pattern } from './match-pattern.ts'

export function matchesWildcards(text: string, pattern: string): boolean {
  return matchesPattern(text.toLowerCase(), parseWildcards(pattern.toLowerCase()))
}

function parseWildcards(text: string): Pattern {
  const pattern: Pattern[number][] = []
  for (let at = 0; at < text.length; at += 1) {
    const sign = text.charAt(at)
    if (sign === '*') {
      if (pattern.at(-1) !== 'any') pattern.push('any')
    } else pattern.push(sign === '?' ? 'one' : { sign })
  }
  return pattern
}
