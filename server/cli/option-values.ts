/** Values of options that are not plain text: lists, switches, points in time. */

import { CliError } from './cli-error.ts'

export function readTexts(given: unknown): readonly string[] {
  return Array.isArray(given) ? given.map((item) => String(item)) : [String(given)]
}

/** An empty text among them stands for nothing, so that a list can be emptied. */
export function readList(given: unknown): readonly string[] {
  return readTexts(given).filter((text) => text !== '')
}

export function readSwitch(given: unknown): boolean {
  const text = String(given)
  if (text !== 'true' && text !== 'false') throw new CliError(`${text} is neither true nor false`)
  return text === 'true'
}

export function readNumber(given: unknown): number {
  const number = Number(given)
  if (!Number.isFinite(number)) throw new CliError(`${String(given)} is not a number`)
  return number
}

/** An ISO 8601 date and time, in local time unless it says otherwise. */
export function readInstant(given: unknown): number {
  const ms = Date.parse(String(given))
  if (Number.isNaN(ms)) throw new CliError(`${String(given)} is not a date and time such as 2026-11-30T18:00`)
  return ms
}
