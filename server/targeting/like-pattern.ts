/**
 * What stands after `like`: `%` any characters, `_` one, and in brackets, `[%]` `[_]` `[[]`, the sign itself. No regular
 * expression is made of it: a pattern could then hold up the server. Only the last `%` is ever tried again.
 */

/** `any`: any characters, none too. */
export type LikePattern = readonly ('any' | 'one' | { readonly sign: string })[]

export function parseLikePattern(text: string): LikePattern {
  const pattern: LikePattern[number][] = []
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

export function matchesLike(text: string, pattern: LikePattern): boolean {
  let at = 0
  let next = 0
  let star = -1
  let starAt = 0
  while (at < text.length) {
    const part = pattern[next]
    if (part === 'any') {
      star = next
      starAt = at
      next += 1
    } else if (part === 'one' || (part !== undefined && part.sign === text.charAt(at))) {
      at += 1
      next += 1
    } else if (star !== -1) {
      starAt += 1
      at = starAt
      next = star + 1
    } else {
      return false
    }
  }
  return next === pattern.length || (pattern[next] === 'any' && next === pattern.length - 1)
}
