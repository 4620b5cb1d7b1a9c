/**
 * Where captured user state goes: `OSDStateStorePath` names a store of the site (`state-store:ID`, set by Request State
 * Store) or a folder of the machine's own (S2-049, S2-050). Both take sealed chunks, and give them back.
 */

import { randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { open, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { StateStorePurpose } from '../server/contract/agent.ts'
import { captureBegunVariable, stateStorePathVariable } from '../server/sequence/step-types/state-store-path.ts'
import { type StepContext, StepFailed } from './step-context.ts'
import { listTargetFolder, makeTargetFolder } from './target-files.ts'

/** What the site answers; failures are rejections that say what to do. */
export interface StateStoreSite {
  /** Undefined: no state was captured for this computer, so there is none to restore. */
  request(purpose: StateStorePurpose): Promise<string | undefined>
  open(storeId: string, purpose: StateStorePurpose): Promise<{ readonly key: Uint8Array; readonly chunks: number }>
  putChunk(storeId: string, index: number, octets: Buffer): Promise<void>
  getChunk(storeId: string, index: number): Promise<Buffer>
  captured(storeId: string, chunks: number): Promise<void>
  release(storeId: string): Promise<void>
}

export interface StateStore {
  readonly key: Uint8Array
  /** How many there are; 0 before the capture. */
  readonly chunks: number
  putChunk(index: number, octets: Buffer): Promise<void>
  getChunk(index: number): Promise<Buffer>
  /** All chunks are there. */
  captured(chunks: number): Promise<void>
}

export type StatePlace =
  /** Asked for a restore, the site had never got anything of this computer. */
  | { readonly kind: 'none' }
  | { readonly kind: 'site'; readonly storeId: string }
  /** Below the root of the system. */
  | { readonly kind: 'folder'; readonly path: string }

const sitePrefix = 'state-store:'
/** The number of a store is none. */
const noStore = 'none'

/** What the log says instead of what was restored. */
export const nothingToRestore = 'no user state was captured for this computer, so nothing is restored'

/** What a restore says where this run's own capture came to nothing: an older one would pass for it. */
export const ownCaptureLost =
  'this run has begun to capture user state and did not complete it, so what was captured earlier is not restored in its place'

export function hasBegunCapture({ variable }: Pick<StepContext, 'variable'>): boolean {
  return variable(captureBegunVariable) !== ''
}

export function printSiteStore(storeId = noStore): string {
  return `${sitePrefix}${storeId}`
}

export function namesSiteStore({ variable }: Pick<StepContext, 'variable'>): boolean {
  const text = variable(stateStorePathVariable).trim()
  return text.startsWith(sitePrefix) && text !== printSiteStore()
}

export function requirePlace(context: Pick<StepContext, 'variable'>): StatePlace {
  const text = context.variable(stateStorePathVariable).trim()
  if (text === '') {
    throw new StepFailed(
      `${stateStorePathVariable} is not set: a Request State Store step must come first, or the variable names a folder`,
    )
  }
  if (text === printSiteStore()) return { kind: 'none' }
  if (text.startsWith(sitePrefix)) return { kind: 'site', storeId: text.slice(sitePrefix.length) }
  const names = text.split('/').filter((name) => name !== '' && name !== '.')
  if (!text.startsWith('/')) {
    throw new StepFailed(
      `${stateStorePathVariable} is ${text}: give a folder such as /var/user-state, or a state store`,
    )
  }
  if (names.length === 0 || names.includes('..')) {
    throw new StepFailed(`${stateStorePathVariable} is ${text}: a folder of its own is needed, not a root folder`)
  }
  return { kind: 'folder', path: names.join('/') }
}

/** Of a folder: the key is a secret of the run. */
export const folderKeyVariable = 'OSDStateStoreKey'

export function makeFolderKey(): string {
  return randomBytes(32).toString('base64')
}

/** For a capture it is empty afterwards; for a restore it stays as it is. */
export async function openSiteStore(
  storeId: string,
  purpose: StateStorePurpose,
  { stateStores }: Pick<StepContext, 'stateStores'>,
): Promise<StateStore> {
  const { key, chunks } = await stateStores.open(storeId, purpose)
  return {
    key,
    chunks,
    putChunk: (index, octets) => stateStores.putChunk(storeId, index, octets),
    getChunk: (index) => stateStores.getChunk(storeId, index),
    captured: (count) => stateStores.captured(storeId, count),
  }
}

const chunkName = /^[0-9]{8}\.chunk$/
const completeName = 'complete'

export async function openFolderStore(root: string, path: string, keyText: string): Promise<StateStore> {
  const key = Buffer.from(keyText, 'base64')
  if (key.length !== 32) {
    throw new StepFailed(`${folderKeyVariable} holds no key, so what was captured into /${path} cannot be read`)
  }
  const folder = await makeTargetFolder(root, path)
  const names = await readdir(folder)
  const isComplete = names.includes(completeName)
  return {
    key,
    chunks: isComplete ? names.filter((name) => chunkName.test(name)).length : 0,
    putChunk: async (index, octets) => writeNew(join(folder, nameOf(index)), octets),
    getChunk: async (index) => readPlain(join(folder, nameOf(index))),
    captured: async () => writeNew(join(folder, completeName), Buffer.alloc(0)),
  }
}

/** Anything of a capture, complete or not. The folder is not made. */
export async function hasFolderStore(root: string, path: string): Promise<boolean> {
  return (await listTargetFolder(root, path)).some((name) => chunkName.test(name) || name === completeName)
}

/** What an earlier try has left. Anything else in the folder is somebody's, and stays. */
export async function emptyFolderStore(root: string, path: string): Promise<void> {
  const folder = await makeTargetFolder(root, path)
  for (const name of await readdir(folder)) {
    if (chunkName.test(name) || name === completeName) await rm(join(folder, name))
  }
}

function nameOf(index: number): string {
  return `${String(index).padStart(8, '0')}.chunk`
}

async function writeNew(path: string, octets: Buffer): Promise<void> {
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW
  const file = await open(path, flags, 0o600)
  try {
    await file.writeFile(octets)
    await file.sync()
  } finally {
    await file.close()
  }
}

async function readPlain(path: string): Promise<Buffer> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW)
  try {
    return await file.readFile()
  } finally {
    await file.close()
  }
}
