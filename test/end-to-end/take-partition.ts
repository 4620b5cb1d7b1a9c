/** A partition of a raw disk, when its machine has let go of it. */

import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Into a file of its own; the first has the number 1. */
export async function takePartition(disk: string, number: number, file: string): Promise<void> {
  const { startBytes, bytes } = await findPartition(disk, number)
  const range = ['bs=1M', `skip=${startBytes}`, `count=${bytes}`, 'iflag=skip_bytes,count_bytes', 'conv=sparse']
  await run('dd', [`if=${disk}`, `of=${file}`, ...range])
}

export async function findPartition(disk: string, number: number): Promise<{ startBytes: number; bytes: number }> {
  const { stdout } = await run('sfdisk', ['--json', disk])
  const { partitiontable } = JSON.parse(stdout) as {
    readonly partitiontable: { readonly partitions: readonly { readonly start: number; readonly size: number }[] }
  }
  const { start, size } = partitiontable.partitions[number - 1] ?? { start: 0, size: 0 }
  return { startBytes: start * 512, bytes: size * 512 }
}
