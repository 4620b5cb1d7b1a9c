/**
 * May this disk be erased? Only one that a person named by what stands on it, that nobody works with, and that is large enough. All
 * reasons are sentences for the person who has the stick in hand.
 */

import type { DiskFacts } from './disk-facts.ts'
import { printBytes } from './show-progress.ts'

export interface WantedErase {
  /** What `--yes-erase` named; absent: it was not given. */
  readonly yesErase: string | undefined
  /** Of the medium. */
  readonly length: number
  /** What else is plugged in. */
  readonly others: readonly DiskFacts[]
}

/** Undefined: it may. */
export function whyNotErase(disk: DiskFacts, { yesErase, length, others }: WantedErase): string | undefined {
  const shown = printDisk(disk)
  const used = whyNotWritable(disk)
  if (used !== undefined) return `${shown}: ${used}`
  if (disk.bytes < length) {
    return `${shown}: it is too small: the medium has ${length} octets (${printBytes(length)}), the disk ${disk.bytes} (${printBytes(disk.bytes)}). Take a larger one`
  }
  const wanted = eraseWord(disk)
  if (yesErase === wanted) {
    const same = others.filter((other) => eraseWord(other) === wanted).map(({ name }) => `/dev/${name}`)
    if (same.length === 0) return undefined
    return `${shown}: ${same.join(', ')} cannot be told from it. Unplug what is not to be erased`
  }
  const named = yesErase === undefined ? 'all that is on it would be lost' : `it is not the disk ${yesErase}`
  const inside = disk.isExternal ? '' : ' It is an internal disk of this machine: be sure that you want that.'
  return `${shown}: ${named}.${inside} To write the medium to it: --yes-erase '${wanted}'`
}

/** What is so whatever is written. */
export function whyNotWritable(disk: DiskFacts): string | undefined {
  if (disk.isVirtual) return 'it is no disk of its own, but made of others or of memory'
  if (disk.bytes === 0) return 'no medium is in it'
  if (disk.uses.length > 0) return `it is in use: ${disk.uses.join('; ')}. Unmount it, or take another one`
  if (disk.isReadOnly) return 'it is write-protected. Move its switch, or take another one'
  return undefined
}

/** The serial number; of a disk that tells none its model and size, which is the best that can be had. */
export function eraseWord({ serial, model, bytes }: Pick<DiskFacts, 'serial' | 'model' | 'bytes'>): string {
  return serial === '' ? `${(model === '' ? 'unknown' : model).replaceAll(' ', '_')}-${bytes}` : serial
}

export function printDisk({ name, model, bytes, serial }: DiskFacts): string {
  const said = [
    model === '' ? 'unknown model' : model,
    printBytes(bytes),
    serial === '' ? 'no serial number' : `serial ${serial}`,
  ]
  return `/dev/${name} (${said.join(', ')})`
}
