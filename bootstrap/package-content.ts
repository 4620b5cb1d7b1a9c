/**
 * Content as a folder of files, for steps and their commands: fetched, verified by hash, programs executable. What is
 * there already with the right hash is not fetched again. The folder of the task sequence lies beside the state of the
 * run (memory in the boot image until there is a target) and goes with it; the client's cache stays.
 */

import { randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { chmod, lstat, open, rename, rm, statfs } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { PolicyContent } from '../server/contract/agent.ts'
import { type ContentFile, isContentName } from '../server/site/content.ts'
import { makeOwnerOnlyFolder } from './durable-file.ts'
import { ContentFault, contentFolder, downloadFile, isThere } from './download.ts'
import { packagesFolder, runFolder } from './run-file.ts'
import { type StepContext, StepFailed } from './step-context.ts'
import { makeTargetFolder } from './target-files.ts'

/** Of the client in the installed system. */
export const clientCacheFolder = 'var/cache/reveille'

const packagesPath = join(dirname(runFolder), packagesFolder)

/** Where the content of this task sequence lies in a system that was installed. */
export function packagesBelow(root: string): string {
  return join(root, packagesPath)
}

export type RunContent = Pick<StepContext, 'content'>

/** `noun` as people call it: "package". */
export function findContent({ content: contents }: RunContent, id: string, noun: string): PolicyContent {
  const content = contents.find((one) => one.id === id)
  if (content === undefined) throw new StepFailed(`the ${noun} ${id} is not among the content of this run`)
  return content
}

/** The folder that the content of this task sequence is put into. */
export async function workingFolder(context: StepContext): Promise<string> {
  const { target, where, scratchFolder } = context
  if (where === 'boot-image' && !target.isMounted) {
    const folder = join(scratchFolder, packagesFolder)
    makeOwnerOnlyFolder(folder)
    return folder
  }
  const folder = await makeTargetFolder(target.root, packagesPath)
  // Accounts that a step runs as find their own package in it, and cannot look around.
  await chmod(folder, 0o711)
  return folder
}

export async function cacheFolder(context: StepContext): Promise<string> {
  if (context.where === 'boot-image') {
    throw new StepFailed('the boot image has no client cache: use the working directory or a custom path')
  }
  return makeTargetFolder(context.target.root, clientCacheFolder)
}

/** The folder of this content below `parent`, complete. `only` is a folder of the content; everything else is left out. */
export async function fetchContent(
  context: StepContext,
  content: PolicyContent,
  { parent, only }: { readonly parent: string; readonly only?: string | undefined },
): Promise<string> {
  // A name of its own for each version, so that an older one in the cache is no obstacle.
  const folder = await makeTargetFolder(parent, contentFolder(content))
  await chmod(folder, 0o700)
  const files = content.files.filter(({ name }) => only === undefined || name.startsWith(`${only}/`))
  const total = files.reduce((sum, { bytes }) => sum + bytes, 0)
  const text = `Downloading ${content.name}`
  let done = 0
  for (const file of files) {
    if (!isContentName(file.name)) throw new ContentFault(`content ${content.id} has a file of an unusable name`)
    const before = done
    const onBytes = (bytes: number): void => context.progress({ text, done: before + bytes, total, unit: 'bytes' })
    await fetchFile(context, { content, file, folder, onBytes })
    done += file.bytes
  }
  return folder
}

/**
 * Before anything is fetched: rather an error with the sizes in it than a disk that is full half-way, with the system on it.
 * What is there already needs no more room.
 */
export async function requireRoom(parent: string, contents: readonly PolicyContent[]): Promise<void> {
  let needed = 0
  for (const content of contents) {
    for (const { name, bytes } of content.files) {
      const status = await lstat(join(parent, contentFolder(content), name)).catch(() => undefined)
      if (status?.size !== bytes) needed += bytes
    }
  }
  const { bavail, bsize } = await statfs(parent)
  const free = bavail * bsize
  if (needed <= free) return
  const size = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`
  throw new StepFailed(
    `there is no room for the content in ${parent}: ${size(needed)} are needed, ${size(free)} are free`,
  )
}

interface Fetched {
  readonly content: PolicyContent
  readonly file: ContentFile
  readonly folder: string
  readonly onBytes: (bytes: number) => void
}

async function fetchFile(context: StepContext, { content, file, folder, onBytes }: Fetched): Promise<void> {
  // Made and entered without following links out of the folder, which may stem from an image.
  const place = await makeTargetFolder(folder, dirname(file.name))
  const path = join(place, basename(file.name))
  const mode = file.executable === true ? 0o755 : 0o644
  if (await isThere(path, file)) return chmod(path, mode)
  const beside = join(place, `.reveille-${randomBytes(8).toString('hex')}`)
  const output = await open(
    beside,
    constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW,
    mode,
  )
  try {
    for await (const octets of downloadFile(context.download, { content, file, onBytes, signal: context.signal })) {
      await output.writeFile(octets)
    }
    await output.chmod(mode)
    await rename(beside, path)
  } catch (error) {
    await rm(beside, { force: true })
    throw error
  } finally {
    await output.close()
  }
}
