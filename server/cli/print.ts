/** Prints answers for people: a table for lists, one line a field for one object, JSON when asked. Control characters are shown, not obeyed. */

import type { ApiClient, Fields } from './api-client.ts'

export function printList(client: ApiClient, answer: Fields, columns: readonly string[]): void {
  if (client.json) {
    printJson(answer)
    return
  }
  const items = Array.isArray(answer['items']) ? answer['items'] : []
  const rows = items.map((item: Fields) => columns.map((column) => printCell(column, item[column])))
  const head = columns.map((column) =>
    titleOf(column)
      .replaceAll(/([A-Z])/g, ' $1')
      .toUpperCase(),
  )
  const widths = head.map((title, index) => Math.max(title.length, ...rows.map((row) => row[index]?.length ?? 0)))
  for (const row of [head, ...rows]) {
    process.stdout.write(
      `${row
        .map((text, index) => text.padEnd(widths[index] ?? 0))
        .join('  ')
        .trimEnd()}\n`,
    )
  }
}

export function printObject(client: ApiClient, fields: Fields): void {
  if (client.json) {
    printJson(fields)
    return
  }
  const width = Math.max(0, ...Object.keys(fields).map((key) => titleOf(key).length))
  for (const [key, value] of Object.entries(fields)) {
    const text = printField(key, value)
    process.stdout.write(`${titleOf(key).padEnd(width)}  ${text.replaceAll('\n', `\n${' '.repeat(width + 2)}`)}\n`)
  }
}

function printField(key: string, value: unknown): string {
  if (typeof value === 'object' && value !== null) return JSON.stringify(value, undefined, 2)
  return printCell(key, value)
}

const pointInTime = /(?<=(?:^a|A)t)Ms$/

/** Points in time are milliseconds in the API, which nobody reads. */
function printCell(key: string, value: unknown): string {
  return pointInTime.test(key) && typeof value === 'number' ? new Date(value).toISOString() : plainText(value)
}

function titleOf(key: string): string {
  return key.replace(pointInTime, '')
}

export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, undefined, 2)}\n`)
}

export function plainText(value: unknown): string {
  if (value === undefined || value === null) return ''
  const text = typeof value === 'string' ? value : Array.isArray(value) ? value.join(' ') : JSON.stringify(value)
  // Names come from machines; a terminal must not take them for commands (security D14).
  return text.replaceAll(/\p{Cc}/gu, '?')
}
