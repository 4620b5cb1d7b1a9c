/**
 * The accounts that captured files go back to (S2-051): those of the new system with the same names; with Restore local
 * accounts the missing ones are made anew, with the one password that the step gives. Without it a missing account ends
 * the step before anything is restored.
 */

import type { RestoreUserState } from '../server/sequence/step-types/restore-user-state.ts'
import { isAccountName, type LocalAccount, readLocalAccounts } from './local-accounts.ts'
import { runTool } from './step-command.ts'
import { type StepContext, StepFailed } from './step-context.ts'
import { readTargetFile } from './target-files.ts'

export async function prepareAccount(
  captured: LocalAccount,
  action: RestoreUserState,
  context: StepContext,
): Promise<LocalAccount> {
  const found = await findAccount(captured.name, context)
  if (found !== undefined) return found
  if (!action.restoreLocalAccounts) {
    throw new StepFailed(
      `${captured.name} was captured and has no account here: make it first, or let the step restore local accounts`,
    )
  }
  await makeAccount(captured, action.localAccountPassword, context)
  const made = await findAccount(captured.name, context)
  if (made === undefined) throw new StepFailed(`the account ${captured.name} was made, and is not there`)
  return made
}

async function findAccount(name: string, { target }: StepContext): Promise<LocalAccount | undefined> {
  const passwd = await readTargetFile(target.root, 'etc/passwd')
  const group = await readTargetFile(target.root, 'etc/group')
  return readLocalAccounts(passwd, group).find((account) => account.name === name)
}

async function makeAccount(captured: LocalAccount, password: string, context: StepContext): Promise<void> {
  const { name, uid, comment, home, shell } = captured
  if (!isAccountName(name)) throw new StepFailed(`${JSON.stringify(name)} cannot be an account`)
  const { root } = context.target
  const inside: readonly string[] = root === '/' ? [] : ['chroot', root]
  const passwd = await readTargetFile(root, 'etc/passwd')
  const isFree = !passwd.split('\n').some((line) => line.split(':')[2] === String(uid))
  const known = (await readTargetFile(root, 'etc/group')).split('\n').map((line) => line.split(':')[0] ?? '')
  const groups = captured.groups.filter((group) => known.includes(group))
  const words = [
    ...(isFree ? ['--uid', String(uid)] : []),
    '--user-group',
    '--no-create-home',
    `--home-dir=${home}`,
    `--shell=${shell === '' ? '/bin/sh' : shell}`,
    ...(comment === '' ? [] : ['--comment', comment]),
    ...(groups.length === 0 ? [] : ['--groups', groups.join(',')]),
  ]
  await runInside(context, [...inside, 'useradd', ...words, '--', name])
  await runInside(context, [...inside, 'chpasswd'], `${name}:${password}\n`)
}

async function runInside(context: StepContext, words: readonly string[], input = ''): Promise<void> {
  const [program = '', ...rest] = words
  await runTool(context, [program, ...rest], input)
}
