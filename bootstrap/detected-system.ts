/**
 * The earlier installation that a run finds when it begins in the boot image (S3.1): `_OSDDetectedWinDrive` is its partition,
 * `_OSDDetectedWinDir` the folder of a Windows on it. Of several none is named. Each volume is only read.
 */

import type { Variable } from '../server/sequence/environment.ts'
import type { FixedDisk } from './fixed-disks.ts'
import { detectedDriveVariable, detectedVolumeVariable, installedSystems, tagOf } from './installed-root.ts'
import { variable } from './step-context.ts'

/** `known`: what the run begins with. Whoever named a drive there knows better. */
export async function detectSystem(
  { disks, scratchFolder }: { readonly disks: readonly FixedDisk[]; readonly scratchFolder: string },
  known: readonly Variable[],
): Promise<readonly Variable[]> {
  const named = known.some(({ name }) => name.toLowerCase() === detectedDriveVariable.toLowerCase())
  if (named) return []
  const { signal } = new AbortController()
  const [system, ...more] = await installedSystems({ disks, scratchFolder, signal, variable: () => '' })
  if (system === undefined || more.length > 0) return []
  const { device, windowsFolder } = system
  const uuid = await tagOf(device, 'UUID')
  // Without one nobody could tell later that the name still means this volume.
  if (uuid === '') return []
  const drive = [variable(detectedDriveVariable, device), variable(detectedVolumeVariable, uuid)]
  return windowsFolder === undefined ? drive : [...drive, variable('_OSDDetectedWinDir', `/${windowsFolder}`)]
}
