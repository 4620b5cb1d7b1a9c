/**
 * Run Command Line (S2-010 to S2-013, S1-018): what the line does is what `sh -c` does with it; success codes are the
 * engine's business. Values of secret variables stand in the line, and arguments and environments of processes can be
 * read, so the shell gets it on its standard input (A08). What the line itself gives to programs as arguments, their
 * list shows. The command may set task sequence variables by writing `Name=value` lines to the file named in `REVEILLE_VARIABLES`.
 */

import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Variable, variableValueCharactersMax } from '../../server/sequence/environment.ts'
import type { RunCommandLine } from '../../server/sequence/step-types/run-command-line.ts'
import { type CommandResult, runCommand } from '../command.ts'
import { requireTarget } from '../require-target.ts'
import type { StepContext, StepResult } from '../step-context.ts'

export async function runCommandLine(action: RunCommandLine, context: StepContext): Promise<StepResult> {
  await mkdir(context.scratchFolder, { recursive: true, mode: 0o700 })
  const folder = await mkdtemp(join(context.scratchFolder, 'command-'))
  try {
    const file = join(folder, 'variables')
    await writeFile(file, '', { mode: 0o600 })
    const result = await runIn(action, context, file)
    const isSuccess = action.successCodes.includes(result.exitCode)
    return {
      exitCode: result.exitCode,
      message: isSuccess ? '' : messageOf(result),
      variables: [...outputVariables(action, result, context), ...readVariables(await readFile(file, 'utf8'), context)],
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function runIn(action: RunCommandLine, context: StepContext, file: string): Promise<CommandResult> {
  const { commandLine, inTargetSystem } = action
  const workingDirectory = action.workingDirectory === '' ? '/' : action.workingDirectory
  const common = {
    environment: { REVEILLE_VARIABLES: file },
    onLine: context.output,
    redaction: () => context.redactor.stream(),
    signal: context.signal,
  }
  if (!inTargetSystem || context.where === 'installed-system') {
    return runCommand({ program: 'sh', arguments: ['-c', readAndRun], workingDirectory, input: commandLine, ...common })
  }
  const root = await requireTarget(context)
  // The scratch folder lies below /run, which is the same inside.
  await context.target.bindSystemFolders()
  const input = `cd -- '${workingDirectory.replaceAll("'", "'\\''")}' || exit\n${commandLine}`
  return runCommand({ program: 'chroot', arguments: [root, '/bin/sh', '-c', readAndRun], input, ...common })
}

/**
 * The line finds an empty standard input, as it would behind `sh -c`, no positional parameters, and itself in no
 * variable. Without `cat` nothing runs, and the step fails.
 */
const readAndRun = `reveille_line=$(cat) || exit
set -- "$reveille_line"
unset reveille_line
exec </dev/null
eval "shift; $1"`

function messageOf({ exitCode, tail }: CommandResult): string {
  return `The command ended with exit code ${exitCode}${tail === '' ? ', and printed nothing.' : `: ${tail}`}`
}

/** A value that holds a secret is one too (S1-071). */
function asVariable(name: string, value: string, context: StepContext): Variable {
  return { name, value, secret: context.redactor.redact(value) !== value }
}

function outputVariables(action: RunCommandLine, result: CommandResult, context: StepContext): readonly Variable[] {
  const { outputVariable = '' } = action
  if (outputVariable === '') return []
  const value = result.stdout.trimEnd().slice(0, variableValueCharactersMax)
  return [asVariable(outputVariable, value, context)]
}

function readVariables(text: string, context: StepContext): readonly Variable[] {
  return text.split('\n').flatMap((line) => {
    const equals = line.indexOf('=')
    return equals < 1 ? [] : [asVariable(line.slice(0, equals), line.slice(equals + 1), context)]
  })
}
