/** `/etc/fstab` of the applied system, by UUID, because kernel names of disks change between starts (fstab(5)). */

import type { FormattedPartition } from './formatted-partitions.ts'

export function printFstab(root: FormattedPartition, others: readonly FormattedPartition[]): string {
  const lines = [entry(root, '/', 1), ...others.flatMap(otherEntry)]
  return ['# Written by Reveille when the operating system was applied.', ...lines, ''].join('\n')
}

function otherEntry(partition: FormattedPartition): readonly string[] {
  if (partition.uuid === undefined) return []
  if (partition.use === 'efi') return [entry(partition, '/boot/efi', 2)]
  if (partition.use === 'swap') return [`UUID=${partition.uuid} none swap sw 0 0`]
  return []
}

function entry({ uuid, device, fileSystem, use }: FormattedPartition, place: string, pass: number): string {
  const source = uuid === undefined ? device : `UUID=${uuid}`
  const type = fileSystem === 'fat32' ? 'vfat' : fileSystem
  const options =
    use === 'efi' ? 'umask=0077' : place === '/' && fileSystem === 'ext4' ? 'errors=remount-ro' : 'defaults'
  // A damaged EFI partition must not keep the system from starting.
  const nofail = use === 'efi' ? ',nofail' : ''
  return `${source} ${place} ${type} ${options}${nofail} 0 ${fileSystem === 'xfs' ? 0 : pass}`
}
