/**
 * A recovery password as BitLocker makes them, for LUKS as well: eight groups of six digits, each a 16-bit number times
 * eleven, so that a slip of the pen is found. 128 random bits.
 */

import { randomBytes } from 'node:crypto'

export const recoveryPasswordVariable = 'OSDBitLockerRecoveryPassword'

export function makeRecoveryPassword(): string {
  const octets = randomBytes(16)
  const groups = Array.from({ length: 8 }, (_, index) => octets.readUInt16LE(index * 2) * 11)
  return groups.map((group) => String(group).padStart(6, '0')).join('-')
}

export function isMadeRecoveryPassword(text: string): boolean {
  const groups = text.split('-')
  return groups.length === 8 && groups.every((group) => /^[0-9]{6}$/.test(group) && Number(group) % 11 === 0)
}
