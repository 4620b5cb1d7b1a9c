/**
 * A date and a time as file systems write it, in fields. An image has one, which is that of everything in it, and it is UTC:
 * neither the time nor the place of its making may change its octets.
 */

export interface CalendarTime {
  readonly year: number
  /** From 1. */
  readonly month: number
  readonly day: number
  readonly hour: number
  readonly minute: number
  readonly second: number
}
