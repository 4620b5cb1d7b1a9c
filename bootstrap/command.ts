/**
 * Runs a program with limits: no shell unless the caller names one, its own process group so that a time-out ends
 * everything it started, output handed on line by line and its end kept for the message. It does not decide what a
 * return code means.
 */

import { systemErrorCode } from '../server/caught-error.ts'
import { type ChildProcess, spawn } from 'node:child_process'
import { StringDecoder } from 'node:string_decoder'
import type { RedactorStream } from './redactor.ts'

export interface Command {
  readonly program: string
  readonly arguments: readonly string[]
  readonly workingDirectory?: string
  readonly environment?: Readonly<Record<string, string>>
  readonly input?: string
  readonly onLine?: (stream: 'stdout' | 'stderr', line: string) => void
  /** Masks the lines that are handed on; the captured output stays as it is. */
  readonly redaction?: () => RedactorStream
  readonly signal?: AbortSignal
}

export interface CommandResult {
  /** As a shell reports it: 127 when the program is missing, 128 and the signal's number when it was killed. */
  readonly exitCode: number
  /** The first characters of standard output. */
  readonly stdout: string
  /** Its last ones. */
  readonly stdoutEnd: string
  /** The last lines of both streams. */
  readonly tail: string
}

const capturedCharactersMax = 64 * 1024
const endCharactersMax = 16 * 1024
const tailLines = 5
const lineCharactersMax = 4_000
/** Time between asking a process group to end and ending it. */
const killGraceMs = 3_000

export async function runCommand(command: Command): Promise<CommandResult> {
  const child = startCommand(command)
  const stdout = new Lines('stdout', command)
  const stderr = new Lines('stderr', command)
  child.stdout?.on('data', (chunk: Buffer) => stdout.write(chunk))
  child.stderr?.on('data', (chunk: Buffer) => stderr.write(chunk))
  // A program may end without reading its input.
  child.stdin?.on('error', () => {})
  child.stdin?.end(command.input ?? '')
  const exitCode = await ended(child, command.signal)
  stdout.end()
  stderr.end()
  return {
    exitCode,
    stdout: stdout.captured,
    stdoutEnd: stdout.ending,
    tail: [...stderr.tail, ...stdout.tail].slice(-tailLines).join('\n'),
  }
}

/** The caller reads the pipes and awaits `ended`. */
export function startCommand(command: Command): ChildProcess {
  return spawn(command.program, command.arguments, {
    cwd: command.workingDirectory ?? '/',
    env: { ...process.env, ...command.environment },
    stdio: ['pipe', 'pipe', 'pipe'],
    // A group of its own, so that a time-out reaches grandchildren too.
    detached: true,
  })
}

/** Waits for the exit; when the signal fires, ends the whole group first. */
export async function ended(child: ChildProcess, signal?: AbortSignal): Promise<number> {
  let killer: NodeJS.Timeout | undefined
  const stop = (): void => {
    killGroup(child, 'SIGTERM')
    killer = setTimeout(() => killGroup(child, 'SIGKILL'), killGraceMs)
  }
  if (signal?.aborted === true) stop()
  signal?.addEventListener('abort', stop, { once: true })
  try {
    return await new Promise<number>((resolve) => {
      child.on('error', (error) => resolve(systemErrorCode(error) === 'ENOENT' ? 127 : 126))
      // `close`, not `exit`: the last lines may still be in the pipes. A background process that keeps the pipe open
      // after its parent has gone is not waited for.
      child.on('close', (code, name) => resolve(exitCodeOf(code, name)))
      child.on('exit', (code, name) => {
        const wait = setTimeout(() => resolve(exitCodeOf(code, name)), killGraceMs)
        child.on('close', () => clearTimeout(wait))
      })
    })
  } finally {
    signal?.removeEventListener('abort', stop)
    clearTimeout(killer)
    // Whatever the command left running in its group ends with it after a time-out.
    if (signal?.aborted === true) killGroup(child, 'SIGKILL')
  }
}

function exitCodeOf(code: number | null, name: NodeJS.Signals | null): number {
  if (code !== null) return code
  return name === 'SIGKILL' ? 137 : name === 'SIGTERM' ? 143 : 128
}

function killGroup(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): void {
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, signal)
  } catch {
    // The group has gone already.
  }
}

class Lines {
  readonly #stream: 'stdout' | 'stderr'
  readonly #command: Command
  readonly #decoder = new StringDecoder('utf8')
  readonly #redaction: RedactorStream | undefined
  #line = ''
  captured = ''
  ending = ''
  tail: string[] = []

  constructor(stream: 'stdout' | 'stderr', command: Command) {
    this.#stream = stream
    this.#command = command
    this.#redaction = command.redaction?.()
  }

  write(chunk: Buffer): void {
    const text = this.#decoder.write(chunk)
    this.#capture(text)
    this.#lines(this.#redaction?.write(text) ?? text)
  }

  end(): void {
    const text = this.#decoder.end()
    this.#capture(text)
    this.#lines((this.#redaction?.write(text) ?? text) + (this.#redaction?.end() ?? ''))
    if (this.#line !== '') this.#take(this.#line)
    this.#line = ''
  }

  #capture(text: string): void {
    this.captured += text.slice(0, capturedCharactersMax - this.captured.length)
    this.ending = (this.ending + text).slice(-endCharactersMax)
  }

  #lines(text: string): void {
    // Programs redraw their progress with a carriage return; each state is a line here.
    const parts = (this.#line + text).split(/\r\n|[\r\n]/)
    this.#line = parts.pop() ?? ''
    for (const part of parts) if (part !== '') this.#take(part)
    if (this.#line.length > lineCharactersMax) {
      this.#take(this.#line)
      this.#line = ''
    }
  }

  #take(line: string): void {
    const short = line.slice(0, lineCharactersMax)
    this.tail = [...this.tail, short].slice(-tailLines)
    this.#command.onLine?.(this.#stream, short)
  }
}
