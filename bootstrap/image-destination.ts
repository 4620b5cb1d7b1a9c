/**
 * Where an image goes (S2-055): the next formatted primary partition that no Apply step of this run has used, a partition
 * of this run that a variable names, or one by its numbers. The last need not be of this run: a deployment that keeps
 * user state on the disk formats nothing. It must have a file system, and nobody else may use it.
 */

import { existsSync } from 'node:fs'
import type { Destination } from '../server/sequence/step-types/destination.ts'
import { runCommand } from './command.ts'
import {
  type FormattedPartition,
  formattedPartitionsVariable,
  parseFormattedPartitions,
} from './formatted-partitions.ts'
import { partitionDevice } from './partition-layout.ts'
import { type StepContext, StepFailed, variable } from './step-context.ts'
import { readMountedDevices } from './target-system.ts'

/**
 * What Apply steps have written to, as `device=UUID`, separated by blanks. Formatted again it is another partition; the
 * device belongs to it because mkntfs gives what it formats in one second one UUID.
 */
export const usedPartitionsVariable = 'OSDUsedPartitions'

export async function findImageDestination(action: Destination, context: StepContext): Promise<FormattedPartition> {
  const partitions = parseFormattedPartitions(context.variable(formattedPartitionsVariable))
  const { destination, destinationVariable = '' } = action
  if (destination !== undefined) return partitionAt(destination, partitions, context)
  if (destinationVariable === '') return nextPartition(partitions, context)
  const device = context.variable(destinationVariable)
  if (device === '') throw new StepFailed(`the variable ${destinationVariable} does not name a partition`)
  const known = partitions.find((partition) => partition.device === device)
  if (known !== undefined) return known
  throw new StepFailed(`${device}, named by the variable ${destinationVariable}, was not formatted in this run`)
}

/** The variable as it is after this partition was used. */
export function partitionUsed(partition: FormattedPartition, context: StepContext): ReturnType<typeof variable> {
  return variable(usedPartitionsVariable, [...new Set([...usedPartitions(context), markOf(partition)])].join(' '))
}

function usedPartitions(context: StepContext): readonly string[] {
  return context
    .variable(usedPartitionsVariable)
    .split(' ')
    .filter((mark) => mark !== '')
}

function markOf({ uuid, device }: FormattedPartition): string {
  return `${device}=${uuid ?? ''}`
}

function nextPartition(partitions: readonly FormattedPartition[], context: StepContext): FormattedPartition {
  const used = usedPartitions(context)
  const primary = partitions.filter(({ use, fileSystem }) => use === 'primary' && fileSystem !== 'none')
  const next = primary.find((partition) => !used.includes(markOf(partition)))
  if (next !== undefined) return next
  throw new StepFailed(
    primary.length === 0
      ? 'no formatted primary partition: a Format and Partition Disk step must come first'
      : `no partition is left: images were applied to ${primary.map(({ device }) => device).join(', ')}; name the partition in the step`,
  )
}

async function partitionAt(
  { diskNumber, partitionNumber }: NonNullable<Destination['destination']>,
  partitions: readonly FormattedPartition[],
  context: StepContext,
): Promise<FormattedPartition> {
  const disk = context.disks[diskNumber]
  if (disk === undefined) throw new StepFailed(`this machine has no fixed disk ${diskNumber}`)
  const device = partitionDevice(disk.device, partitionNumber)
  const known = partitions.find((partition) => partition.device === device)
  if (known !== undefined) return known
  if (!existsSync(device)) throw new StepFailed(`disk ${diskNumber} has no partition ${partitionNumber} (${device})`)
  const place = (await readMountedDevices()).get(device)
  if (place !== undefined && context.target.device !== device) throw new StepFailed(`${device} is in use at ${place}`)
  return readPartition(device)
}

/** What is on the device, as blkid(8) sees it now. */
export async function readPartition(device: string): Promise<FormattedPartition> {
  const { stdout } = await runCommand({
    program: 'blkid',
    arguments: ['-c', '/dev/null', '-p', '-o', 'export', device],
  })
  const facts = new Map(
    stdout.split('\n').map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  )
  const fileSystem = fileSystems.get(facts.get('TYPE') ?? '')
  if (fileSystem === undefined) {
    throw new StepFailed(`${device} has no file system an image can be applied to (${facts.get('TYPE') ?? 'none'})`)
  }
  const uuid = facts.get('UUID')
  const use = efiSystemPartitions.includes(facts.get('PART_ENTRY_TYPE') ?? '') ? 'efi' : 'primary'
  return { device, use, fileSystem, ...(uuid === undefined ? {} : { uuid }) }
}

/** UEFI 2.10 sections 5.3.3 and 5.2.2, as blkid(8) writes them. */
const efiSystemPartitions = ['c12a7328-f81f-11d2-ba4b-00a0c93ec93b', '0xef']

const fileSystems: ReadonlyMap<string, FormattedPartition['fileSystem']> = new Map([
  ['ext4', 'ext4'],
  ['xfs', 'xfs'],
  ['vfat', 'fat32'],
  ['ntfs', 'ntfs'],
])
