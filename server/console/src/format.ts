/** Numbers as people read them. */

const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'] as const

/** `512 B`, `4.2 MB`, `740 MB`: three digits at most. */
export function printBytes(bytes: number): string {
  let value = bytes
  let unit = 0
  // What would be rounded up to 1000 belongs to the next unit.
  while (Math.round(value) >= 1_000 && unit < units.length - 1) {
    value /= 1_000
    unit += 1
  }
  const digits = unit === 0 || value >= 99.95 ? 0 : 1
  return `${value.toFixed(digits)} ${units[unit]}`
}

/** `42 s`, `3 min 07 s`, `2 h 05 min`. */
export function printDuration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000))
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes} min ${String(seconds % 60).padStart(2, '0')} s`
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`
}

const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit' })

/** The time of day, where the page is. */
export function printTime(ms: number): string {
  return clock.format(ms)
}

const calendar = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' })

/** Of what may be days ago. */
export function printDateAndTime(ms: number): string {
  return calendar.format(ms)
}
