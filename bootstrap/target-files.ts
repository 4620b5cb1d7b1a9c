/**
 * Writing into the applied system from outside. Its links are meant for itself: followed from here, an absolute one
 * would lead into the boot image. So a file is put in place by renaming, which replaces a link instead of following
 * it, and a folder that is reached through a link out of the target is refused.
 */

import { lstat, mkdir, readFile, realpath, rename, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { dirname, join, sep } from 'node:path'
import { StepFailed } from './step-context.ts'

export async function writeTargetFile(root: string, path: string, text: string, mode = 0o644): Promise<void> {
  const place = await placeOf(root, path)
  const beside = `${place}.reveille-new`
  await writeFile(beside, text, { mode })
  await rename(beside, place)
}

export async function linkTargetFile(root: string, path: string, destination: string): Promise<void> {
  const place = await placeOf(root, path)
  await rm(place, { force: true })
  await symlink(destination, place)
}

/** '' when there is none. A link is followed only inside the target. */
export async function readTargetFile(root: string, path: string): Promise<string> {
  const place = await realpath(join(root, path)).catch(() => undefined)
  if (place === undefined || !isBelow(await realpath(root), place)) return ''
  return readFile(place, 'utf8').catch(() => '')
}

/** True for links too, wherever they lead. */
export async function hasTargetFile(root: string, path: string): Promise<boolean> {
  return lstat(join(root, path)).then(
    () => true,
    () => false,
  )
}

/** The path with its folder made, all of it inside the target. */
export async function placeOf(root: string, path: string): Promise<string> {
  const realRoot = await realpath(root)
  const place = join(realRoot, path)
  let folder = realRoot
  for (const name of dirname(path).split('/')) {
    folder = join(folder, name)
    if ((await stat(folder).catch(() => undefined)) === undefined) await mkdir(folder, { mode: 0o755 })
    const real = await realpath(folder)
    if (!isBelow(realRoot, real)) throw new StepFailed(`/${path} of the applied system leads out of it, to ${real}`)
  }
  return place
}

function isBelow(root: string, path: string): boolean {
  return path === root || path.startsWith(root + sep)
}
