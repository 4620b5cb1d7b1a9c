/**
 * The prestart command of a medium (S6-042, S6-047, S7-022): runs after the password and before the site is asked for policy, in
 * a folder with the files that come with it. What it appends to the file `$REVEILLE_VARIABLES` as `Name=value` are variables,
 * as with a command of a task sequence; the file `$REVEILLE_MEDIUM_VARIABLES` has those of the medium in the same form, but for secret
 * ones: a step gets a secret where its line names it, and here nothing says who is to have it. A person may be asked by it, at the keyboard of the machine; what waits for
 * nobody is ended after a quarter of an hour, or everything after it would wait too.
 */

import { spawn } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { PolicyVariable } from '../../server/contract/agent.ts'
import type { SealedContents } from '../../server/contract/medium.ts'
import { refuseName } from '../../server/sequence/environment.ts'
import { messageOf } from '../../server/caught-error.ts'
import { ended, runCommand } from '../command.ts'
import { fetchFromMedium, MediumFault } from './fetch-from-medium.ts'
import type { MountedMedium } from './mounted-medium.ts'

export type PrestartEnd =
  | { readonly kind: 'succeeded'; readonly variables: readonly PolicyVariable[] }
  | { readonly kind: 'failed'; readonly reason: string }

export interface PrestartParts {
  readonly medium: MountedMedium
  /** Of the medium. */
  readonly variables: readonly PolicyVariable[]
  /** Memory, made anew for each try. */
  readonly folder: string
  /** Whether it gets the keyboard and the screen, or nobody is there. */
  readonly isInteractive: boolean
  readonly say: (text: string) => void
  readonly timeoutMs?: number
}

export const prestartTimeoutMs = 15 * 60_000

export async function runPrestart(
  { commandLine, contentId }: NonNullable<SealedContents['prestart']>,
  parts: PrestartParts,
): Promise<PrestartEnd> {
  const { medium, folder, say, timeoutMs = prestartTimeoutMs } = parts
  const work = join(folder, 'files')
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(work, { recursive: true, mode: 0o700 })
  if (contentId !== undefined) {
    const content = medium.manifest.contents.find(({ id }) => id === contentId)
    if (content === undefined) return { kind: 'failed', reason: `its files, ${contentId}, are not on this medium` }
    try {
      await fetchFromMedium(medium, content, work)
    } catch (error) {
      if (error instanceof MediumFault) return { kind: 'failed', reason: error.message }
      return { kind: 'failed', reason: `its files cannot be read: ${messageOf(error)}` }
    }
  }
  const file = join(folder, 'variables')
  writeFileSync(file, '', { mode: 0o600 })
  const given = join(folder, 'medium-variables')
  writeFileSync(given, printVariables(parts.variables, say), { mode: 0o600 })
  const limit = AbortSignal.timeout(timeoutMs)
  say(`The prestart command runs, for ${Math.ceil(timeoutMs / 60_000)} minutes at most.`)
  const exitCode = await run(commandLine, { ...parts, work, file, given, limit })
  if (limit.aborted) return { kind: 'failed', reason: `it was ended after ${Math.ceil(timeoutMs / 60_000)} minutes` }
  if (exitCode !== 0) return { kind: 'failed', reason: `it ended with exit code ${exitCode}` }
  const variables = parseVariables(readFileSync(file, 'utf8'), say)
  return { kind: 'succeeded', variables }
}

interface Prepared extends PrestartParts {
  readonly work: string
  readonly file: string
  readonly given: string
  readonly limit: AbortSignal
}

/** On standard input of a shell nobody could be asked, so it is the shell's argument: it holds no secret of the medium. */
async function run(commandLine: string, { isInteractive, say, work, file, given, limit }: Prepared): Promise<number> {
  const environment = { REVEILLE_VARIABLES: file, REVEILLE_MEDIUM_VARIABLES: given }
  const words = ['-c', commandLine]
  if (!isInteractive) {
    const onLine = (_stream: string, line: string): void => say(line)
    return (
      await runCommand({ program: 'sh', arguments: words, workingDirectory: work, environment, onLine, signal: limit })
    ).exitCode
  }
  // Its questions have no line feed at their end, so that its output is the machine's own.
  const child = spawn('sh', words, {
    cwd: work,
    env: { ...process.env, ...environment },
    stdio: 'inherit',
    detached: true,
  })
  return ended(child, limit)
}

/** A line each: what has several lines is said, and left out. */
function printVariables(variables: readonly PolicyVariable[], say: (text: string) => void): string {
  const open = variables.filter(({ secret }) => !secret)
  for (const { name, value } of open) {
    if (value.includes('\n')) say(`${name} has several lines, so the prestart command does not see it.`)
  }
  return open
    .filter(({ value }) => !value.includes('\n'))
    .map(({ name, value }) => `${name}=${value}\n`)
    .join('')
}

/** The last value of a name counts. What is no variable that a command may set is said, and left out. */
export function parseVariables(text: string, say: (text: string) => void): readonly PolicyVariable[] {
  const found = new Map<string, PolicyVariable>()
  for (const line of text.split('\n')) {
    const equals = line.indexOf('=')
    if (equals < 1) continue
    const name = line.slice(0, equals).trim()
    const refusal = refuseName(name, 'step')
    if (refusal === undefined) found.set(name.toLowerCase(), { name, value: line.slice(equals + 1), secret: false })
    else say(`Of the prestart command: ${refusal.message}`)
  }
  return [...found.values()]
}
