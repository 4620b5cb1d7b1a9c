/**
 * An image over the system that is there (S2-055, S4-005): a sequence that partitions nothing names the variable
 * `_OSDDetectedWinDrive` as its destination, and then the volume of the existing system is meant. It is the one that the run
 * lies on, or else the only system on the fixed disks; of several none is guessed. Nothing else of the disk is touched.
 */

import { readdir } from 'node:fs/promises'
import type { Destination } from '../server/sequence/step-types/destination.ts'
import type { FixedDisk } from './fixed-disks.ts'
import {
  type FormattedPartition,
  formattedPartitionsVariable,
  isPartitionOf,
  parseFormattedPartitions,
} from './formatted-partitions.ts'
import { readPartition } from './image-destination.ts'
import { detectedDriveVariable, findInstalledSystem } from './installed-root.ts'
import { type StepContext, StepFailed } from './step-context.ts'
import { userStateFolders } from './user-state-folder.ts'

export function isOverExistingSystem({ destinationVariable = '' }: Destination): boolean {
  return destinationVariable.toLowerCase() === detectedDriveVariable.toLowerCase()
}

/** Says what will be deleted before anything is. */
export async function findExistingSystem(context: StepContext): Promise<FormattedPartition> {
  const device = deviceOfRun(context) ?? (await findInstalledSystem(context))
  const disk = diskOf(device, context)
  if (disk === undefined) {
    throw new StepFailed(
      `the existing system lies on ${device}, which is no partition of a fixed disk: nothing is deleted`,
    )
  }
  const partition = await readPartition(device)
  if (context.hardware.firmware === 'uefi' && (await findEfiPartition(disk)) === undefined) {
    const message = `this machine starts by UEFI, and ${disk.device} has no EFI system partition: nothing is deleted`
    throw new StepFailed(`${message}; partition the disk in the sequence`)
  }
  const kept = userStateFolders(context).map((folder) => ` but /${folder}`)
  context.output(
    'log',
    `The existing system on ${device} is replaced: everything on this partition is deleted${kept.join('')}. Other partitions stay as they are.`,
  )
  return partition
}

/**
 * The EFI system partition that stays in use where an image goes to a partition which this run did not make; none where the
 * machine needs none, or one was made.
 */
export async function keptEfiPartition(
  { device }: FormattedPartition,
  context: StepContext,
): Promise<FormattedPartition | undefined> {
  const made = parseFormattedPartitions(context.variable(formattedPartitionsVariable))
  const isMade = made.some((each) => each.device === device || each.use === 'efi')
  const disk = diskOf(device, context)
  return isMade || disk === undefined || context.hardware.firmware !== 'uefi' ? undefined : findEfiPartition(disk)
}

/** The run began in the installed system, or went on there: its state lies on that volume, also when the image was begun. */
function deviceOfRun({ target, variable }: StepContext): string | undefined {
  const made = parseFormattedPartitions(variable(formattedPartitionsVariable))
  return made.some(({ device }) => device === target.device) ? undefined : target.device
}

function diskOf(device: string, { disks }: StepContext): FixedDisk | undefined {
  return disks.find((disk) => isPartitionOf(device, disk.device))
}

/** The first, in the order of the partition table. */
async function findEfiPartition(disk: FixedDisk): Promise<FormattedPartition | undefined> {
  const names = await readdir(`/sys/class/block/${disk.name}`).catch(() => [])
  const partitions = names.filter((name) => name.startsWith(disk.name))
  for (const name of partitions.sort((one, other) => one.localeCompare(other, 'en', { numeric: true }))) {
    const partition = await readPartition(`/dev/${name}`).catch(() => undefined)
    if (partition?.use === 'efi' && partition.fileSystem === 'fat32') return partition
  }
  return undefined
}
