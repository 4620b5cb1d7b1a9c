/**
 * The last page before a task sequence that somebody chose: what it will erase, and `yes`. Without a disk to erase there is
 * nothing to confirm.
 */

import type { ErasedDisk } from '../erased-disks.ts'
import { shorten } from './choose-page.ts'
import { ask, type PageEnd, type PageParts } from './page.ts'

export interface DiskToErase extends ErasedDisk {
  readonly serialNumber: string
}

export async function askConfirmation(
  sequenceName: string,
  disks: readonly DiskToErase[],
  parts: PageParts,
): Promise<PageEnd<undefined>> {
  if (disks.length === 0) return { kind: 'next', value: undefined }
  const lines = [
    'Everything on these disks will be erased:',
    ...disks.slice(0, 10).map((disk) => shorten(`  ${diskText(disk)}`)),
    ...(disks.length > 10 ? [`  ... and ${disks.length - 10} more`] : []),
  ]
  for (;;) {
    const typed = await ask(
      { heading: `Run "${sequenceName}"?`, lines, keys: 'Type yes and Enter = erase and run, p = Previous' },
      parts,
    )
    if (typed.kind !== 'next') return typed
    if (typed.value.toLowerCase() === 'yes') return { kind: 'next', value: undefined }
  }
}

export function diskText({ number, disk, serialNumber }: DiskToErase): string {
  if (disk === undefined) return `disk ${number}: not found in this machine now`
  const size = `${(disk.bytes / 1e9).toFixed(1)} GB`
  const serial = serialNumber === '' ? 'no serial number' : `serial number ${serialNumber}`
  return `disk ${number}: ${disk.model ?? 'unknown model'}, ${size}, ${serial} (${disk.device})`
}
