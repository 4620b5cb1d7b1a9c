/**
 * Conversations as text files: a command, its input lines, a line `----`, and what must come out, up to an empty line.
 * Lines that start with `#` before a command are for the reader. `UPDATE=1` rewrites what must come out, to be
 * read as a diff before anyone believes it.
 */

import { readFileSync, writeFileSync } from 'node:fs'

export interface Command {
  readonly name: string
  readonly arguments: readonly string[]
  /** The lines under the command. */
  readonly input: string
}

export interface Comparison {
  readonly actual: string
  readonly expected: string
}

const separator = '----'

/** Runs every command of the file in order. The two texts are equal when every answer is as written. */
export function runTranscript(file: URL, answer: (command: Command) => string): Comparison {
  const expected = readFileSync(file, 'utf8')
  const actual = `${paragraphs(expected)
    .map((paragraph) => retell(paragraph, answer))
    .join('\n\n')}\n`
  if (process.env['UPDATE'] !== '1') return { actual, expected }
  writeFileSync(file, actual)
  return { actual, expected: actual }
}

function paragraphs(text: string): readonly string[] {
  return text
    .split(/\n{2,}/)
    .map((paragraph) => paragraph.trimEnd())
    .filter((paragraph) => paragraph !== '')
}

function retell(paragraph: string, answer: (command: Command) => string): string {
  const lines = paragraph.split('\n')
  const first = lines.findIndex((line) => !line.startsWith('#'))
  if (first === -1) return paragraph
  const end = lines.indexOf(separator)
  const asked = end === -1 ? lines : lines.slice(0, end)
  const [name = '', ...rest] = (asked[first] ?? '').split(' ')
  const output = answer({ name, arguments: rest, input: asked.slice(first + 1).join('\n') })
  return [...asked, separator, ...(output === '' ? [] : [output])].join('\n')
}
