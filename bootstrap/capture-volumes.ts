/**
 * The volumes of a Windows installation as images of one WIM (S2-064): each NTFS and FAT32 partition of the fixed disks is one,
 * the system's first. Left out are the partitions that a deployment makes anew (EFI system, recovery), other file systems,
 * and with them everything that is not a fixed disk. NTFS is read from the partition itself, with access lists and streams.
 */

import { readdir } from 'node:fs/promises'
import { runCommand } from './command.ts'
import type { FixedDisk } from './fixed-disks.ts'

export interface Volume {
  readonly device: string
  readonly fileSystem: 'ntfs' | 'fat32'
  readonly label: string
}

/** UEFI 2.10 section 5.3.3 and the documents of Windows: EFI system, Microsoft reserved, recovery; and their MBR types. */
const madeAnew = new Set([
  'c12a7328-f81f-11d2-ba4b-00a0c93ec93b',
  'e3c9e316-0b5c-4db8-817d-f92df00215ae',
  'de94bba4-06d1-4d40-a16a-bfd50179d6ac',
  '0xef',
  '0x27',
])

/** `system` first; then in the order of the disks. */
export async function findVolumes(disks: readonly FixedDisk[], system: string): Promise<readonly Volume[]> {
  const found: Volume[] = []
  for (const disk of disks) {
    const names = (await readdir(`/sys/class/block/${disk.name}`).catch(() => [])).filter((name) =>
      name.startsWith(disk.name),
    )
    names.sort((one, other) => one.localeCompare(other, 'en', { numeric: true }))
    for (const name of names) {
      const volume = await readVolume(`/dev/${name}`)
      if (volume !== undefined) found.push(volume)
    }
  }
  return [...found.filter(({ device }) => device === system), ...found.filter(({ device }) => device !== system)]
}

async function readVolume(device: string): Promise<Volume | undefined> {
  const { stdout } = await runCommand({
    program: 'blkid',
    arguments: ['-c', '/dev/null', '-p', '-o', 'export', device],
  })
  const fact = (name: string): string => new RegExp(`^${name}=(.*)$`, 'm').exec(stdout)?.[1] ?? ''
  if (madeAnew.has(fact('PART_ENTRY_TYPE').toLowerCase())) return undefined
  const label = fact('LABEL')
  if (fact('TYPE') === 'ntfs') return { device, fileSystem: 'ntfs', label }
  if (fact('TYPE') === 'vfat' && fact('VERSION') === 'FAT32') return { device, fileSystem: 'fat32', label }
  return undefined
}

export interface WimNames {
  readonly name: string
  readonly description: string
}

/** `target` is a file, or `-` for standard output. Names of several volumes differ, as wimlib wants them to. */
export function captureVolumeArguments(
  { source, target, add }: { readonly source: string; readonly target: string; readonly add: boolean },
  { name, description }: WimNames,
): readonly string[] {
  // So that it is applied while it arrives; append keeps what the file is.
  const form = add ? [] : ['--pipable', '--compress=LZX']
  return [add ? 'append' : 'capture', source, target, name, description, ...form]
}
