/**
 * Structured lines on standard output: JSON, or one readable line each on a terminal. Levels say what the reader should do:
 * `error`: act now; `warn`: look today; `info`: the story of a deployment; `debug`: packets. Secrets are a type
 * that prints as `***` and never reach this file as text.
 */

import { pino } from 'pino'
import type { Log, LogFields } from './listen/log-port.ts'

export function createLog(level: 'error' | 'warn' | 'info' | 'debug', terminal: boolean): Log {
  const destination = terminal
    ? { write: (line: string) => void process.stdout.write(printForPerson(line)) }
    : undefined
  const logger = pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    destination ?? pino.destination({ sync: false }),
  )
  return {
    error: (text, fields) => logger.error(fields ?? {}, text),
    warn: (text, fields) => logger.warn(fields ?? {}, text),
    info: (text, fields) => logger.info(fields ?? {}, text),
    debug: (text, fields) => {
      if (logger.isLevelEnabled('debug')) logger.debug(fields ?? {}, typeof text === 'string' ? text : text())
    },
  }
}

/** `17:03:28 info  52:54:00:00:00:01 boots RVL00001 (xid=…)`; control characters were escaped by JSON and stay so. */
function printForPerson(line: string): string {
  const { time, level, msg, ...fields } = JSON.parse(line) as LogFields
  const details = Object.entries(fields).map(([name, value]) => `${name}=${JSON.stringify(value)}`)
  const clock = String(time).slice(11, 19)
  return `${clock} ${String(level).padEnd(5)} ${escapeControls(String(msg))}${details.length > 0 ? `  ${details.join(' ')}` : ''}\n`
}

/** A machine's name must not move the cursor or forge a line (security D14). */
function escapeControls(text: string): string {
  return JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"')
}
