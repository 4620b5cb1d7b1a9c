/**
 * A command line that installs something: of a program of a package, or of an application. It runs as root, unattended,
 * and asks for a restart by its return code; what that code means stands beside it in the site, not in the step.
 */

import { restartExitCode } from '../server/sequence/restart-request.ts'
import { runCommand } from './command.ts'
import { fullExitCode } from './custom-command.ts'
import { readAndRun } from './read-and-run.ts'
import type { StepContext } from './step-context.ts'

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

export function asFailure(message: string, exitCode = 1): InstallResult {
  return { kind: 'failed', exitCode, message }
}
