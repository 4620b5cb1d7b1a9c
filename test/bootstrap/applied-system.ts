/** An applied system for tests: a formatted partition of a loop device with files on it. Needs root. */

import { execFileSync } from 'node:child_process'
import { chmodSync, copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { ExecutionContext } from 'ava'
import { targetPartitionVariable } from '../../bootstrap/require-target.ts'
import { formatAndPartitionDisk } from '../../bootstrap/steps/format-and-partition-disk.ts'
import { makeContext, makeLoopDisk, type TestContext } from './loop-disk.ts'

/** A context whose target is a formatted partition with these files on it. */
export async function makeTarget(
  t: ExecutionContext,
  files: Readonly<Record<string, string>>,
  megabytes = 128,
): Promise<TestContext> {
  const { disk, folder } = makeLoopDisk(t, megabytes * 1024 * 1024)
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

/** Into a system for tests, with the libraries it loads. */
export function copyWithLibraries(root: string, program: string): void {
  const listed = execFileSync('ldd', [program], { encoding: 'utf8' })
  const libraries = [...listed.matchAll(/(\/\S+) \(0x/g)].map(([, path = '']) => path)
  for (const path of [program, ...libraries]) {
    const place = join(root, path)
    mkdirSync(dirname(place), { recursive: true })
    copyFileSync(path, place)
    chmodSync(place, 0o755)
  }
}

/** The module of PAM that checks and sets passwords. */
export function pamUnix(): string {
  return execFileSync('find', ['/lib/', '/usr/lib/', '-name', 'pam_unix.so'], { encoding: 'utf8' }).split('\n')[0] ?? ''
}
