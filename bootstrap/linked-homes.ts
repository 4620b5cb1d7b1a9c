/**
 * User state that stays where it is (S2-050, hard links): each folder of a person is linked, file by file, into a store on
 * the same volume, which Apply Operating System Image leaves alone (`_SMSTSUserStatePath`). Nothing is copied and nothing
 * is encrypted; the store is for root only. The place that is named may hold other things, even the folders themselves, so
 * everything of this is in one folder of its own there. Once a new system is applied, the links are all that is left of the
 * files: they are removed only while the system that has the files is still the one that was recorded (machine-id(5)).
 */

import { chmod, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { isFields } from './decode-answer.ts'
import { keepAside } from './home-archive.ts'
import { isAccountName, type LocalAccount } from './local-accounts.ts'
import { tryTool } from './step-command.ts'
import { type StepContext, StepFailed } from './step-context.ts'
import { hasTargetFile, makeTargetFolder, readTargetFile, writeTargetFile } from './target-files.ts'

const storeFolder = 'reveille-linked-homes'
const recordName = 'accounts.json'
const homesName = 'homes'

interface LinkRecord {
  /** Of the system whose folders hold the linked files; '' when it does not say. */
  readonly machineId: string
  readonly accounts: readonly LocalAccount[]
}

/** Undefined: the folder holds no links, or not all of them. */
export async function readLinkedAccounts(root: string, path: string): Promise<readonly LocalAccount[] | undefined> {
  return (await readRecord(root, path))?.accounts
}

/** After all folders are linked, and again after all went back: from then on this system has the files too. */
export async function keepLinkedAccounts(root: string, path: string, accounts: readonly LocalAccount[]): Promise<void> {
  const record: LinkRecord = { machineId: await machineIdOf(root), accounts }
  await writeTargetFile(root, join(path, storeFolder, recordName), `${JSON.stringify(record)}\n`, 0o600)
}

/** What an earlier capture of the same system has left goes. Links that may be the only ones stay, and the step fails. */
export async function emptyLinkStore(root: string, path: string): Promise<void> {
  const record = await readRecord(root, path)
  if (record !== undefined && (record.machineId === '' || record.machineId !== (await machineIdOf(root)))) {
    const place = `/${path}/${storeFolder}`
    throw new StepFailed(
      `${place} holds files that were captured from another system and not restored completely: restore them, or remove the folder`,
    )
  }
  const store = await makeTargetFolder(root, join(path, storeFolder))
  await chmod(store, 0o700)
  // The record first: links without it were never complete.
  await rm(join(store, recordName), { force: true })
  await rm(join(store, homesName), { recursive: true, force: true })
}

/** Links of a capture, complete or not. */
export async function hasLinkStore(root: string, path: string): Promise<boolean> {
  return hasTargetFile(root, join(path, storeFolder))
}

export interface LinkedHome {
  readonly root: string
  /** Of the store, below the root. */
  readonly path: string
  readonly home: string
  readonly name: string
}

/** Codes other than 0 are those of cp: what could be linked is. */
export async function linkHome({ root, path, home, name }: LinkedHome, context: StepContext): Promise<number> {
  const homes = await makeTargetFolder(root, join(path, storeFolder, homesName))
  if ((await stat(home)).dev !== (await stat(homes)).dev) {
    throw new StepFailed(`hard links need a store on the volume of ${home}: put OSDStateStorePath there`)
  }
  const words = ['--one-file-system', '--no-target-directory', home, join(homes, name)]
  return linkFiles(words, context)
}

export async function unlinkHome({ root, path, home, name }: LinkedHome, context: StepContext): Promise<number> {
  const place = join(await makeTargetFolder(root, join(path, storeFolder, homesName)), name)
  const words = ['--no-target-directory', keepAside, place, home]
  return linkFiles(words, context)
}

async function linkFiles(words: readonly string[], context: StepContext): Promise<number> {
  return (await tryTool(context, ['cp', '--archive', '--link', ...words])).exitCode
}

async function readRecord(root: string, path: string): Promise<LinkRecord | undefined> {
  const text = await readTargetFile(root, join(path, storeFolder, recordName))
  if (text === '') return undefined
  const record = decodeRecord(text)
  if (record === undefined)
    throw new StepFailed(`/${join(path, storeFolder, recordName)} cannot be read: it was changed or damaged`)
  return record
}

function decodeRecord(text: string): LinkRecord | undefined {
  try {
    const parsed: unknown = JSON.parse(text)
    if (!isFields(parsed) || typeof parsed['machineId'] !== 'string' || !Array.isArray(parsed['accounts'])) {
      return undefined
    }
    const entries: readonly unknown[] = parsed['accounts']
    const accounts = entries.filter(
      (entry): entry is LocalAccount => isFields(entry) && isAccountName(String(entry['name'])),
    )
    return { machineId: parsed['machineId'], accounts }
  } catch {
    return undefined
  }
}

async function machineIdOf(root: string): Promise<string> {
  return (await readTargetFile(root, 'etc/machine-id')).trim()
}
