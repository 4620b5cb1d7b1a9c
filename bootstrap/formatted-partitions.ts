/**
 * What Format and Partition Disk made, remembered for the later steps in the variable `OSDFormattedPartitions`: one
 * partition after another with device, use, file system and UUID, such as `/dev/sda1 efi fat32 1A2B-3C4D`. The UUID finds
 * the partition again when a restart has given the disk another name.
 */

import type { Partition } from '../server/sequence/step-types/format-and-partition-disk.ts'

export const formattedPartitionsVariable = 'OSDFormattedPartitions'

export interface FormattedPartition {
  readonly device: string
  readonly use: Partition['use']
  readonly fileSystem: Partition['fileSystem']
  /** Absent where nothing was formatted. */
  readonly uuid?: string
}

export function printFormattedPartitions(partitions: readonly FormattedPartition[]): string {
  return partitions
    .map(({ device, use, fileSystem, uuid = '-' }) => `${device} ${use} ${fileSystem} ${uuid}`)
    .join('; ')
}

/** Entries that cannot be read are left out: an administrator may set the variable too. */
export function parseFormattedPartitions(text: string): readonly FormattedPartition[] {
  return text.split(';').flatMap((entry) => {
    const [device = '', use = '', fileSystem = '', uuid = '-'] = entry.trim().split(/\s+/)
    if (!device.startsWith('/dev/') || !isUse(use) || !isFileSystem(fileSystem)) return []
    return [{ device, use, fileSystem, ...(uuid === '-' ? {} : { uuid }) }]
  })
}

/** The first formatted `primary` partition is where the operating system goes unless the step names another. */
export function systemPartition(partitions: readonly FormattedPartition[]): FormattedPartition | undefined {
  return partitions.find(({ use, fileSystem }) => use === 'primary' && fileSystem !== 'none')
}

/** Those of a disk that was formatted again are gone. */
export function mergePartitions(
  older: readonly FormattedPartition[],
  newer: readonly FormattedPartition[],
  disk: string,
): readonly FormattedPartition[] {
  return [...older.filter(({ device }) => !isPartitionOf(device, disk)), ...newer]
}

export function isPartitionOf(device: string, disk: string): boolean {
  return device.startsWith(disk) && /^p?\d+$/.test(device.slice(disk.length))
}

function isUse(text: string): text is Partition['use'] {
  return ['primary', 'efi', 'bios-boot', 'swap', 'msr', 'extended', 'logical', 'hidden'].includes(text)
}

function isFileSystem(text: string): text is Partition['fileSystem'] {
  return ['ext4', 'xfs', 'fat32', 'ntfs', 'none'].includes(text)
}
