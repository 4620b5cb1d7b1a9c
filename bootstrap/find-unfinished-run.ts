/**
 * After a restart into the boot image: is there an unfinished run of this machine on one of its fixed disks? Each
 * partition with a file system that can hold one is mounted read-only, without devices, programs or set-user-id, and
 * asked for the run file. What it finds is only a claim: the ticket in it is judged by the server.
 */

import { mkdirSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { runCommand } from './command.ts'
import type { FixedDisk } from './fixed-disks.ts'
import { isSameMachine, loadRunBelow, type MachineMark, type SavedRun } from './run-file.ts'
import { mount } from './target-system.ts'

export interface UnfinishedRun {
  readonly device: string
  readonly saved: SavedRun
}

/** File systems that the agent keeps runs on, and how they are mounted. Others are not mounted at all. */
const candidateFileSystems: Readonly<Record<string, readonly string[]>> = {
  ext4: ['-t', 'ext4'],
  xfs: ['-t', 'xfs'],
  // With owners and modes; without them nothing there could be known as ours.
  ntfs: ['-t', 'ntfs-3g', '-o', 'permissions'],
}

/** The newest run of this machine; undefined when there is none. */
export async function findUnfinishedRun(
  disks: readonly FixedDisk[],
  machine: MachineMark,
  mountPoint: string,
): Promise<UnfinishedRun | undefined> {
  const found = await lookOnDisks(disks, mountPoint, loadRunBelow)
  return found
    .map(({ device, value: saved }) => ({ device, saved }))
    .filter(({ saved }) => isSameMachine(saved.machine, machine))
    .sort((one, other) => other.saved.savedAtMs - one.saved.savedAtMs)[0]
}

export interface FoundOnDisk<T> {
  readonly device: string
  readonly value: T
}

/** What `read` finds below the root of each file system that may be an installed system's. */
export async function lookOnDisks<T>(
  disks: readonly FixedDisk[],
  mountPoint: string,
  read: (root: string) => T | undefined,
): Promise<readonly FoundOnDisk<T>[]> {
  mkdirSync(mountPoint, { recursive: true })
  const found: FoundOnDisk<T>[] = []
  for (const disk of disks) {
    for (const device of await partitionsOf(disk)) {
      const value = await lookAt(device, mountPoint, read)
      if (value !== undefined) found.push({ device, value })
    }
  }
  return found
}

/** Mounts the found partition for good, writable, where the target system belongs. */
export async function mountUnfinishedRun(device: string, root: string): Promise<void> {
  mkdirSync(root, { recursive: true })
  await mount([...(candidateFileSystems[await fileSystemOf(device)] ?? []), device, root])
}

async function partitionsOf(disk: FixedDisk): Promise<readonly string[]> {
  const names = await readdir(`/sys/class/block/${disk.name}`).catch(() => [])
  const partitions = names.filter((name) => name.startsWith(disk.name)).sort()
  // A disk may hold a file system without a partition table.
  return [disk.device, ...partitions.map((name) => `/dev/${name}`)]
}

async function lookAt<T>(
  device: string,
  mountPoint: string,
  read: (root: string) => T | undefined,
): Promise<T | undefined> {
  const options = candidateFileSystems[await fileSystemOf(device)]
  if (options === undefined) return undefined
  const mounted = await runCommand({
    program: 'mount',
    arguments: [...options, '-o', 'ro,nosuid,nodev,noexec', device, mountPoint],
  })
  // A damaged or foreign file system holds nothing of ours.
  if (mounted.exitCode !== 0) return undefined
  try {
    return read(mountPoint)
  } finally {
    await runCommand({ program: 'umount', arguments: [mountPoint] })
  }
}

async function fileSystemOf(device: string): Promise<string> {
  const type = await runCommand({
    program: 'blkid',
    arguments: ['-c', '/dev/null', '-o', 'value', '-s', 'TYPE', device],
  })
  return type.stdout.trim()
}
