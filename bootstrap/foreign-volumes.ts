/**
 * Volumes on a disk that are part of something larger: erasing one machine's disk would damage a pool, an array or a
 * datastore that other disks, or other machines, belong to. A file system of its own, encrypted or not, is no such thing:
 * a deployment may erase a machine's old system. Looked for with wipefs(8), which lists every signature, also the
 * second one of a device.
 */

import { existsSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { runCommand } from './command.ts'
import { type LogicalVolumeMember, readLogicalVolumeMember } from './logical-volume-member.ts'
import { StepFailed } from './step-context.ts'

/** A sequence sets this variable to `true` to have such a disk erased all the same. */
export const eraseForeignVolumesVariable = 'OSDEraseForeignVolumes'

/** As libblkid names them. Of these a disk does not tell reliably how many more there are. */
const largerThings: readonly (readonly [RegExp, string])[] = [
  [/^zfs_member$/, 'a ZFS pool'],
  [/^VMFS/, 'a VMFS datastore'],
  [/^linux_raid_member$/, 'a Linux RAID array'],
  [/_raid_member$/, 'a RAID array of the firmware'],
  [/^bcache$/, 'a bcache set'],
  [/^drbd$/, 'a DRBD volume'],
  [/^ceph_bluestore$/, 'a Ceph cluster'],
]

/** A sentence about the first one found; undefined when the disk holds nothing but its own. */
export async function findForeignVolume(devices: readonly string[]): Promise<string | undefined> {
  const members: (LogicalVolumeMember & { readonly device: string })[] = []
  for (const device of devices.filter((name) => existsSync(name))) {
    for (const type of await signaturesOf(device)) {
      const found = largerThings.find(([pattern]) => pattern.test(type))
      if (found !== undefined) return `${device} belongs to ${found[1]}`
      if (type === 'btrfs' && (await btrfsDevices(device)) > 1) return `${device} belongs to a Btrfs over several disks`
      if (type === 'LVM2_member') members.push({ ...(await readLogicalVolumeMember(device)), device })
    }
  }
  const own = members.map(({ id }) => id)
  const shared = members.find(({ groupIds }) => groupIds === undefined || groupIds.some((id) => !own.includes(id)))
  return shared === undefined ? undefined : `${shared.device} belongs to an LVM volume group over several disks`
}

async function signaturesOf(device: string): Promise<readonly string[]> {
  const words = ['--noheadings', '--output', 'TYPE', device]
  const { exitCode, stdout, tail } = await runCommand({ program: 'wipefs', arguments: words })
  // Not knowing what is on a disk is no leave to erase it.
  if (exitCode !== 0) throw new StepFailed(`wipefs ${words.join(' ')}: ${tail === '' ? `exit code ${exitCode}` : tail}`)
  return stdout.split('\n').map((line) => line.trim())
}

/** The superblock is at 64 KiB, and `num_devices` at 0x88 in it (Btrfs on-disk format). */
async function btrfsDevices(device: string): Promise<number> {
  const file = await open(device)
  try {
    const { buffer } = await file.read(Buffer.alloc(8), 0, 8, 0x10000 + 0x88)
    return Number(buffer.readBigUInt64LE())
  } finally {
    await file.close()
  }
}
