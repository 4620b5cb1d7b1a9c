/**
 * Prepare Windows for Capture (S2-063) in its Linux meaning: the installed system loses what makes it this machine, and the
 * engine is asked to restart into the boot image. On Windows this is sysprep (sysprep.ts).
 */

import type { PrepareWindowsForCapture } from '../../server/sequence/step-types/prepare-windows-for-capture.ts'
import { rebootRequestedVariable } from '../../server/sequence/restart-request.ts'
import { runCommand } from '../command.ts'
import { isLinuxSystem, makeGeneral } from '../general-system.ts'
import { runTool } from '../step-command.ts'
import { type StepContext, StepFailed, type StepResult, variable } from '../step-context.ts'
import { sysprepCommandLine } from '../sysprep.ts'

export async function prepareWindowsForCapture(
  action: PrepareWindowsForCapture,
  context: StepContext,
): Promise<StepResult> {
  const { root } = context.target
  if (process.platform === 'win32' || !(await isLinuxSystem(root))) {
    throw new StepFailed(`this client prepares Linux; on Windows run ${sysprepCommandLine(action)} as a command line`)
  }
  const domain = await joinedDomain(context)
  // A machine account in the image would be that of every machine made from it.
  if (domain !== '') throw new StepFailed(`this system is a member of ${domain}: leave the domain before the capture`)
  for (const path of await makeGeneral(root)) context.output('log', `${path} is of this machine no more`)
  await runTool(context, ['sync'])
  return {
    exitCode: 0,
    message: '',
    variables: [variable('OSDTargetSystemRoot', root), variable(rebootRequestedVariable, 'WinPE')],
  }
}

/** '' when there is none: `realm` is what joins a Linux system to a domain. */
async function joinedDomain({ target, signal }: StepContext): Promise<string> {
  if (target.root !== '/') return ''
  const { stdout, exitCode } = await runCommand({ program: 'realm', arguments: ['list', '--name-only'], signal })
  return exitCode === 0 ? (stdout.trim().split('\n')[0] ?? '') : ''
}
