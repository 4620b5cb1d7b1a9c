/**
 * Applies an image of a WIM file with wimlib: to an NTFS partition itself, which keeps access lists, streams and short
 * names, or into a folder of any other file system. A pipable WIM is applied while it arrives. Any other has its
 * directory at its end, so it is kept whole first, where there is room (scratch-space.ts), and its hash judged before.
 */

import { rm } from 'node:fs/promises'
import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { FormattedPartition } from './formatted-partitions.ts'
import type { OpenImage } from './image-source.ts'
import { withScratchSpace } from './scratch-space.ts'
import { type StepContext, StepFailed } from './step-context.ts'
import { streamInto } from './stream-into.ts'

export type WimKind = 'wim' | 'pipable-wim'

/** MS-WIM 2.2: the header's first eight octets; wimlib writes others into a pipable file. */
export function wimKind(start: Uint8Array): WimKind | undefined {
  const magic = Buffer.from(start.subarray(0, 8)).toString('latin1')
  if (magic === 'MSWIM\0\0\0') return 'wim'
  return magic === 'WLPWM\0\0\0' ? 'pipable-wim' : undefined
}

export interface WimTarget {
  readonly partition: FormattedPartition
  /** Where the partition is mounted; undefined: it is NTFS, not mounted, and written to itself. */
  readonly folder: string | undefined
}

export async function applyWim(
  image: OpenImage & { readonly kind: WimKind },
  { index, ...target }: WimTarget & { readonly index: number },
  context: StepContext,
): Promise<void> {
  const place = target.folder ?? target.partition.device
  const keepsOwners = target.folder !== undefined && ['ext4', 'xfs'].includes(target.partition.fileSystem)
  const run = async (octets: AsyncIterable<Buffer> | Iterable<Buffer>, source: string): Promise<void> => {
    const words = ['apply', source, String(index), place, ...(keepsOwners ? ['--unix-data'] : [])]
    await runWimlib(octets, words, context)
  }
  if (image.kind === 'pipable-wim') return run(image.octets, '-')
  await withScratchSpace({ bytes: image.file.bytes, target }, context, async (folder) => {
    const file = join(folder, '.reveille-image.wim')
    try {
      await pipeline(image.octets, createWriteStream(file, { flags: 'wx', mode: 0o600 }))
      context.progress({ text: `Applying ${image.content.name}`, done: 0, unit: 'items' })
      await run([], file)
    } finally {
      await rm(file, { force: true })
    }
  })
}

/** wimlib redraws its progress all the time; ours tells it better. */
const progressLine = /\(\d+%\)|^(?:Scanning|Archiving|Extracting|Creating|Applying metadata|Using |Done )/

export async function runWimlib(
  octets: AsyncIterable<Buffer> | Iterable<Buffer>,
  words: readonly string[],
  context: StepContext,
): Promise<void> {
  const { exitCode, tail } = await streamInto(octets, {
    program: 'wimlib-imagex',
    arguments: words,
    signal: context.signal,
    onLine: (line) => {
      if (!progressLine.test(line)) context.output('log', line)
    },
  })
  if (exitCode === 127) throw new StepFailed(missingWimlib, exitCode)
  if (exitCode !== 0)
    throw new StepFailed(`wimlib-imagex ${words.join(' ')}: ${tail || `exit code ${exitCode}`}`, exitCode)
}

export const missingWimlib = 'WIM images need wimlib-imagex, which this boot image lacks: build the boot image anew'
