/** Runs one command of a check with its output passed through, and counts the tests an AVA run reports. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'

export interface StepResult {
  readonly name: string
  readonly seconds: number
  readonly passed: number
  readonly failed: number
  /** Of a step that failed: what it said of that, for the end of a long run. */
  readonly complaint?: string
}

/** Twice what the longest step takes: a test that leaves something open must not cost the whole time of a run. */
const stepMinutesMax = 40

export interface StepOptions {
  readonly environment?: NodeJS.ProcessEnv
  /** Another step that runs meanwhile: nothing of this one is printed until that has ended. */
  readonly printAfter?: Promise<unknown>
}

const complaintLinesMax = 60

/** A command without tests of its own counts as one: passed when it exits with 0. */
export async function runStep(
  name: string,
  command: readonly string[],
  { environment = {}, printAfter }: StepOptions = {},
): Promise<StepResult> {
  const startedAt = performance.now()
  const print = printer(printAfter)
  print(`\n== ${name}\n`)
  const [program = '', ...args] = command
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...environment } })
  let text = ''
  let errors = ''
  child.stdout.on('data', (chunk: Buffer) => {
    print(chunk)
    text += chunk.toString()
  })
  child.stderr.on('data', (chunk: Buffer) => {
    print(chunk)
    errors += chunk.toString()
  })
  child.on('error', (error) => console.error(`${program}: ${error.message}`))
  const limit = setTimeout(() => {
    console.error(`\n${name} did not end within ${stepMinutesMax} minutes and is stopped`)
    child.kill('SIGKILL')
    // What it started may still hold the other end.
    child.stdout.destroy()
    child.stderr.destroy()
  }, stepMinutesMax * 60_000)
  const [code] = (await once(child, 'close')) as [number | null]
  clearTimeout(limit)
  const seconds = Math.round((performance.now() - startedAt) / 1_000)
  const counted = countTests(text, code)
  return { name, seconds, ...counted, ...(counted.failed === 0 ? {} : { complaint: complaintOf(text, errors) }) }
}

/** What AVA repeats of failures below its closing rule; of another command all it printed. */
function complaintOf(text: string, errors: string): string {
  const rule = text.search(/^ +─$/m)
  const lines = `${rule === -1 ? text : text.slice(rule)}\n${errors}`.split('\n').filter((line) => line.trim() !== '')
  return lines.slice(0, complaintLinesMax).join('\n')
}

/** Holds what it is given until `after` has ended, then passes it through. */
function printer(after: Promise<unknown> | undefined): (text: string | Buffer) => void {
  const held: (string | Buffer)[] = []
  let isHeld = after !== undefined
  const release = (): void => {
    isHeld = false
    for (const text of held.splice(0)) process.stdout.write(text)
  }
  after?.then(release, release)
  return (text) => {
    if (isHeld) held.push(text)
    else process.stdout.write(text)
  }
}

function countTests(text: string, code: number | null): { passed: number; failed: number } {
  const sum = (pattern: RegExp): number =>
    [...text.matchAll(pattern)].reduce((total, match) => total + Number(match[1]), 0)
  // When a test fails, AVA does not say how many passed; each has a line of its own.
  const passed = sum(/(\d+) tests? passed/g) || [...text.matchAll(/^ +✔ /gm)].length
  const failed = sum(/(\d+) (?:tests? failed|uncaught exceptions?|unhandled rejections?|tests? remained? pending)/g)
  if (passed + failed === 0) return code === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 }
  return { passed, failed: code === 0 ? failed : Math.max(failed, 1) }
}

/** Prints what failed once more, since it may be an hour's output ago, the table and the closing line; returns the exit code. */
export function closeWith(results: readonly StepResult[]): number {
  for (const { name, complaint } of results) {
    if (complaint !== undefined) console.log(`\n== failed: ${name}\n${complaint}`)
  }
  console.log('')
  for (const { name, seconds, passed, failed } of results) {
    console.log(
      `${failed === 0 ? 'ok    ' : 'FAILED'} ${String(seconds).padStart(5)} s  ${name} (${passed} passed${failed === 0 ? '' : `, ${failed} failed`})`,
    )
  }
  const total = (key: 'passed' | 'failed'): number => results.reduce((sum, result) => sum + result[key], 0)
  console.log(`\n${total('passed')} passed, ${total('failed')} failed`)
  return total('failed') === 0 ? 0 : 1
}
