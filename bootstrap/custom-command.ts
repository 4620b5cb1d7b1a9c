/**
 * A program that an administrator wrote, for the steps that run such: with the file in which it may leave variables, as
 * another account where the step says so, and its return code as the field counts it. Return codes of Linux have eight
 * bits: `exit 3010` ends with 194, so 194 is taken for the 3010 that asks for a restart (S1-039) where 3010 is a success.
 */

import { constants } from 'node:fs'
import { chmod, chown, mkdtemp, open, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Variable } from '../server/sequence/environment.ts'
import { maskSecrets } from '../server/sequence/mask-secrets.ts'
import { restartExitCode } from '../server/sequence/restart-request.ts'
import { type Account, asAccount } from './account.ts'
import { type CommandResult, runCommand } from './command.ts'
import { makeOwnerOnlyFolder } from './durable-file.ts'
import { requireFolder } from './program-folder.ts'
import type { StepContext, StepResult } from './step-context.ts'

export interface CustomCommand {
  readonly words: readonly [string, ...string[]]
  readonly input: string
  readonly workingDirectory: string
  readonly account?: Account | undefined
  readonly successCodes: readonly number[]
  readonly outputVariable?: string | undefined
}

export async function runCustomCommand(command: CustomCommand, context: StepContext): Promise<StepResult> {
  await requireFolder(command.workingDirectory)
  const folder = await makeStepFolder(context, command.account)
  try {
    const file = join(folder, 'variables')
    await writeFile(file, '', { mode: 0o600 })
    if (command.account !== undefined) await chown(file, command.account.user, command.account.group)
    const result = await runAs(command, context, { REVEILLE_VARIABLES: file })
    const exitCode = fullExitCode(result.exitCode, command.successCodes)
    return {
      exitCode,
      message: command.successCodes.includes(exitCode) ? '' : messageOf(result, command),
      variables: [...outputVariables(command, result, context), ...readVariables(await readPlainFile(file), context)],
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** For the log: secrets that are too short to be masked in output are masked here, where they were put in. */
export function maskForLog(text: string, { environment, redactor }: StepContext): string {
  return redactor.redact(maskSecrets(text, environment))
}

export function fullExitCode(exitCode: number, successCodes: readonly number[]): number {
  const isRestart = exitCode === (restartExitCode & 0xff) && !successCodes.includes(exitCode)
  return isRestart && successCodes.includes(restartExitCode) ? restartExitCode : exitCode
}

/**
 * A new folder for files of a command, removed by whoever made it; should the machine stop before, it was in memory, but
 * for an account, whose way there is closed. An account can use files in it that it owns, and neither replace nor list any.
 */
export async function makeStepFolder(context: StepContext, account: Account | undefined): Promise<string> {
  if (account !== undefined) {
    const folder = await mkdtemp(join(tmpdir(), 'reveille-'))
    await chmod(folder, 0o711)
    return folder
  }
  makeOwnerOnlyFolder(context.scratchFolder)
  return mkdtemp(join(context.scratchFolder, 'command-'))
}

async function runAs(
  { words, input, workingDirectory, account }: CustomCommand,
  context: StepContext,
  environment: Readonly<Record<string, string>>,
): Promise<CommandResult> {
  const [program, ...rest] = account === undefined ? words : asAccount(account, words, environment)
  return runCommand({
    program,
    arguments: rest,
    input,
    workingDirectory,
    environment,
    onLine: context.output,
    redaction: () => context.redactor.stream(),
    signal: context.signal,
  })
}

function messageOf({ exitCode, tail }: CommandResult, { words: [program], account }: CustomCommand): string {
  // The shell says itself what it does not find; here it is the first program that is missing.
  if (exitCode === 127 && tail === '') return `${account === undefined ? program : 'setpriv'} is not in this system.`
  return `The command ended with exit code ${exitCode}${tail === '' ? ', and printed nothing.' : `: ${tail}`}`
}

/** S2-008. */
const outputCharactersMax = 1_000

function outputVariables(command: CustomCommand, result: CommandResult, context: StepContext): readonly Variable[] {
  const { outputVariable = '' } = command
  if (outputVariable === '') return []
  const output = result.stdoutEnd.trimEnd()
  const value = output.slice(-outputCharactersMax)
  // A value that holds a part of a secret is judged with what stood before it.
  const around = output.slice(-2 * outputCharactersMax)
  return [
    { name: outputVariable, value: withoutHalf(value), secret: isSecret(value, context) || isSecret(around, context) },
  ]
}

/** The first character may be the second half of one that needs two. */
function withoutHalf(text: string): string {
  return /^[\uDC00-\uDFFF]/.test(text) ? text.slice(1) : text
}

function readVariables(text: string, context: StepContext): readonly Variable[] {
  return text.split('\n').flatMap((line) => {
    const equals = line.indexOf('=')
    const value = line.slice(equals + 1)
    return equals < 1 ? [] : [{ name: line.slice(0, equals), value, secret: isSecret(value, context) }]
  })
}

/** A value that holds a secret is one too (S1-071). */
function isSecret(value: string, context: StepContext): boolean {
  return context.redactor.redact(value) !== value
}

/** Not through a link: the file is another account's, perhaps. */
async function readPlainFile(path: string): Promise<string> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW)
  try {
    return await file.readFile('utf8')
  } finally {
    await file.close()
  }
}
