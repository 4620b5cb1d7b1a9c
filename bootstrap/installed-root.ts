/**
 * The system that is on the machine before another one is applied: the running one, or, from the boot image, the one on a
 * fixed disk, mounted so that nothing on it changes. It is found by what it holds; where several are, `_OSDDetectedWinDrive`
 * says which is meant.
 */

import { mkdir, rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import { findName } from './answer-file.ts'
import { runCommand } from './command.ts'
import { type StepContext, StepFailed } from './step-context.ts'
import { hasTargetFile } from './target-files.ts'
import { deviceOf, readMountedDevices } from './target-system.ts'
import { isWindows } from './windows-target.ts'

/** Without `write` nothing on the disk changes. */
type Access = 'read' | 'write'

/** Set by whoever knows which installation is meant: the partition of it. */
export const detectedDriveVariable = '_OSDDetectedWinDrive'
/** UUID of that volume, where the agent found it. */
export const detectedVolumeVariable = '_OSDDetectedWinVolume'

const fileSystems = ['ext2', 'ext3', 'ext4', 'xfs', 'btrfs', 'ntfs']

export async function withInstalledSystem<Result>(
  context: StepContext,
  use: (root: string) => Promise<Result>,
  access: Access = 'read',
): Promise<Result> {
  if (context.where === 'installed-system') return use(context.target.root)
  const device = await findInstalledSystem(context)
  const result = await mounted({ device, access }, context, async (root) => ({ value: await use(root) }))
  if (result === undefined) throw new StepFailed(`${device} could not be mounted`)
  return result.value
}

/** What is known where it is looked for. */
export type LookContext = Pick<StepContext, 'disks' | 'variable' | 'scratchFolder' | 'signal'>

export interface InstalledSystem {
  readonly device: string
  /** Of a Windows, as it is spelled; absent: a Linux. */
  readonly windowsFolder?: string
}

/** All on the fixed disks that nobody uses, or the one that is named. */
export async function installedSystems(context: LookContext): Promise<readonly InstalledSystem[]> {
  const found: InstalledSystem[] = []
  for (const device of await candidates(context)) {
    const system = await mounted({ device, access: 'read' }, context, async (root) => systemOn(root, device))
    if (system !== undefined) found.push(system)
  }
  return found
}

/** From the boot image: the device of the one system on the fixed disks, or of the one that is named. */
export async function findInstalledSystem(context: LookContext): Promise<string> {
  const found = (await installedSystems(context)).map(({ device }) => device)
  const [device, ...more] = found
  if (device === undefined) throw new StepFailed(nothingFound(context))
  if (more.length > 0) {
    const names = found.join(', ')
    throw new StepFailed(`there are several installed systems, on ${names}: name one in ${detectedDriveVariable}`)
  }
  return device
}

function nothingFound({ variable }: LookContext): string {
  const named = variable(detectedDriveVariable).trim()
  return named === ''
    ? 'no installed system was found on the fixed disks of this machine'
    : `${detectedDriveVariable} is ${named}, and no installed system was found there: give a partition such as /dev/sda2`
}

async function systemOn(root: string, device: string): Promise<InstalledSystem | undefined> {
  if (await isLinux(root)) return { device }
  if (!(await isWindows(root))) return undefined
  return { device, windowsFolder: (await findName(root, '', 'Windows')) ?? 'Windows' }
}

async function isLinux(root: string): Promise<boolean> {
  return (await hasTargetFile(root, 'etc/passwd')) && (await hasTargetFile(root, 'etc/os-release'))
}

async function candidates(context: LookContext): Promise<readonly string[]> {
  const named = context.variable(detectedDriveVariable).trim()
  const uuid = context.variable(detectedVolumeVariable).trim()
  // What the agent named at the start may have another name by now, and another volume its name.
  if (named !== '') return [uuid === '' ? named : await deviceOf({ device: named, uuid })]
  const disks = context.disks.map(({ device }) => device)
  if (disks.length === 0) return []
  const listed = await runCommand({
    program: 'lsblk',
    arguments: ['--noheadings', '--raw', '--paths', '--output', 'NAME', ...disks],
  })
  const inUse = await readMountedDevices()
  const devices = listed.stdout.split('\n').filter((device) => device.startsWith('/dev/') && !inUse.has(device))
  const kinds = await Promise.all(devices.map(async (device) => [device, await tagOf(device, 'TYPE')] as const))
  return kinds.flatMap(([device, kind]) => (fileSystems.includes(kind) ? [device] : []))
}

/** '' when there is none. */
export async function tagOf(device: string, tag: 'TYPE' | 'UUID'): Promise<string> {
  const { stdout } = await runCommand({
    program: 'blkid',
    arguments: ['-c', '/dev/null', '-p', '-o', 'value', '-s', tag, device],
  })
  return stdout.trim()
}

/** Undefined when it cannot be mounted, and then it is none. A journal is not replayed, so nothing is written. */
async function mounted<Result>(
  { device, access }: { readonly device: string; readonly access: Access },
  context: LookContext,
  use: (root: string) => Promise<Result>,
): Promise<Result | undefined> {
  const root = join(context.scratchFolder, 'installed')
  await mkdir(root, { recursive: true, mode: 0o700 })
  const kind = await tagOf(device, 'TYPE')
  const noReplay = kind === 'xfs' ? ',norecovery' : kind.startsWith('ext') && kind !== 'ext2' ? ',noload' : ''
  const mode = access === 'write' ? 'rw' : `ro${noReplay}`
  const words = ['-o', `${mode},nosuid,nodev,noexec`, ...(kind === 'ntfs' ? ['-t', 'ntfs-3g'] : []), device, root]
  const { exitCode } = await runCommand({ program: 'mount', arguments: words, signal: context.signal })
  if (exitCode !== 0) return undefined
  try {
    return await use(root)
  } finally {
    const { exitCode: left } = await runCommand({ program: 'umount', arguments: [root] })
    if (left !== 0) await runCommand({ program: 'umount', arguments: ['-l', root] })
    await rmdir(root).catch(() => {})
  }
}
