/**
 * Everything the agent itself writes into the applied system from outside goes through here (security E01). Its links
 * are meant for itself: followed from here, an absolute one would lead into the running system. So each folder on the
 * way is looked at before it is entered, and one that is a link out of the target is refused; a file is made under a
 * new name and put in place by renaming, which replaces a link instead of following it. Programs that write there by
 * themselves (tar, grub-install) have protections of their own, or get folders that were looked through.
 */

import { randomBytes } from 'node:crypto'
import { constants, type Dirent, lstatSync } from 'node:fs'
import { cp, lstat, mkdir, open, readdir, readFile, realpath, rename, rm, rmdir, symlink } from 'node:fs/promises'
import { basename, dirname, join, sep } from 'node:path'
import { assert } from '../server/assert.ts'
import { decodePlace } from './fstab.ts'
import { StepFailed } from './step-context.ts'

export async function writeTargetFile(root: string, path: string, text: string, mode = 0o644): Promise<void> {
  await putInPlace(root, path, async (beside) => {
    const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW
    const file = await open(beside, flags, mode)
    try {
      await file.writeFile(text)
    } finally {
      await file.close()
    }
  })
}

export async function linkTargetFile(root: string, path: string, destination: string): Promise<void> {
  await putInPlace(root, path, (beside) => symlink(destination, beside))
}

/** Where it is; a link is removed, and not what it leads to. */
export async function removeTargetFile(root: string, path: string): Promise<void> {
  const folder = await enter(root, dirname(path))
  if (folder !== undefined) await rm(join(folder, basename(path)), { force: true })
}

/** The folder's real place. It and those above it are made where they are missing. */
export async function makeTargetFolder(root: string, path: string): Promise<string> {
  const folder = await enter(root, path, async (missing) => mkdir(missing, { mode: 0o755 }))
  return folder ?? join(root, path)
}

/** A copy of the folder `source`, instead of whatever was there. */
export async function replaceTargetFolder(root: string, path: string, source: string): Promise<void> {
  const place = join(await makeTargetFolder(root, dirname(path)), basename(path))
  await rm(place, { recursive: true, force: true })
  await cp(source, place, { recursive: true, verbatimSymlinks: true, errorOnExist: true, force: false })
}

/** Removes everything but the folder `kept`, which is made where it is missing, and the folders `alsoKept`, each with what is in it. */
export async function emptyTarget(root: string, kept: string, alsoKept: readonly string[] = []): Promise<void> {
  await emptyVolume(root, [kept, ...alsoKept])
  await mkdir(join(await realpath(root), kept), { recursive: true })
}

/**
 * Removes everything but these folders, where they are. Refused while anything is mounted in there: it may be the
 * running system's own /dev.
 */
export async function emptyVolume(root: string, kept: readonly string[]): Promise<void> {
  const folder = await realpath(root)
  const [mounted] = await mountPointsBelow(folder)
  if (mounted !== undefined) throw new StepFailed(`${folder} is not emptied: something is mounted at ${mounted}`)
  const paths = kept.map((path) => path.split('/').filter((name) => name !== '' && name !== '.'))
  await emptyFolder(
    folder,
    paths.filter((path) => path.length > 0),
  )
}

async function emptyFolder(folder: string, kept: readonly (readonly string[])[]): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const place = join(folder, entry.name)
    const inside = kept.filter(([name]) => name === entry.name)
    if (entry.isDirectory() && (entry.name === 'lost+found' || inside.some(({ length }) => length === 1))) continue
    if (!entry.isDirectory() || inside.length === 0) {
      await rm(place, { recursive: true, force: true })
      continue
    }
    await emptyFolder(
      place,
      inside.map((path) => path.slice(1)),
    )
    if ((await readdir(place)).length === 0) await rmdir(place)
  }
}

/** '' when there is none. A link is followed only inside the target. */
export async function readTargetFile(root: string, path: string): Promise<string> {
  const place = await realpath(join(root, path)).catch(() => undefined)
  if (place === undefined || !isBelow(await realpath(root), place)) return ''
  return readFile(place, 'utf8').catch(() => '')
}

/** True for links too, wherever they lead; false for what only a link out of the target reaches. */
export async function hasTargetFile(root: string, path: string): Promise<boolean> {
  const folder = await realpath(join(root, dirname(path))).catch(() => undefined)
  if (folder === undefined || !isBelow(await realpath(root), folder)) return false
  return lstat(join(folder, basename(path))).then(
    () => true,
    () => false,
  )
}

/** Names in a folder; none when it is not there. */
export async function listTargetFolder(root: string, path: string): Promise<readonly string[]> {
  const folder = await enter(root, path)
  return folder === undefined ? [] : readdir(folder)
}

/** For a folder that a program writes into which follows links. */
export async function refuseLinksOut(root: string, path: string): Promise<void> {
  const folder = await enter(root, path)
  if (folder === undefined) return
  const realRoot = await realpath(root)
  const entries: readonly Dirent[] = await readdir(folder, { withFileTypes: true, recursive: true })
  for (const entry of entries) {
    if (!entry.isSymbolicLink()) continue
    await realPlace(realRoot, join(entry.parentPath, entry.name))
  }
}

/** True when no part of the path that exists is a link or a file: for the state of the run, which nothing may move. */
export function isPlainPath(root: string, path: string): boolean {
  let folder = root
  for (const name of path.split('/')) {
    folder = join(folder, name)
    const status = lstatSync(folder, { throwIfNoEntry: false })
    if (status === undefined) return true
    if (!status.isDirectory()) return false
  }
  return true
}

async function mountPointsBelow(realRoot: string): Promise<readonly string[]> {
  const mounts = await readFile('/proc/self/mounts', 'utf8')
  return mounts.split('\n').flatMap((line) => {
    const place = decodePlace(line.split(' ')[1] ?? '')
    return place !== realRoot && isBelow(realRoot, place) ? [place] : []
  })
}

async function putInPlace(root: string, path: string, make: (beside: string) => Promise<void>): Promise<void> {
  const folder = await makeTargetFolder(root, dirname(path))
  // A name nobody could have planted.
  const beside = join(folder, `.reveille-${randomBytes(8).toString('hex')}`)
  try {
    await make(beside)
    await rename(beside, join(folder, basename(path)))
  } catch (error) {
    await rm(beside, { force: true })
    throw error
  }
}

/** Walks down from the root; undefined when a folder is missing and there is nothing to make it. */
async function enter(
  root: string,
  path: string,
  make?: (missing: string) => Promise<unknown>,
): Promise<string | undefined> {
  const realRoot = await realpath(root)
  let folder = realRoot
  for (const name of path.split('/').filter((part) => part !== '' && part !== '.')) {
    assert(name !== '..', 'paths in the target do not climb')
    const place = join(folder, name)
    const status = await lstat(place).catch(() => undefined)
    if (status === undefined) {
      if (make === undefined) return undefined
      await make(place)
    }
    folder = status?.isSymbolicLink() === true ? await realPlace(realRoot, place) : place
    if (!(await lstat(folder)).isDirectory()) throw new StepFailed(`${nameOf(realRoot, place)} is not a folder`)
  }
  return folder
}

async function realPlace(realRoot: string, link: string): Promise<string> {
  const name = nameOf(realRoot, link)
  const place = await realpath(link).catch(() => undefined)
  if (place === undefined) throw new StepFailed(`${name} is a link that leads nowhere`)
  if (!isBelow(realRoot, place)) throw new StepFailed(`${name} leads out of it, to ${place}`)
  return place
}

function nameOf(realRoot: string, place: string): string {
  return `${place.slice(realRoot.length)} of the applied system`
}

function isBelow(root: string, path: string): boolean {
  return path === root || path.startsWith(root === sep ? sep : root + sep)
}
