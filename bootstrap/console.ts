/**
 * What a person in front of the machine sees: plain lines on standard output, secrets masked, control characters of
 * foreign text made harmless. Progress is a line at most every few seconds, because a serial console keeps each one.
 */

import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import type { Redactor } from './redactor.ts'

const progressEveryMs = 5_000

export class MachineConsole {
  readonly #redactor: Redactor
  readonly #write: (text: string) => void
  #lastProgressMs = 0

  constructor(redactor: Redactor, write: (text: string) => void) {
    this.#redactor = redactor
    this.#write = write
  }

  say(text: string): void {
    for (const line of text.split('\n')) this.#write(`${printable(this.#redactor.redact(line))}\n`)
  }

  progress(text: string, nowMs: number): void {
    if (nowMs - this.#lastProgressMs < progressEveryMs) return
    this.#lastProgressMs = nowMs
    this.say(`  ${text}`)
  }
}

/** Escape sequences could clear the screen or move text about; a tabulator is the only control character kept. */
export function printable(text: string): string {
  // oxlint-disable-next-line no-control-regex
  return text.replaceAll(/[\u0000-\u0008\u000a-\u001f\u007f-\u009f]/g, '?')
}

/**
 * One line that a person types, or undefined when the time is over or there is no keyboard any more. Hidden, a terminal
 * shows nothing of it: it hands over each key by itself, and what would be echoed goes nowhere.
 */
export async function readLine(
  input: NodeJS.ReadableStream & { readonly isTTY?: boolean },
  timeoutMs: number | undefined,
  isHidden = false,
): Promise<string | undefined> {
  const isTerminal = isHidden && input.isTTY === true
  const lines = createInterface({ input, terminal: isTerminal, ...(isTerminal ? { output: nowhere() } : {}) })
  return new Promise((resolve) => {
    const timer = timeoutMs === undefined ? undefined : setTimeout(() => finish(undefined), timeoutMs)
    const finish = (line: string | undefined): void => {
      clearTimeout(timer)
      // Before it is closed: that is told at once, and without a time limit means that there is no keyboard.
      resolve(line)
      lines.off('line', finish)
      lines.close()
    }
    lines.on('line', finish)
    // Otherwise Ctrl+C would close the keyboard, as nothing else here does.
    lines.on('SIGINT', () => {})
    // Without a keyboard the time still counts; with no time limit there is nothing to wait for.
    lines.on('close', () => {
      if (timeoutMs === undefined) finish(undefined)
    })
  })
}

function nowhere(): Writable {
  return new Writable({ write: (_octets, _encoding, done) => done() })
}
