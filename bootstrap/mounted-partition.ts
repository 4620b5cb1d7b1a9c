/** A partition that is mounted only while something is done with it, apart from the target system. */

import { mkdir, mkdtemp, rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import { runCommand } from './command.ts'
import type { FormattedPartition } from './formatted-partitions.ts'
import { deviceOf, mount, MountFault, mountOptions } from './target-system.ts'

export interface MountPlace {
  readonly scratchFolder: string
  /** Such as `-o ro`. */
  readonly mountWords?: readonly string[]
}

export async function withMounted<Result>(
  partition: FormattedPartition,
  { scratchFolder, mountWords = [] }: MountPlace,
  work: (folder: string) => Promise<Result>,
): Promise<Result> {
  await mkdir(scratchFolder, { recursive: true })
  const folder = await mkdtemp(join(scratchFolder, 'mounted-'))
  try {
    await mount([...mountOptions[partition.fileSystem], ...mountWords, await deviceOf(partition), folder])
    let result: Result
    try {
      result = await work(folder)
    } finally {
      await unmount(folder)
    }
    return result
  } finally {
    // Never with what is in it.
    await rmdir(folder).catch(() => {})
  }
}

/** What was written counts only when the file system let go of it. */
async function unmount(folder: string): Promise<void> {
  const { exitCode, tail } = await runCommand({ program: 'umount', arguments: [folder] })
  if (exitCode === 0) return
  await runCommand({ program: 'umount', arguments: ['-l', folder] })
  throw new MountFault(`umount ${folder}: ${tail}`)
}
