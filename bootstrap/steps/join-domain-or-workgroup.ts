/**
 * Join Domain or Workgroup (S2-014, S2-015) in the installed system. Linux joins a domain by realmd; a workgroup is a thing
 * of Windows. A computer that is in the domain already stays as it is, its organizational unit too.
 */

import { restartExitCode } from '../../server/sequence/restart-request.ts'
import type { JoinDomainOrWorkgroup } from '../../server/sequence/step-types/join-domain-or-workgroup.ts'
import { type CommandResult, runCommand } from '../command.ts'
import { findProgram } from '../find-program.ts'
import { type JoinCommand, parseRealmNames, planRealmJoin, planWindowsJoin } from '../join-domain.ts'
import { tryTool } from '../step-command.ts'
import { type StepContext, StepFailed, type StepResult, stepSucceeded } from '../step-context.ts'

export async function joinDomainOrWorkgroup(action: JoinDomainOrWorkgroup, context: StepContext): Promise<StepResult> {
  const hasChanged =
    process.platform === 'win32' ? await joinOnWindows(action, context) : await joinOnLinux(action, context)
  return hasChanged && !action.skipRestart ? { ...stepSucceeded, exitCode: restartExitCode } : stepSucceeded
}

async function joinOnWindows(action: JoinDomainOrWorkgroup, context: StepContext): Promise<boolean> {
  const result = await join(planWindowsJoin(action), context)
  if (result.exitCode !== 0 && result.exitCode !== restartExitCode) throw failureOf(action, result)
  return result.exitCode === restartExitCode
}

async function joinOnLinux(action: JoinDomainOrWorkgroup, context: StepContext): Promise<boolean> {
  const { joinType, domainName } = action
  if (joinType === 'workgroup') {
    throw new StepFailed(
      'workgroups are a thing of Windows, and this system is Linux: remove the step, or join a domain',
    )
  }
  if ((await findProgram('realm')) === undefined) {
    throw new StepFailed(`realm, which joins ${domainName}, is not installed: install realmd before this step`, 127)
  }
  const list = await runCommand({ program: 'realm', arguments: ['list', '--name-only'], signal: context.signal })
  if (list.exitCode !== 0) throw failureOf(action, list)
  const [member, ...more] = parseRealmNames(list.stdout)
  if ([member, ...more].includes(domainName.toLowerCase())) {
    context.output('log', `this computer is a member of ${domainName} already`)
    return false
  }
  if (member !== undefined) {
    throw new StepFailed(
      `this computer is a member of ${member}: let it leave that domain before it joins ${domainName}`,
    )
  }
  const result = await join(planRealmJoin(action), context)
  if (result.exitCode !== 0) throw failureOf(action, result)
  return true
}

async function join({ words, input }: JoinCommand, context: StepContext): Promise<CommandResult> {
  return tryTool(context, words, input)
}

function failureOf(action: JoinDomainOrWorkgroup, { exitCode, tail }: CommandResult): StepFailed {
  const where = action.joinType === 'domain' ? action.domainName : action.workgroupName
  return new StepFailed(`joining ${where} failed: ${tail === '' ? `exit code ${exitCode}` : tail}`, exitCode)
}
