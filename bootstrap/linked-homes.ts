/**
 * User state that stays where it is (S2-050, hard links): each folder of a person is linked, file by file, into a store on
 * the same volume, which Apply Operating System Image leaves alone (`_SMSTSUserStatePath`). Nothing is copied and nothing
 * is encrypted; the store is for root only.
 */

import { chmod, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { runCommand } from './command.ts'
import { asideSuffix } from './home-archive.ts'
import { isAccountName, type LocalAccount } from './local-accounts.ts'
import { type StepContext, StepFailed } from './step-context.ts'
import { makeTargetFolder, readTargetFile, writeTargetFile } from './target-files.ts'
import { isFields } from './decode-answer.ts'

const accountsFile = 'linked-accounts.json'

/** Undefined: the folder holds no links. */
export async function readLinkedAccounts(root: string, path: string): Promise<readonly LocalAccount[] | undefined> {
  const text = await readTargetFile(root, join(path, accountsFile))
  if (text === '') return undefined
  const parsed: unknown = JSON.parse(text)
  if (!Array.isArray(parsed)) return undefined
  const entries: readonly unknown[] = parsed
  return entries.filter((entry): entry is LocalAccount => isFields(entry) && isAccountName(String(entry['name'])))
}

/** Codes other than 0 are those of cp: what could be linked is. */
export async function linkHome(
  {
    root,
    path,
    home,
    name,
  }: { readonly root: string; readonly path: string; readonly home: string; readonly name: string },
  context: StepContext,
): Promise<number> {
  const store = await makeTargetFolder(root, path)
  await chmod(store, 0o700)
  const place = join(store, name)
  await rm(place, { recursive: true, force: true })
  const words = ['--archive', '--link', '--one-file-system', '--no-target-directory', home, place]
  const { exitCode, tail } = await runCommand({
    program: 'cp',
    arguments: words,
    signal: context.signal,
    onLine: context.output,
    redaction: () => context.redactor.stream(),
  })
  if (tail.includes('cross-device')) {
    throw new StepFailed(`hard links need a store on the volume of ${home}: put OSDStateStorePath there`)
  }
  return exitCode
}

export async function keepLinkedAccounts(root: string, path: string, accounts: readonly LocalAccount[]): Promise<void> {
  await writeTargetFile(root, join(path, accountsFile), `${JSON.stringify(accounts)}\n`, 0o600)
}

export async function unlinkHome(
  {
    root,
    path,
    home,
    name,
  }: { readonly root: string; readonly path: string; readonly home: string; readonly name: string },
  context: StepContext,
): Promise<number> {
  const place = join(await makeTargetFolder(root, path), name)
  const words = [
    '--archive',
    '--link',
    '--no-target-directory',
    '--backup=simple',
    `--suffix=${asideSuffix}`,
    place,
    home,
  ]
  const { exitCode } = await runCommand({
    program: 'cp',
    arguments: words,
    signal: context.signal,
    onLine: context.output,
    redaction: () => context.redactor.stream(),
  })
  return exitCode
}
