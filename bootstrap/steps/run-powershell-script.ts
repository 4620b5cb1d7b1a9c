/**
 * Run PowerShell Script (S2-010 to S2-013) with `pwsh`, where this system has it. PowerShell on Linux takes an execution
 * policy and does not hold to it. Parameters are not logged unless `OSDLogPowerShellParameters` says so.
 */

import { chown, rm, stat, writeFile } from 'node:fs/promises'
import { isAbsolute, join } from 'node:path'
import type { RunPowershellScript } from '../../server/sequence/step-types/run-powershell-script.ts'
import { type Account, findAccount, openToAccount } from '../account.ts'
import { makeStepFolder, maskForLog, runCustomCommand } from '../custom-command.ts'
import { findProgram } from '../find-program.ts'
import { fetchContent, findContent, workingFolder } from '../package-content.ts'
import { powershellArguments, printScriptCall, printScriptFile } from '../powershell-script.ts'
import { type StepContext, StepFailed, type StepResult } from '../step-context.ts'

export async function runPowershellScript(action: RunPowershellScript, context: StepContext): Promise<StepResult> {
  const account = await findAccount(action, 'SMSTSRunPowerShell', context)
  const program = await findProgram('pwsh')
  if (program === undefined) {
    const place = context.where === 'boot-image' ? 'boot image' : 'installed system'
    throw new StepFailed(`the ${place} has no PowerShell (pwsh): install it, or use Run Command Line`, 127)
  }
  const scratch = await makeStepFolder(context, account)
  try {
    const script = await placeScript(action, { scratch, account, context })
    const { parameters, successCodes, outputVariable, workingDirectory } = action
    logCall(action, context)
    const start = isAbsolute(workingDirectory) ? workingDirectory : join(script.folder, workingDirectory)
    return await runCustomCommand(
      {
        words: [program, ...powershellArguments(action.executionPolicy)],
        input: printScriptCall(script.file, parameters),
        workingDirectory: start,
        account,
        successCodes,
        outputVariable,
      },
      context,
    )
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

interface Parts {
  /** A folder of this step alone. */
  readonly scratch: string
  readonly account: Account | undefined
  readonly context: StepContext
}

async function placeScript(
  { packageId, scriptName, script }: RunPowershellScript,
  { scratch, account, context }: Parts,
): Promise<{ readonly file: string; readonly folder: string }> {
  if (packageId === undefined) {
    const file = join(scratch, 'script.ps1')
    await writeFile(file, printScriptFile(script), { mode: 0o600 })
    if (account !== undefined) await chown(file, account.user, account.group)
    return { file, folder: '/' }
  }
  const parent = await workingFolder(context)
  const folder = await fetchContent(context, findContent(context, packageId, 'package'), { parent })
  const file = join(folder, scriptName.replaceAll('\\', '/'))
  const status = await stat(file).catch(() => undefined)
  if (status?.isFile() !== true) throw new StepFailed(`the package ${packageId} has no script ${scriptName}`)
  if (account !== undefined) await openToAccount(context, folder, account)
  return { file, folder }
}

function logCall({ scriptName, parameters, executionPolicy }: RunPowershellScript, context: StepContext): void {
  const isShown = context.variable('OSDLogPowerShellParameters').trim().toLowerCase() === 'true'
  const shown = parameters === '' ? '' : isShown ? ` ${maskForLog(parameters, context)}` : ' (parameters not shown)'
  context.output('log', `${scriptName === '' ? 'code of the step' : scriptName}${shown}`)
  if (executionPolicy !== 'bypass') context.output('log', 'PowerShell holds to its execution policy on Windows only')
}
