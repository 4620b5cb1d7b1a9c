/**
 * Capture User State (S2-050): the folders of all people of a Linux, with owners, modes, links and attributes, go into the
 * state store, sealed; or stay where they are, linked into a folder on the same volume. From the boot image it is the
 * system on the disk. Passwords are not captured. A Windows is captured by its own tool, which runs in Windows only.
 */

import { lstat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Variable } from '../../server/sequence/environment.ts'
import type { CaptureUserState } from '../../server/sequence/step-types/capture-user-state.ts'
import { findCapturedAccounts, requireReachableHomes } from '../captured-accounts.ts'
import { leftOutCodes, packHome } from '../home-archive.ts'
import { withInstalledSystem } from '../installed-root.ts'
import { emptyLinkStore, keepLinkedAccounts, linkHome } from '../linked-homes.ts'
import { homeBelow, type LocalAccount } from '../local-accounts.ts'
import { chosenPaths } from '../chosen-paths.ts'
import { sealParts, type StatePart } from '../state-frames.ts'
import {
  emptyFolderStore,
  folderKeyVariable,
  makeFolderKey,
  openFolderStore,
  openSiteStore,
  requirePlace,
  type StatePlace,
  type StateStore,
} from '../state-store.ts'
import { type StepContext, StepFailed, type StepResult, stepSucceeded, variable } from '../step-context.ts'
import { isPlainPath, makeTargetFolder } from '../target-files.ts'
import { userStatePathVariable } from '../user-state-folder.ts'
import { scanstateCommandLine } from '../usmt.ts'
import { isWindows } from '../windows-target.ts'

export async function captureUserState(action: CaptureUserState, context: StepContext): Promise<StepResult> {
  const place = requirePlace(context)
  if (place.kind === 'none') {
    throw new StepFailed('the state store was requested to restore: a request to capture must come before this step')
  }
  if (action.method === 'snapshot') {
    throw new StepFailed('a still picture of a volume is not made here: choose the method file-system')
  }
  if (action.useHardLinks && place.kind === 'site') {
    throw new StepFailed('hard links stay on the machine: OSDStateStorePath must name a folder on the same volume')
  }
  if (action.offline !== (context.where === 'boot-image')) {
    const where = action.offline ? 'from the boot image' : 'in the running system'
    throw new StepFailed(`the step captures ${where}, and this is the other one: change "offline" or move the step`)
  }
  const access = place.kind === 'folder' ? 'write' : 'read'
  return withInstalledSystem(context, async (root) => captureFrom(root, { action, place, context }), access)
}

interface Capture {
  readonly action: CaptureUserState
  readonly place: Exclude<StatePlace, { readonly kind: 'none' }>
  readonly context: StepContext
}

async function captureFrom(root: string, capture: Capture): Promise<StepResult> {
  const { action, place, context } = capture
  if (await isWindows(root)) {
    const line = scanstateCommandLine(action, {
      tool: '%USMT%',
      store: '%OSDStateStorePath%',
      keyFile: '%KEY%',
      log: '%LOG%',
    })
    throw new StepFailed(`the users of a Windows are captured in Windows only, by: ${line}`)
  }
  if (action.offline) await requireReachableHomes(root)
  const accounts = await findCapturedAccounts(root, context)
  if (place.kind === 'folder' && action.useHardLinks) return linkAll(root, place.path, { ...capture, accounts })
  const keyText = place.kind === 'folder' ? makeFolderKey() : ''
  if (place.kind === 'folder') await emptyFolderStore(root, place.path)
  const store =
    place.kind === 'folder'
      ? await openFolderStore(root, place.path, keyText)
      : await openSiteStore(place.storeId, 'capture', context)
  await sendAll(root, store, { ...capture, accounts })
  if (place.kind === 'site') return stepSucceeded
  const key: Variable = { name: folderKeyVariable, value: keyText, secret: true }
  return { ...stepSucceeded, variables: [key, variable(userStatePathVariable, `/${place.path}`)] }
}

interface CaptureOf extends Capture {
  readonly accounts: readonly LocalAccount[]
}

async function sendAll(root: string, store: StateStore, capture: CaptureOf): Promise<void> {
  const { context, accounts } = capture
  let chunks = 0
  let bytes = 0
  for await (const chunk of sealParts(partsOf(root, capture), store.key)) {
    await store.putChunk(chunks, chunk)
    chunks += 1
    bytes += chunk.length
    context.progress({ text: `Capturing ${accounts.length} accounts`, done: bytes, unit: 'bytes' })
  }
  await store.captured(chunks)
  context.output('log', `captured ${accounts.map(({ name }) => name).join(', ') || 'nobody'}: ${bytes} octets`)
}

async function* partsOf(root: string, { action, accounts, context }: CaptureOf): AsyncGenerator<StatePart> {
  const wanted = await chosenPaths(action, context)
  for (const account of accounts) {
    const folder = await makeTargetFolder(root, homeBelow(account.home) ?? '')
    yield { kind: 'account', account }
    const only = wanted === undefined ? {} : { only: await present(folder, wanted) }
    const packing = packHome({ folder, verbose: action.verboseLogging, ...only }, context)
    let next = await packing.next()
    for (; next.done !== true; next = await packing.next()) yield { kind: 'data', octets: next.value }
    judge(next.value, { ...account, doing: 'captured', leftOut: leftOutCodes }, action)
    yield { kind: 'end' }
  }
}

interface Judged {
  readonly name: string
  readonly doing: 'captured' | 'linked'
  /** Codes of the program for files that it had to leave out; others say that it broke off. */
  readonly leftOut: readonly number[]
}

function judge(exitCode: number, { name, doing, leftOut }: Judged, { continueOnLockedFiles }: CaptureUserState): void {
  if (exitCode === 0 || (continueOnLockedFiles && leftOut.includes(exitCode))) return
  throw new StepFailed(`the folder of ${name} could not be ${doing} completely (code ${exitCode})`)
}

/** Those that are there, and not behind a link: that could lead to files of somebody else. */
async function present(folder: string, paths: readonly string[]): Promise<readonly string[]> {
  const found = await Promise.all(paths.map(async (path) => ((await isPresent(folder, path)) ? [path] : [])))
  return found.flat()
}

async function isPresent(folder: string, path: string): Promise<boolean> {
  const above = dirname(path)
  if (above !== '.' && !isPlainPath(folder, above)) return false
  return (await lstat(join(folder, path)).catch(() => undefined)) !== undefined
}

async function linkAll(root: string, path: string, { action, accounts, context }: CaptureOf): Promise<StepResult> {
  if (action.mode === 'advanced') throw new StepFailed('hard links keep all files: choose the mode simple')
  await emptyLinkStore(root, path)
  for (const [index, account] of accounts.entries()) {
    context.progress({ text: `Linking ${account.name}`, done: index, total: accounts.length, unit: 'items' })
    const home = await makeTargetFolder(root, homeBelow(account.home) ?? '')
    const exitCode = await linkHome({ root, path, home, name: account.name }, context)
    judge(exitCode, { ...account, doing: 'linked', leftOut: [1] }, action)
  }
  await keepLinkedAccounts(root, path, accounts)
  return { ...stepSucceeded, variables: [variable(userStatePathVariable, `/${path}`)] }
}
