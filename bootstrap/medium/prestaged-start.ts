/**
 * What a prestaged medium gives to a run of the site (S7-031 to S7-033): its content as the cache that is asked first, and on its
 * disk a partition for the operating system.
 */

import type { Variable } from '../../server/sequence/environment.ts'
import { runCommand } from '../command.ts'
import type { Disks } from '../fixed-disks.ts'
import { preparePrestagedDisk } from '../prestaged-disk.ts'
import type { MountedMedium } from './mounted-medium.ts'

/** Rejects with a `PrestagedDiskError`. */
export async function startPrestaged(medium: MountedMedium, disks: Disks): Promise<readonly Variable[]> {
  const { device, folder } = medium
  if (device === undefined) return []
  const partitions = await preparePrestagedDisk(device.device, disks)
  // It is the EFI system partition of the system to come as well: mounted for reading, nobody could write to it elsewhere.
  await runCommand({ program: 'mount', arguments: ['-o', 'remount,rw', folder] })
  return [{ name: '_SMSTSClientCache', value: `${folder}/SMS/content`, secret: false }, ...partitions]
}
