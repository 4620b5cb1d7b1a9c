/** Times on a disc: seven octets in records, seventeen in descriptors; both in UTC (ECMA-119 sections 9.1.5 and 8.4.26.1). */

import type { CalendarTime } from '../layout/calendar-time.ts'
import { encodeAscii } from '../layout/text-octets.ts'

export function encodeRecordTime({ year, month, day, hour, minute, second }: CalendarTime): Uint8Array {
  return Uint8Array.of(year - 1_900, month, day, hour, minute, second, 0)
}

/** Digits, hundredths of a second among them, and the offset from UTC. */
export function encodeDescriptorTime(time: CalendarTime): Uint8Array {
  const fields = [time.month, time.day, time.hour, time.minute, time.second, 0]
  const digits = fields.map((field) => String(field).padStart(2, '0')).join('')
  return Uint8Array.of(...encodeAscii(`${String(time.year).padStart(4, '0')}${digits}`, 16), 0)
}

/** "Not specified". */
export const noDescriptorTime = Uint8Array.of(...encodeAscii('0'.repeat(16)), 0)
