/** The password of a medium: one's own, one that is made up, or, if somebody says so, none (security 6.5, S7-040). */

import { randomBytes } from 'node:crypto'
import { mediumPasswordCharactersMin } from '../../../site/medium.ts'
import type { Fault } from '../../problem.ts'
import type { CommonMediumFields } from './medium-fields.ts'

export interface ChosenPassword {
  readonly kind: 'chosen'
  /** Absent: none. */
  readonly password?: string
  readonly isGenerated: boolean
}

export function choosePassword({
  password,
  generatePassword,
}: Pick<CommonMediumFields, 'password' | 'generatePassword'>): ChosenPassword | Fault {
  if (password !== undefined && generatePassword === true) {
    return { path: 'password', message: 'is given, and is to be generated: leave one of them out' }
  }
  if (generatePassword === true) return { kind: 'chosen', password: generatedPassword(), isGenerated: true }
  if (password === undefined) {
    const message =
      'is needed: give one, have one generated, or say null. Without one anyone who holds the medium may ask to deploy'
    return { path: 'password', message }
  }
  if (password === null) return { kind: 'chosen', isGenerated: false }
  if (Array.from(password).length >= mediumPasswordCharactersMin)
    return { kind: 'chosen', password, isGenerated: false }
  // Whoever has the medium can try them all, without asking anybody.
  const message = `has fewer than ${mediumPasswordCharactersMin} characters: choose a longer one, or have one generated`
  return { path: 'password', message }
}

const consonants = 'bdfghjklmnprstvz'
const vowels = 'aiou'
const groups = 6

/** Six groups of twelve bits, each of which can be spoken: 72 bits. */
export function generatedPassword(): string {
  const bits = BigInt(`0x${randomBytes(groups * 2).toString('hex')}`)
  return Array.from({ length: groups }, (_, index) => printGroup(Number((bits >> BigInt(index * 12)) & 0xfffn))).join(
    '-',
  )
}

function printGroup(value: number): string {
  const syllable = (six: number): string => consonants.charAt(six >> 2) + vowels.charAt(six & 3)
  return syllable(value >> 6) + syllable(value & 63)
}
