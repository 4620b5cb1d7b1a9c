/**
 * Values that must not stand on a command line, where every user of the machine can read them in the list of processes:
 * from a file, from the terminal without echo, or line by line from what is piped in.
 */

import { createInterface } from 'node:readline'
import { readFileSync } from 'node:fs'
import { Writable } from 'node:stream'
import { CliError } from './cli-error.ts'

/** One line end at the end belongs to the file, not to the secret: editors and `echo` leave it there. */
export function readSecretFile(file: string): string {
  try {
    return readFileSync(file, 'utf8').replace(/\r?\n$/, '')
  } catch (cause) {
    throw new CliError(`the file ${file} with the secret value cannot be read`, { cause })
  }
}

/** One answer a name, in their order. */
export async function askSecrets(names: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const answers = new Map<string, string>()
  if (names.length === 0) return answers
  const terminal = process.stdin.isTTY
  // With `terminal` the line editor switches the terminal's own echo off, and what it would write goes nowhere.
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
  const editor = createInterface({ input: process.stdin, output: nowhere, terminal, historySize: 0 })
  editor.on('SIGINT', () => editor.close())
  const lines = editor[Symbol.asyncIterator]()
  try {
    for (const name of names) {
      if (terminal) process.stderr.write(`Value of ${name}: `)
      const line = await lines.next()
      if (terminal) process.stderr.write('\n')
      if (line.done === true) throw new CliError(`no value was given for the secret variable ${name}`)
      answers.set(name, line.value)
    }
  } finally {
    editor.close()
  }
  return answers
}
