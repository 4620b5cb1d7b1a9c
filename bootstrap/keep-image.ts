/**
 * Where a captured image goes: a file in a folder that the step names, whole or not at all and instead of an older one
 * (S4-009), or the site. Both know its hash from the octets as they were made, and the site's own must be the same.
 */

import { createHash, type Hash } from 'node:crypto'
import { open, realpath, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { CapturedFile } from '../server/contract/agent.ts'
import { parseSha256 } from '../server/site/content.ts'
import type { OperatingSystemImage } from '../server/site/operating-system-image.ts'
import { type StepContext, StepFailed } from './step-context.ts'

/** Made anew for each try. */
export type MakeImage = () => AsyncGenerator<Buffer>

/** Names in a folder: what Apply Operating System Image and the site call them. */
const fileNames = { 'root-archive': 'rootfs.tar.zst', wim: 'image.wim' } as const satisfies Record<
  OperatingSystemImage['format'],
  string
>

export interface CaptureFile {
  readonly path: string
  /** Beside it, until it is whole. */
  readonly part: string
}

/**
 * A path that ends as an image file does is the file; any other is its folder, which must be there. `Z:\images` is below the
 * folder that Connect To Network Folder connected as `Z:`.
 */
export async function captureFile(
  destination: string,
  format: OperatingSystemImage['format'],
  { target, variable }: Pick<StepContext, 'target' | 'variable'>,
): Promise<CaptureFile> {
  const plain = withoutDrive(destination.trim(), variable)
  if (/^(?:\\\\|\/\/)/.test(plain)) {
    throw new StepFailed(
      `${plain} is a network folder: connect it with Connect To Network Folder, and give the folder it is connected to`,
    )
  }
  if (!plain.startsWith('/')) throw new StepFailed(`the destination ${plain} is no path from the root`)
  const isFile = /\.(?:wim|tar|tar\.zst|tzst)$/i.test(plain)
  const folder = await realpath(isFile ? dirname(plain) : plain).catch(() => undefined)
  if (folder === undefined || !(await stat(folder)).isDirectory()) {
    throw new StepFailed(`the folder of the destination ${plain} is not there`)
  }
  const realRoot = await realpath(target.root).catch(() => target.root)
  if (folder === realRoot || folder.startsWith(`${realRoot}/`)) {
    throw new StepFailed(`the destination ${plain} lies on the volume that is captured`)
  }
  const name = isFile ? plain.slice(plain.lastIndexOf('/') + 1) : fileNames[format]
  const path = join(folder, name)
  return { path, part: `${path}.part` }
}

function withoutDrive(path: string, variableOf: (name: string) => string): string {
  const [, letter, rest = ''] = /^([a-z]):(?:[\\/](.*))?$/i.exec(path) ?? []
  if (letter === undefined) return path
  const folder = variableOf(`OSDNetworkFolder${letter.toUpperCase()}`)
  if (folder === '') throw new StepFailed(`no network folder is connected as ${letter.toUpperCase()}:`)
  return join(folder, rest.replaceAll('\\', '/'))
}

/** Undefined `make`: the part is there already. */
export async function keepAsFile(
  { path, part }: CaptureFile,
  make: MakeImage | undefined,
  context: StepContext,
): Promise<CapturedFile> {
  try {
    const hash = createHash('sha256')
    const counted = { bytes: 0 }
    if (make !== undefined) {
      // Opened here: a stream opens its file later, perhaps after what failed has been tidied up.
      const file = await open(part, 'w', 0o644)
      await pipeline(measured(make(), { hash, counted, context }), file.createWriteStream())
    } else counted.bytes = await hashFile(part, hash)
    const file = await open(part, 'r')
    try {
      await file.sync()
    } finally {
      await file.close()
    }
    // A small system is captured before its program hears that it is to stop.
    context.signal.throwIfAborted()
    await rename(part, path)
    return { sha256: hexOf(hash), bytes: counted.bytes }
  } catch (error) {
    await rm(part, { force: true })
    throw error
  }
}

export async function keepAtSite(
  format: OperatingSystemImage['format'],
  make: MakeImage,
  context: StepContext,
): Promise<CapturedFile> {
  return context.site.sendImage(format, () => {
    const hash = createHash('sha256')
    const counted = { bytes: 0 }
    return {
      octets: measured(make(), { hash, counted, context }),
      made: () => ({ sha256: hexOf(hash), bytes: counted.bytes }),
    }
  })
}

interface Measure {
  readonly hash: Hash
  readonly counted: { bytes: number }
  readonly context: StepContext
}

async function* measured(octets: AsyncGenerator<Buffer>, { hash, counted, context }: Measure): AsyncGenerator<Buffer> {
  for await (const chunk of octets) {
    hash.update(chunk)
    counted.bytes += chunk.length
    context.progress({ text: 'Capturing', done: counted.bytes, unit: 'bytes' })
    yield chunk
  }
}

async function hashFile(path: string, hash: Hash): Promise<number> {
  const file = await open(path, 'r')
  let bytes = 0
  for await (const chunk of file.createReadStream()) {
    const octets = Buffer.from(chunk)
    hash.update(octets)
    bytes += octets.length
  }
  return bytes
}

function hexOf(hash: Hash): CapturedFile['sha256'] {
  const sha256 = parseSha256(hash.digest('hex'))
  if (sha256 === undefined) throw new StepFailed('the hash of the image could not be made')
  return sha256
}
