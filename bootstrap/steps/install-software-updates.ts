/**
 * Install Software Updates (S2-038, S2-039) by the package manager of the installed system: apt-get, dnf or zypper. On
 * Linux "mandatory" are the updates of the security sources. A restart is asked for when the system says that it needs one.
 */

import { access, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { restartExitCode } from '../../server/sequence/restart-request.ts'
import type { InstallSoftwareUpdates } from '../../server/sequence/step-types/install-software-updates.ts'
import { type CommandResult, runCommand } from '../command.ts'
import { findProgram } from '../find-program.ts'
import {
  type PackageManager,
  packageManagers,
  parseSecurityUpdates,
  quietEnvironment,
  scanWords,
  simulationWords,
  updateWords,
  type Words,
  zypperExitCodes,
} from '../software-updates.ts'
import { type StepContext, StepFailed, type StepResult } from '../step-context.ts'

export async function installSoftwareUpdates(
  action: InstallSoftwareUpdates,
  context: StepContext,
): Promise<StepResult> {
  const manager = await findManager()
  if (manager !== 'apt-get' || !action.useCachedScan || !(await hasAptLists())) await scan(manager, action, context)
  const needsRestart = await update(manager, action, context)
  return { exitCode: needsRestart ? restartExitCode : 0, message: '', variables: [] }
}

async function findManager(): Promise<PackageManager> {
  for (const manager of packageManagers) if ((await findProgram(manager)) !== undefined) return manager
  throw new StepFailed(`this system has none of ${packageManagers.join(', ')}, so nothing can update it`, 127)
}

async function scan(
  manager: PackageManager,
  { scanTimeoutSeconds, useCachedScan }: InstallSoftwareUpdates,
  context: StepContext,
): Promise<void> {
  // dnf and zypper know by themselves when their lists are too old.
  if (manager !== 'apt-get' && useCachedScan) return
  const limit = AbortSignal.timeout(scanTimeoutSeconds * 1_000)
  const result = await run(scanWords[manager], context, AbortSignal.any([limit, context.signal]))
  if (limit.aborted) throw new StepFailed(`fetching the lists of updates took longer than ${scanTimeoutSeconds} s`)
  refuse(result, scanWords[manager], [0])
}

/** Whether a restart is needed now. */
async function update(
  manager: PackageManager,
  { target }: InstallSoftwareUpdates,
  context: StepContext,
): Promise<boolean> {
  if (manager === 'apt-get') {
    const security = target === 'all' ? [] : await findSecurityUpdates(context)
    if (target === 'all' || security.length > 0) {
      const words = updateWords(manager, target, security)
      refuse(await runApt(words, context), words, [0])
    }
    return isRestartMarked(context)
  }
  const words = updateWords(manager, target)
  const result = await run(words, context)
  if (manager === 'dnf') {
    refuse(result, words, [0])
    const { stdout } = await run(['dnf', 'needs-restarting', '-r'], context)
    return /reboot is required/i.test(stdout) || isRestartMarked(context)
  }
  const { restartNeeded, runAgain } = zypperExitCodes
  // zypper updates itself first, and then wants to be started anew.
  const last = result.exitCode === runAgain ? await run(words, context) : result
  refuse(last, words, [0, restartNeeded, runAgain])
  return last.exitCode === restartNeeded || isRestartMarked(context)
}

/** A restart in the middle leaves packages half-made, and apt asks for them to be finished first. */
async function runApt(words: Words, context: StepContext): Promise<CommandResult> {
  const result = await run(words, context)
  if (result.exitCode === 0 || !result.tail.includes('dpkg --configure -a')) return result
  await run(['dpkg', '--configure', '-a', '--force-confdef', '--force-confold'], context)
  return run(words, context)
}

async function findSecurityUpdates(context: StepContext): Promise<readonly string[]> {
  const result = await run(simulationWords, context)
  refuse(result, simulationWords, [0])
  const found = parseSecurityUpdates(result.stdout)
  context.output('log', `${found.length} security updates`)
  return found
}

async function hasAptLists(): Promise<boolean> {
  const { stdout } = await runCommand({ program: 'apt-config', arguments: ['shell', 'lists', 'Dir::State::lists/d'] })
  const folder = /^lists='(.*)'$/m.exec(stdout)?.[1]
  const names = folder === undefined ? [] : await readdir(folder).catch(() => [])
  return names.some((name) => /_Packages(?:\.\w+)?$/.test(name))
}

/** Debian and Ubuntu: made by packages such as the kernel's. */
async function isRestartMarked({ target }: StepContext): Promise<boolean> {
  return access(join(target.root, 'run/reboot-required')).then(
    () => true,
    () => false,
  )
}

async function run(words: Words, context: StepContext, signal = context.signal): Promise<CommandResult> {
  const [program, ...rest] = words
  return runCommand({
    program,
    arguments: rest,
    environment: quietEnvironment,
    signal,
    onLine: context.output,
    redaction: () => context.redactor.stream(),
  })
}

function refuse({ exitCode, tail }: CommandResult, [program]: Words, good: readonly number[]): void {
  if (good.includes(exitCode)) return
  throw new StepFailed(
    `${program} could not update the system: ${tail === '' ? `exit code ${exitCode}` : tail}`,
    exitCode,
  )
}
