/** What the listeners need of a log; log.ts provides it. */

export type LogFields = Readonly<Record<string, unknown>>

export interface Log {
  error(text: string, fields?: LogFields): void
  warn(text: string, fields?: LogFields): void
  info(text: string, fields?: LogFields): void
  debug(text: string, fields?: LogFields): void
}
