/**
 * Restore User State (S2-051) in an installed Linux: captured files go back to the accounts of the same names, with the
 * numbers that these have now. What stands in a folder already is kept beside (`NAME.~1~`). Nothing is restored
 * before each chunk was found to be what was captured.
 */

import type { RestoreUserState } from '../../server/sequence/step-types/restore-user-state.ts'
import { leftOutCodes, type Unpacking, unpackHome } from '../home-archive.ts'
import { hasLinkStore, keepLinkedAccounts, readLinkedAccounts, unlinkHome } from '../linked-homes.ts'
import { homeBelow, type LocalAccount } from '../local-accounts.ts'
import { prepareAccount } from '../restored-accounts.ts'
import { openParts, StateFault } from '../state-frames.ts'
import {
  folderKeyVariable,
  hasBegunCapture,
  hasFolderStore,
  nothingToRestore,
  openFolderStore,
  openSiteStore,
  ownCaptureLost,
  requirePlace,
  type StateStore,
} from '../state-store.ts'
import { runTool } from '../step-command.ts'
import { type StepContext, StepFailed, type StepResult, stepSucceeded } from '../step-context.ts'
import { makeTargetFolder } from '../target-files.ts'
import { userStatePathVariable } from '../user-state-folder.ts'
import { loadstateCommandLine } from '../usmt.ts'
import { isWindows } from '../windows-target.ts'

export async function restoreUserState(action: RestoreUserState, context: StepContext): Promise<StepResult> {
  const place = requirePlace(context)
  if (place.kind === 'none') return nothingRestored(context)
  const { root } = context.target
  if (await isWindows(root)) {
    const shown = { ...action, localAccountPassword: '%PASSWORD%' }
    const line = loadstateCommandLine(shown, {
      tool: '%USMT%',
      store: '%OSDStateStorePath%',
      keyFile: '%KEY%',
      log: '%LOG%',
    })
    throw new StepFailed(`the users of a Windows are restored in Windows only, by: ${line}`)
  }
  if (action.mode === 'advanced') {
    throw new StepFailed(
      'all that was captured is restored here: choose the mode simple, and settings files at the capture',
    )
  }
  if (place.kind === 'folder' && (await wasNeverCaptured(place.path, context))) return nothingRestored(context)
  const linked = place.kind === 'folder' ? await readLinkedAccounts(root, place.path) : undefined
  if (linked !== undefined && place.kind === 'folder') {
    await restoreLinks(linked, place.path, { action, context })
    return stepSucceeded
  }
  const store =
    place.kind === 'site'
      ? await openSiteStore(place.storeId, 'restore', context)
      : await openFolderStore(root, place.path, context.variable(folderKeyVariable))
  if (store.chunks === 0) throw new StepFailed('nothing was captured into this state store, or not all of it')
  await readAll(store, { action, context })
  return stepSucceeded
}

function nothingRestored({ output }: StepContext): StepResult {
  output('log', nothingToRestore)
  return stepSucceeded
}

/** This run captured nothing into a folder, as one of a machine that was bare does not, and no earlier one left any. */
async function wasNeverCaptured(path: string, { variable, target: { root } }: StepContext): Promise<boolean> {
  if (variable(userStatePathVariable) !== '') return false
  if (hasBegunCapture({ variable })) throw new StepFailed(ownCaptureLost)
  return !(await hasFolderStore(root, path)) && !(await hasLinkStore(root, path))
}

interface Restore {
  readonly action: RestoreUserState
  readonly context: StepContext
}

async function readAll(store: StateStore, { action, context }: Restore): Promise<void> {
  // The accounts come first, so that a missing one is found before any file is written.
  const accounts = new Map<string, LocalAccount>()
  for (const captured of await capturedAccounts(store, context)) {
    accounts.set(captured.name, await prepareAccount(captured, action, context))
  }
  let current: { readonly captured: LocalAccount; readonly unpacking: Unpacking } | undefined
  try {
    for await (const part of openParts(chunksOf(store, 'Restoring', context), store.key)) {
      if (part.kind === 'account') current = await beginHome(part.account, accounts, { action, context })
      else if (part.kind === 'data') await current?.unpacking.write(part.octets)
      else if (current !== undefined) {
        const { captured, unpacking } = current
        current = undefined
        await endHome(
          { captured, account: accounts.get(captured.name), exitCode: await unpacking.end() },
          { action, context },
        )
      }
    }
  } catch (error) {
    if (current !== undefined) {
      await current.unpacking.end()
      await giveTo(accounts.get(current.captured.name), current.captured, context)
    }
    throw error instanceof StateFault ? new StepFailed(error.message) : error
  }
}

async function capturedAccounts(store: StateStore, context: StepContext): Promise<readonly LocalAccount[]> {
  const found: LocalAccount[] = []
  try {
    for await (const part of openParts(chunksOf(store, 'Looking through', context), store.key)) {
      if (part.kind === 'account') found.push(part.account)
    }
  } catch (error) {
    throw error instanceof StateFault ? new StepFailed(`${error.message}: nothing was restored`) : error
  }
  return found
}

async function* chunksOf(store: StateStore, text: string, context: StepContext): AsyncGenerator<Buffer> {
  for (let index = 0; index < store.chunks; index += 1) {
    yield await store.getChunk(index)
    context.progress({ text: `${text} user state`, done: index + 1, total: store.chunks, unit: 'items' })
  }
}

async function beginHome(
  captured: LocalAccount,
  accounts: ReadonlyMap<string, LocalAccount>,
  { action, context }: Restore,
): Promise<{ readonly captured: LocalAccount; readonly unpacking: Unpacking }> {
  const folder = await homeOf(accounts.get(captured.name) ?? captured, context)
  return { captured, unpacking: unpackHome({ folder, verbose: action.verboseLogging }, context) }
}

interface RestoredHome {
  readonly captured: LocalAccount
  readonly account: LocalAccount | undefined
  readonly exitCode: number
}

async function endHome({ captured, account, exitCode }: RestoredHome, { action, context }: Restore): Promise<void> {
  // First of all: files with the old number may belong to another person here.
  await giveTo(account, captured, context)
  if (exitCode !== 0 && !(action.continueOnRestore && leftOutCodes.includes(exitCode))) {
    throw new StepFailed(`the files of ${captured.name} could not be restored completely (code ${exitCode})`)
  }
  context.output('log', `restored ${captured.name}${exitCode === 0 ? '' : `, but for some files (code ${exitCode})`}`)
}

/** Numbers of the old system, where they are others now. */
async function giveTo(account: LocalAccount | undefined, captured: LocalAccount, context: StepContext): Promise<void> {
  if (account === undefined) return
  const folder = await homeOf(account, context)
  const owner = [folder, '-xdev', '-uid', String(captured.uid), '-exec', 'chown', '-h', String(account.uid), '{}', '+']
  const group = [folder, '-xdev', '-gid', String(captured.gid), '-exec', 'chgrp', '-h', String(account.gid), '{}', '+']
  if (account.uid !== captured.uid) await runTool(context, ['find', ...owner])
  if (account.gid !== captured.gid) await runTool(context, ['find', ...group])
}

async function homeOf({ name, home }: LocalAccount, { target }: StepContext): Promise<string> {
  const path = homeBelow(home)
  if (path === undefined) throw new StepFailed(`${home} cannot be the folder of ${name}`)
  return makeTargetFolder(target.root, path)
}

async function restoreLinks(
  linked: readonly LocalAccount[],
  path: string,
  { action, context }: Restore,
): Promise<void> {
  const prepared: (readonly [LocalAccount, LocalAccount])[] = []
  for (const captured of linked) prepared.push([captured, await prepareAccount(captured, action, context)])
  const { root } = context.target
  let isComplete = true
  for (const [captured, account] of prepared) {
    const home = await homeOf(account, context)
    const exitCode = await unlinkHome({ root, path, home, name: captured.name }, context)
    await endHome({ captured, account, exitCode }, { action, context })
    isComplete &&= exitCode === 0
  }
  if (isComplete) await keepLinkedAccounts(root, path, linked)
}
