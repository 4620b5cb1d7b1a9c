/**
 * When something happens, once or again and again: the choices of the schedule dialog (S9-014). Times here are those of
 * a clock on the wall, in milliseconds as if it stood in UTC: whoever asks adds the offset of the place that is meant, so a
 * window at two in the morning is at two in summer and in winter. A day that a month does not have is left out.
 */

export type Weekday = 0 | 1 | 2 | 3 | 4 | 5 | 6

export type Recurrence =
  | { readonly kind: 'once' }
  /** Custom interval: from the start on, every so many minutes. */
  | { readonly kind: 'interval'; readonly minutes: number }
  /** At the time of day of the start; weeks begin on Sunday, and the start's is the first. */
  | { readonly kind: 'weekly'; readonly everyWeeks: number; readonly weekdays: readonly Weekday[] }
  | { readonly kind: 'monthly-by-date'; readonly everyMonths: number; readonly day: number | 'last' }
  | {
      readonly kind: 'monthly-by-weekday'
      readonly everyMonths: number
      readonly week: 1 | 2 | 3 | 4 | 'last'
      readonly weekday: Weekday
    }

export interface Recurring {
  /** The first time, by the clock on the wall; nothing happens before it. */
  readonly startWallMs: number
  readonly recurrence: Recurrence
}

export const minuteMs = 60_000
export const dayMs = 86_400_000
/** Somewhat more than the longest pause of a schedule that the API takes, which is 60 months. */
export const lookAheadMs = 1_900 * dayMs

/** More than a month of minutes; who asks for more gets the first ones. */
const occurrencesMax = 50_000

/** Starts from `fromMs` on and before `toMs`, in order. */
export function occurrencesBetween(
  { startWallMs, recurrence }: Recurring,
  fromMs: number,
  toMs: number,
): readonly number[] {
  if (toMs <= startWallMs) return []
  const from = Math.max(fromMs, startWallMs)
  switch (recurrence.kind) {
    case 'once':
      return startWallMs >= fromMs ? [startWallMs] : []
    case 'interval':
      return byInterval(startWallMs, recurrence.minutes * minuteMs, { from, to: toMs })
    default:
      return byDay(startWallMs, recurrence, { from, to: toMs })
  }
}

interface Span {
  readonly from: number
  readonly to: number
}

function byInterval(startMs: number, everyMs: number, { from, to }: Span): readonly number[] {
  const first = startMs + Math.ceil((from - startMs) / everyMs) * everyMs
  const count = Math.min(Math.max(0, Math.ceil((to - first) / everyMs)), occurrencesMax)
  return Array.from({ length: count }, (_, index) => first + index * everyMs)
}

function byDay(
  startMs: number,
  recurrence: Exclude<Recurrence, { kind: 'once' | 'interval' }>,
  { from, to }: Span,
): readonly number[] {
  const timeOfDay = startMs - dayOf(startMs) * dayMs
  const found: number[] = []
  for (let day = dayOf(from); day * dayMs < to && found.length < occurrencesMax; day += 1) {
    const atMs = day * dayMs + timeOfDay
    if (atMs >= from && atMs < to && isOn(day, dayOf(startMs), recurrence)) found.push(atMs)
  }
  return found
}

function isOn(day: number, startDay: number, recurrence: Exclude<Recurrence, { kind: 'once' | 'interval' }>): boolean {
  switch (recurrence.kind) {
    case 'weekly': {
      const weeks = Math.floor((day - firstOfWeek(startDay)) / 7)
      return weeks % recurrence.everyWeeks === 0 && recurrence.weekdays.includes(weekdayOf(day))
    }
    case 'monthly-by-date': {
      const { month, date, length } = civilOf(day)
      if ((month - civilOf(startDay).month) % recurrence.everyMonths !== 0) return false
      return date === (recurrence.day === 'last' ? length : recurrence.day)
    }
    case 'monthly-by-weekday': {
      const { month, date, length } = civilOf(day)
      if ((month - civilOf(startDay).month) % recurrence.everyMonths !== 0) return false
      if (weekdayOf(day) !== recurrence.weekday) return false
      return recurrence.week === 'last' ? date > length - 7 : Math.ceil(date / 7) === recurrence.week
    }
    default:
      return recurrence satisfies never
  }
}

/** Days since the epoch. */
function dayOf(wallMs: number): number {
  return Math.floor(wallMs / dayMs)
}

/** The epoch was a Thursday. */
function weekdayOf(day: number): Weekday {
  return ((((day + 4) % 7) + 7) % 7) as Weekday
}

function firstOfWeek(day: number): number {
  return day - weekdayOf(day)
}

interface Civil {
  /** Counted from January of the year 0, so that months can be subtracted. */
  readonly month: number
  /** From 1. */
  readonly date: number
  /** Of the month, in days. */
  readonly length: number
}

/** The Gregorian calendar, by years that begin in March and eras of 400 years, so that the day which comes and goes is the last. */
function civilOf(day: number): Civil {
  const shifted = day + 719_468
  const era = Math.floor(shifted / 146_097)
  const dayOfEra = shifted - era * 146_097
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1_460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  )
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const marchMonth = Math.floor((5 * dayOfYear + 2) / 153)
  const date = dayOfYear - Math.floor((153 * marchMonth + 2) / 5) + 1
  const monthOfYear = marchMonth < 10 ? marchMonth + 2 : marchMonth - 10
  const year = era * 400 + yearOfEra + (monthOfYear < 2 ? 1 : 0)
  return { month: year * 12 + monthOfYear, date, length: lengthOf(year, monthOfYear) }
}

function lengthOf(year: number, monthOfYear: number): number {
  if (monthOfYear === 1) return isLeap(year) ? 29 : 28
  return [3, 5, 8, 10].includes(monthOfYear) ? 30 : 31
}

function isLeap(year: number): boolean {
  return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0
}
