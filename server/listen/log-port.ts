/** What the listeners need of a log; log.ts provides it. */

export type LogFields = Readonly<Record<string, unknown>>

export interface Log {
  error(text: string, fields?: LogFields): void
  warn(text: string, fields?: LogFields): void
  info(text: string, fields?: LogFields): void
  /** A function is called only when somebody reads the line: packets come by the thousand. */
  debug(text: string | (() => string), fields?: LogFields): void
}
