/**
 * A program that runs beside the tests: what it says is kept, so that it never stands still at a full pipe and an error
 * can show it. Whoever starts one stops it; one that does not say what was awaited is stopped at once.
 */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Writable } from 'node:stream'
import { waitFor } from '../wait-for.ts'

export interface Program {
  readonly pid: number
  /** Everything it said so far, on either stream. */
  said(): string
  /** The first line that matches, said already or to come. */
  says(pattern: RegExp, withinMs?: number): Promise<string>
  readonly input: Writable
  /** Undefined while it runs. */
  ending(): string | undefined
  /** With the exit code; null: a signal ended it. */
  readonly exited: Promise<number | null>
  signal(name: NodeJS.Signals): void
  /** Also when it has ended already. */
  stop(signal?: NodeJS.Signals): Promise<number | null>
}

export interface ProgramOptions {
  readonly environment?: NodeJS.ProcessEnv
  readonly onSaid?: (text: string) => void
}

/** Whoever waits longer waits in vain: programs say within a second that they are ready. */
const patienceMs = 15_000
const shownCharacters = 4_000

export async function startProgram(
  [name = '', ...words]: readonly string[],
  { environment, onSaid }: ProgramOptions = {},
): Promise<Program> {
  const child = spawn(name, words, { stdio: 'pipe', env: { ...process.env, ...environment } })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text
      onSaid?.(text)
    })
  }
  // It may end without reading what it is told.
  child.stdin.on('error', () => undefined)
  await once(child, 'spawn')
  // Not 'exit': what it said last may come after that.
  const exited = once(child, 'close').then(() => child.exitCode)
  const ending = (): string | undefined =>
    child.exitCode === null && child.signalCode === null
      ? undefined
      : `ended with ${child.signalCode ?? child.exitCode}`
  const stop: Program['stop'] = async (signal = 'SIGKILL') => {
    child.kill(signal)
    return exited
  }
  return {
    pid: child.pid ?? 0,
    said: () => said,
    input: child.stdin,
    ending,
    exited,
    signal: (signal) => void child.kill(signal),
    stop,
    async says(pattern, withinMs = patienceMs) {
      const look = (saw: (value: unknown) => void): string | undefined => {
        const line = said.split('\n').find((text) => pattern.test(text))
        if (line === undefined && ending() !== undefined)
          throw new Error(`${name} ${ending()} before it said ${pattern}: ${said}`)
        saw(said.slice(-shownCharacters))
        return line
      }
      return waitFor(`${name} to say ${pattern}`, look, { withinMs }).catch(async (error: unknown) => {
        await stop()
        throw error
      })
    },
  }
}
