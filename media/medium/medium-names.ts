/** Labels, numbers and times of a medium's file systems, all of them made of its id, its label and the time of its making. */

import { createHash } from 'node:crypto'
import type { MediumId } from '../../server/contract/medium.ts'
import type { CalendarTime } from '../layout/calendar-time.ts'

/** The first 11 characters name the volume of a stick (S7-016), 32 that of a disc. */
export function volumeLabel(label: string, charactersMax: 11 | 32): string {
  const possible = label
    .toUpperCase()
    .replaceAll(/[^A-Z0-9 ]/gu, '_')
    .slice(0, charactersMax)
    .trim()
  return possible === '' ? 'REVEILLE' : possible
}

/** A GUID of version 8 (RFC 9562): the same medium has the same ones, and no other medium has. */
export function guidOf(mediumId: MediumId, what: string): string {
  const octets = hashOf(mediumId, what).subarray(0, 16)
  octets[6] = ((octets[6] ?? 0) & 0x0f) | 0x80
  octets[8] = ((octets[8] ?? 0) & 0x3f) | 0x80
  const hex = octets.toString('hex').toUpperCase()
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}

/** 32 bits. */
export function numberOf(mediumId: MediumId, what: string): number {
  return hashOf(mediumId, what).readUInt32BE()
}

/** UTC, to the two seconds that FAT can say. */
export function calendarTimeOf(ms: number): CalendarTime {
  const date = new Date(ms)
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    second: date.getUTCSeconds() & ~1,
  }
}

function hashOf(mediumId: MediumId, what: string): Buffer {
  return createHash('sha256').update(`${mediumId} ${what}`).digest()
}
