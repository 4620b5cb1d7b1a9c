/**
 * Room for one large file that a step needs for a while: on the target itself when a folder of it is written to, on
 * another partition that this run formatted, or in memory. Memory is asked last, and only half of what is free.
 */

import { mkdir, readFile, rm, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { formattedPartitionsVariable, parseFormattedPartitions } from './formatted-partitions.ts'
import { withMounted } from './mounted-partition.ts'
import { type StepContext, StepFailed } from './step-context.ts'
import type { WimTarget } from './wim.ts'

interface Wanted {
  readonly bytes: number
  readonly target: WimTarget
}

export async function withScratchSpace(
  { bytes, target }: Wanted,
  context: StepContext,
  work: (folder: string) => Promise<void>,
): Promise<void> {
  if (target.folder !== undefined && (await freeBytes(target.folder)) > bytes * 2) return work(target.folder)
  const others = parseFormattedPartitions(context.variable(formattedPartitionsVariable)).filter(
    ({ device, use, fileSystem }) =>
      use === 'primary' &&
      // FAT ends a file at 4 GiB.
      (fileSystem === 'ext4' || fileSystem === 'xfs' || fileSystem === 'ntfs') &&
      device !== target.partition.device &&
      device !== context.target.device,
  )
  for (const partition of others) {
    const isUsed = await withMounted(partition, context, async (folder) => {
      if ((await freeBytes(folder)) <= bytes) return false
      await work(folder)
      return true
    })
    if (isUsed) return
  }
  const folder = join(context.scratchFolder, 'scratch')
  await mkdir(folder, { recursive: true })
  try {
    if (bytes > Math.min(await freeBytes(folder), await freeMemoryBytes()) / 2) throw new StepFailed(noRoom(bytes))
    await work(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function noRoom(bytes: number): string {
  const megabytes = Math.ceil(bytes / 1e6)
  return `this WIM of ${megabytes} MB cannot be applied while it arrives, and there is no room to keep it first: make it pipable (wimlib-imagex optimize --pipable image.wim) and add it again, or format a further partition in this run with room for it`
}

async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder)
  return bavail * bsize
}

async function freeMemoryBytes(): Promise<number> {
  const kibibytes = /^MemAvailable:\s+(\d+) kB$/m.exec(await readFile('/proc/meminfo', 'utf8'))?.[1]
  return Number(kibibytes ?? 0) * 1024
}
