/** What stands after `like`: `%` any characters, `_` one, and in brackets, `[%]` `[_]` `[[]`, the sign itself. */

import type { Pattern } from '../sequence/match-pattern.ts'

export function parseLikePattern(text: string): Pattern {
  const pattern: Pattern[number][] = []
  for (let at = 0; at < text.length; at += 1) {
    const sign = text.charAt(at)
    if (sign === '[' && text.charAt(at + 2) === ']') {
      pattern.push({ sign: text.charAt(at + 1) })
      at += 2
    } else if (sign === '%') {
      if (pattern.at(-1) !== 'any') pattern.push('any')
    } else pattern.push(sign === '_' ? 'one' : { sign })
  }
  return pattern
}
