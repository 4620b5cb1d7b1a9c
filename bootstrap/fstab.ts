/**
 * `/etc/fstab` of a system: that of the applied one, by UUID, because kernel names of disks change between
 * starts, and what that of an older one says (fstab(5)).
 */

import type { FormattedPartition } from './formatted-partitions.ts'

export function printFstab(root: FormattedPartition, others: readonly FormattedPartition[]): string {
  const lines = [entry(root, '/', 1), ...others.flatMap(otherEntry)]
  return ['# Written by Reveille when the operating system was applied.', ...lines, ''].join('\n')
}

/** Places below the root that another volume takes when the system runs: `home`, `srv/people`. */
export function volumePlaces(fstab: string): readonly string[] {
  return fstab.split('\n').flatMap((line) => {
    const [source = '', place = ''] = line.trim().split(/\s+/)
    if (source === '' || source.startsWith('#') || !place.startsWith('/')) return []
    const names = decodePlace(place)
      .split('/')
      .filter((name) => name !== '')
    return names.length === 0 ? [] : [names.join('/')]
  })
}

/** fstab(5), proc(5): a blank is written as \040. */
export function decodePlace(text: string): string {
  return text.replaceAll(/\\([0-7]{3})/g, (_all, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))
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
