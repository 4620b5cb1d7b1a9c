/**
 * A command line that installs something: of a program of a package, or of an application. It runs as root, unattended,
 * and asks for a restart by its return code; what that code means stands beside it in the site, not in the step.
 */

import { AssertionError } from '../server/assert.ts'
import { restartExitCode } from '../server/sequence/restart-request.ts'
import { runCommand } from './command.ts'
import { fullExitCode } from './custom-command.ts'
import { requireFolder } from './program-folder.ts'
import { readAndRun } from './read-and-run.ts'
import { type StepContext, StepFailed } from './step-context.ts'

export interface InstallCommand {
  readonly commandLine: string
  readonly workingDirectory: string
  /** 0: no limit but the step's own. */
  readonly maxRunTimeMinutes: number
  readonly successCodes: readonly number[]
}

export type InstallResult =
  | { readonly kind: 'succeeded'; readonly needsRestart: boolean }
  | { readonly kind: 'failed'; readonly exitCode: number; readonly message: string }

export async function runInstallCommand(command: InstallCommand, context: StepContext): Promise<InstallResult> {
  const { commandLine, workingDirectory, maxRunTimeMinutes, successCodes } = command
  await requireFolder(workingDirectory)
  const limit = maxRunTimeMinutes === 0 ? undefined : AbortSignal.timeout(maxRunTimeMinutes * 60_000)
  const result = await runCommand({
    program: 'sh',
    arguments: ['-c', readAndRun.sh],
    input: commandLine,
    workingDirectory,
    onLine: context.output,
    redaction: () => context.redactor.stream(),
    signal: limit === undefined ? context.signal : AbortSignal.any([limit, context.signal]),
  })
  const exitCode = fullExitCode(result.exitCode, successCodes)
  if (limit?.aborted === true) {
    return { kind: 'failed', exitCode, message: `it was ended after ${maxRunTimeMinutes} minutes` }
  }
  if (successCodes.includes(exitCode)) return { kind: 'succeeded', needsRestart: exitCode === restartExitCode }
  const tail = result.tail === '' ? '' : `: ${result.tail}`
  return { kind: 'failed', exitCode, message: `exit code ${exitCode}${tail}` }
}

/** What the world did not let happen fails this one, and perhaps not the others of its list. */
export async function orFailure(install: () => Promise<InstallResult>): Promise<InstallResult> {
  try {
    return await install()
  } catch (error) {
    if (error instanceof AssertionError || !(error instanceof Error)) throw error
    return asFailure(error.message, error instanceof StepFailed ? error.exitCode : 1)
  }
}

export function asFailure(message: string, exitCode = 1): InstallResult {
  return { kind: 'failed', exitCode, message }
}
