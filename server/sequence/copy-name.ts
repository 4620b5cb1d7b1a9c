/** The name of a copied task sequence: the old one and "Copy", numbered until nobody has it, within the limit of names (S1-010, S1-099). */

import { sequenceNameCharactersMax } from './parse-sequence.ts'

/** `isTaken` knows how names are compared. */
export function copyName(name: string, isTaken: (name: string) => boolean): string {
  for (let number = 1; ; number += 1) {
    const ending = number === 1 ? ' - Copy' : ` - Copy ${number}`
    const candidate = cut(name, sequenceNameCharactersMax - ending.length).trimEnd() + ending
    if (!isTaken(candidate)) return candidate
  }
}

/** Never through the middle of a character of two units. */
function cut(text: string, unitsMax: number): string {
  const end = text.slice(0, unitsMax)
  return end.isWellFormed() ? end : end.slice(0, -1)
}
