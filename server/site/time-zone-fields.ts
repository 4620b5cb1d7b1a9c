/**
 * A time zone as `_SMSTSTimezone` has it (S3.1): 21 fields with commas between them, which are three biases in minutes, when
 * standard time and daylight time begin (eight fields each, those of SYSTEMTIME), and two names. Made of the rule that POSIX
 * writes into `TZ` (IEEE 1003.1, section 8.3) and tzfile(5) at the end of a zone: `CET-1CEST,M3.5.0,M10.5.0/3`.
 */

/** Undefined for what these fields cannot say: days counted from the new year, or hours of another day. */
export function timeZoneFields(rule: string): string | undefined {
  const [, standard = '', offset = '', daylight = '', daylightOffset = '', begins, ends] = rulePattern.exec(rule) ?? []
  if (standard === '') return undefined
  const bias = minutesOf(offset)
  const names = [nameOf(standard), nameOf(daylight === '' ? standard : daylight)]
  if (daylight === '') return [bias, 0, 0, never, never, ...names].join(',')
  const daylightBias = daylightOffset === '' ? -60 : minutesOf(daylightOffset) - bias
  const [daylightDate, standardDate] = [dateOf(begins), dateOf(ends)]
  if (daylightDate === undefined || standardDate === undefined) return undefined
  return [bias, 0, daylightBias, standardDate, daylightDate, ...names].join(',')
}

const never = '0,0,0,0,0,0,0,0'

/** Name, offset, and where the clocks change also name, offset and the two dates. */
const rulePattern =
  /^([A-Za-z]{3,10}|<[A-Za-z0-9+-]{3,10}>)([+-]?\d[\d:]*)(?:([A-Za-z]{3,10}|<[A-Za-z0-9+-]{3,10}>)([+-]?\d[\d:]*)?,([^,]+),([^,]+))?$/

function nameOf(text: string): string {
  return text.replaceAll(/[<>]/g, '')
}

/** POSIX counts west of Greenwich, as a bias does. */
function minutesOf(offset: string): number {
  const [hours = 0, minutes = 0] = offset.replace(/^[+-]/, '').split(':').map(Number)
  const size = hours * 60 + minutes
  return offset.startsWith('-') && size > 0 ? -size : size
}

/** Month, week of the month (5: the last) and weekday, at an hour of the time that ends then. */
function dateOf(text = ''): string | undefined {
  const [, month, week, weekday, hour = '2', minute = '0', second = '0'] =
    /^M(\d{1,2})\.([1-5])\.([0-6])(?:\/(\d{1,2})(?::(\d{2}))?(?::(\d{2}))?)?$/.exec(text) ?? []
  if (month === undefined || Number(month) > 12 || Number(hour) > 23) return undefined
  return [0, month, weekday, week, hour, minute, second, 0].map(Number).join(',')
}
