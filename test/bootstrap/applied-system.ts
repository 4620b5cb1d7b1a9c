/** An applied system for tests: a formatted partition of a loop device with files on it. Needs root. */

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { ExecutionContext } from 'ava'
import { targetPartitionVariable } from '../../bootstrap/require-target.ts'
import { formatAndPartitionDisk } from '../../bootstrap/steps/format-and-partition-disk.ts'
import { makeContext, makeLoopDisk, type TestContext } from './loop-disk.ts'

/** A context whose target is a formatted partition with these files on it. */
export async function makeTarget(t: ExecutionContext, files: Readonly<Record<string, string>>): Promise<TestContext> {
  const { disk, folder } = makeLoopDisk(t, 128 * 1024 * 1024)
  const context = makeContext(folder, { disks: [disk] })
  t.teardown(() => context.target.unmountAll())
  const system = {
    name: 'System',
    use: 'primary',
    size: { percentOfRemaining: 100 },
    fileSystem: 'ext4',
    quickFormat: true,
    bootable: false,
  } as const
  context.keep(
    await formatAndPartitionDisk(
      { type: 'format-and-partition-disk', diskNumber: 0, diskType: 'mbr', partitions: [system] },
      context,
    ),
  )
  context.set.set(targetPartitionVariable, context.set.get('OSDFormattedPartitions') ?? '')
  await context.target.mountRoot({ device: `${disk.device}p1`, use: 'primary', fileSystem: 'ext4' })
  for (const [path, text] of Object.entries(files)) put(context, path, text)
  return context
}

export function put(context: TestContext, path: string, text: string): void {
  mkdirSync(dirname(join(context.target.root, path)), { recursive: true })
  writeFileSync(join(context.target.root, path), text)
}

export function read(context: TestContext, path: string): string {
  return readFileSync(join(context.target.root, path), 'utf8')
}
