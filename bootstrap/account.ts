/**
 * The account that a step runs as (S2-006, S2-009, S2-012). In the boot image there is none, and the step fails. In the
 * installed Linux system the account has to exist, and no password is needed, because the client is root: the one in the
 * step is for Windows, and goes nowhere. Programs run by setpriv (util-linux), with the account's own environment.
 */

import { type RunAs, type RunAsKind, runAsUserVariable } from '../server/sequence/step-types/run-as.ts'
import { runCommand } from './command.ts'
import { runTool } from './step-command.ts'
import { type StepContext, StepFailed } from './step-context.ts'

export interface Account {
  readonly name: string
  readonly user: number
  readonly group: number
}

/** Undefined: the step runs as root. */
export async function findAccount(action: RunAs, kind: RunAsKind, context: StepContext): Promise<Account | undefined> {
  const isForced = context.variable(runAsUserVariable(kind)).trim().toLowerCase() === 'true'
  if (!action.runAsUser && !isForced) return undefined
  const { userName: name = '' } = action
  if (name === '') {
    throw new StepFailed(`${runAsUserVariable(kind)} is set, and ${kind}UserName does not name an account`)
  }
  if (context.where === 'boot-image') {
    throw new StepFailed(`the boot image has no accounts, so the step cannot run as ${name}: put it after the restart`)
  }
  const user = await ask('-u', name)
  const group = await ask('-g', name)
  if (user === undefined || group === undefined) throw new StepFailed(`this system does not have the account ${name}`)
  return { name, user, group }
}

/** The program as this account. Its environment is the account's own, and what `keep` names. */
export function asAccount(
  account: Account,
  words: readonly string[],
  keep: Readonly<Record<string, string>>,
): readonly [string, ...string[]] {
  const { user, group } = account
  const kept = Object.entries(keep).map(([name, value]) => `${name}=${value}`)
  const identity = [`--reuid=${user}`, `--regid=${group}`, '--init-groups', '--reset-env']
  return ['setpriv', ...identity, 'env', ...kept, ...words]
}

/** The account may read and run what is in the folder, and change nothing. */
export async function openToAccount(context: StepContext, folder: string, { group }: Account): Promise<void> {
  await runTool(context, ['chgrp', '-R', String(group), folder])
  await runTool(context, ['chmod', '-R', 'g+rX,g-w', folder])
}

async function ask(option: '-u' | '-g', name: string): Promise<number | undefined> {
  const { stdout, exitCode } = await runCommand({ program: 'id', arguments: [option, '--', name] })
  return exitCode === 0 && /^[0-9]+$/.test(stdout.trim()) ? Number(stdout.trim()) : undefined
}
