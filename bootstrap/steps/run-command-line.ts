/**
 * Run Command Line (S2-002 to S2-009, S1-018): what the line does is what `sh -c` does with it, or bash or Python. Values
 * of secret variables stand in the line, and arguments and environments of processes can be read, so the line comes on
 * standard input (A08). What the line itself gives to programs as arguments, their list shows. The command may set task
 * sequence variables by writing `Name=value` lines to the file named in `REVEILLE_VARIABLES`.
 */

import { isAbsolute, join } from 'node:path'
import type { RunCommandLine } from '../../server/sequence/step-types/run-command-line.ts'
import { type Account, findAccount, openToAccount } from '../account.ts'
import { type CustomCommand, runCustomCommand } from '../custom-command.ts'
import { fetchContent, findContent, workingFolder } from '../package-content.ts'
import { readAndRun } from '../read-and-run.ts'
import { requireTarget } from '../require-target.ts'
import type { StepContext, StepResult } from '../step-context.ts'

export async function runCommandLine(action: RunCommandLine, context: StepContext): Promise<StepResult> {
  const account = await findAccount(action, 'SMSTSRunCommandLine', context)
  const isHidden = context.variable('OSDDoNotLogCommand').trim().toLowerCase() === 'true'
  context.output('log', isHidden ? 'the command line is not shown' : context.redactor.redact(action.commandLine))
  if (action.disable64BitRedirection) context.output('log', 'there is no 64-bit redirection on Linux')
  const root = action.inTargetSystem && context.where === 'boot-image' ? await requireTarget(context) : undefined
  const base = await startFolder(action, context, account)
  const { successCodes, outputVariable } = action
  const common = { account, successCodes, outputVariable }
  if (root === undefined) {
    const workingDirectory = inFolder(base, action.workingDirectory)
    const words = [action.shell, '-c', readAndRun[action.shell]] as const
    return runCustomCommand({ words, input: action.commandLine, workingDirectory, ...common }, context)
  }
  // The scratch folder lies below /run, which is the same inside.
  await context.target.bindSystemFolders()
  const inside = base.startsWith(root) ? base.slice(root.length) : base
  const there = { root, workingDirectory: inFolder(inside, action.workingDirectory) }
  return runCustomCommand({ ...insideTarget(action, there), ...common }, context)
}

async function startFolder(
  { packageId }: RunCommandLine,
  context: StepContext,
  account: Account | undefined,
): Promise<string> {
  if (packageId === undefined) return '/'
  const parent = await workingFolder(context)
  const folder = await fetchContent(context, findContent(context, packageId, 'package'), { parent })
  if (account !== undefined) await openToAccount(context, folder, account)
  return folder
}

function inFolder(folder: string, path: string): string {
  return isAbsolute(path) ? path : join(folder, path)
}

/** The first line says where: that place may have a name which nobody is to read either. */
function insideTarget(
  { shell, commandLine }: RunCommandLine,
  { root, workingDirectory }: { readonly root: string; readonly workingDirectory: string },
): Pick<CustomCommand, 'words' | 'input' | 'workingDirectory'> {
  const enter = 'IFS= read -r place && cd -- "$place" || exit; unset place PWD; exec "$@"'
  return {
    words: ['chroot', root, '/bin/sh', '-c', enter, 'sh', shell, '-c', readAndRun[shell]],
    input: `${workingDirectory}\n${commandLine}`,
    workingDirectory: '/',
  }
}
