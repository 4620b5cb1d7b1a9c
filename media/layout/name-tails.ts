/**
 * Makes names that must be short different from each other by numbers at their ends. Each length of numbers has a counter of its
 * own for each beginning, so that thousands of names that begin alike are found quickly. Names are compared without regard to case.
 */

import { AssertionError } from '../../server/assert.ts'
import { foldCase } from './file-tree.ts'

export interface TailRules {
  readonly separator: string
  /** Of the name with its tail, without the ending. */
  readonly lengthMax: number
}

const digitsMax = 6

export class NameTails {
  readonly #taken: Set<string>
  readonly #next = new Map<string, number>()

  /** What is taken already: those who fit as they are keep their names. */
  constructor(taken: Iterable<string>) {
    this.#taken = new Set(Array.from(taken, foldCase))
  }

  /** Whether nobody had this name, who has it now. */
  take(name: string): boolean {
    const folded = foldCase(name)
    if (this.#taken.has(folded)) return false
    this.#taken.add(folded)
    return true
  }

  /** Takes the first free name of `stem`, a number and `ending`, and returns what is in front of the ending. */
  takeNumbered(stem: string, ending: string, { separator, lengthMax }: TailRules): string {
    for (let digits = 1; digits <= digitsMax; digits++) {
      const prefix = stem.slice(0, lengthMax - separator.length - digits) + separator
      const key = `${digits}/${prefix}/${ending}`
      for (let tail = this.#next.get(key) ?? 10 ** (digits - 1); tail < 10 ** digits; tail++) {
        if (!this.take(`${prefix}${tail}${ending}`)) continue
        this.#next.set(key, tail + 1)
        return `${prefix}${tail}`
      }
      this.#next.set(key, 10 ** digits)
    }
    throw new AssertionError('a folder has fewer entries than there are tails')
  }
}
