/**
 * `*` (any characters, none too) and `?` (exactly one), case-blind, over the whole text: S2-023 `DELL*900?`.
 * No regular expression is built from input, because a pattern could then hold up the machine (D11). Only the last
 * `*` is ever tried again, and a pattern that needs more characters than the text has is refused at once. So n characters
 * cost at most n²/4 comparisons, whatever the pattern: 4 million for the longest value of a variable (S1-053).
 */

export function matchesWildcards(text: string, pattern: string): boolean {
  const characters = text.toLowerCase()
  const wanted = collapseStars(pattern.toLowerCase())
  if (countNeeded(wanted) > characters.length) return false
  let at = 0
  let next = 0
  let star = -1
  let starAt = 0
  while (at < characters.length) {
    const sign = wanted[next]
    if (sign === '*') {
      star = next
      starAt = at
      next += 1
    } else if (sign === '?' || sign === characters[at]) {
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
  return next === wanted.length || (wanted[next] === '*' && next === wanted.length - 1)
}

function collapseStars(pattern: string): string {
  return pattern.replaceAll(/\*+/g, '*')
}

function countNeeded(pattern: string): number {
  let count = 0
  for (const piece of pattern.split('*')) count += piece.length
  return count
}
