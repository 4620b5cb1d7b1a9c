/**
 * A text against a pattern, whole, whatever its signs were: `*` and `?` of conditions, `%` and `_` of queries. No regular
 * expression is built from input, because a pattern could then hold up the machine (D11). Only the last `any` is ever tried
 * again, and a pattern that needs more characters than the text has is refused at once. So n characters cost at most n²/4
 * comparisons, whatever the pattern: 4 million for the longest value of a variable (S1-053).
 */

/** `any`: any characters, none too; several in a row are one. `one`: exactly one character. */
export type Pattern = readonly ('any' | 'one' | { readonly sign: string })[]

export function matchesPattern(text: string, pattern: Pattern): boolean {
  if (pattern.filter((part) => part !== 'any').length > text.length) return false
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
  return pattern.slice(next).every((part) => part === 'any')
}
