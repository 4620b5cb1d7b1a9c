/**
 * The last page before a task sequence that somebody chose: what it will erase, what it may erase and what that depends on, and
 * `yes`. Without a disk or a partition to erase there is nothing to confirm.
 */

import type { EmptiedPartition, ErasedDisk } from '../erased-disks.ts'
import { shorten } from './choose-page.ts'
import { ask, type PageEnd, type PageParts } from './page.ts'

export interface DiskToErase extends ErasedDisk {
  readonly serialNumber: string
}

export interface ToErase {
  readonly disks: readonly DiskToErase[]
  /** That stay, but for what is on them. */
  readonly partitions: readonly EmptiedPartition[]
}

/** With three lines each, on a page of 22. */
const shownMax = 4
const textColumnsMax = 200
/** Of the steps that something depends on. */
const namesMax = 2
const nameColumnsMax = 30

export async function askConfirmation(
  sequenceName: string,
  { disks, partitions }: ToErase,
  parts: PageParts,
): Promise<PageEnd<undefined>> {
  if (disks.length === 0 && partitions.length === 0) return { kind: 'next', value: undefined }
  const texts = [
    { what: 'disks', lines: disks.map((disk) => ({ text: diskText(disk), dependsOn: disk.dependsOn })) },
    { what: 'partitions', lines: partitions },
  ]
  const lines = ['will', 'may'].flatMap((verb) =>
    texts.flatMap(({ what, lines: all }) => {
      const wanted = all.filter(({ dependsOn }) => (dependsOn.length === 0) === (verb === 'will'))
      return listOf(`Everything on these ${what} ${verb} be erased:`, wanted.map(lineOf))
    }),
  )
  for (;;) {
    const typed = await ask(
      { heading: `Run "${sequenceName}"?`, lines, keys: 'Type yes and Enter = erase and run, p = Previous' },
      parts,
    )
    if (typed.kind !== 'next') return typed
    if (typed.value.toLowerCase() === 'yes') return { kind: 'next', value: undefined }
  }
}

/** What tells one disk from another stands at the end of its line, so a long one goes on in the next. */
function listOf(heading: string, texts: readonly string[]): readonly string[] {
  if (texts.length === 0) return []
  return [
    heading,
    ...texts.slice(0, shownMax).map((text) => shorten(`  ${text}`, textColumnsMax)),
    ...(texts.length > shownMax ? [`  ... and ${texts.length - shownMax} more`] : []),
  ]
}

function lineOf({ text, dependsOn }: EmptiedPartition): string {
  if (dependsOn.length === 0) return text
  const named = dependsOn.slice(0, namesMax).map((name) => `"${shorten(name, nameColumnsMax)}"`)
  const more = dependsOn.length > namesMax ? ` and ${dependsOn.length - namesMax} more` : ''
  return `${text}, depending on ${named.join(', ')}${more}`
}

export function diskText({ number, disk, serialNumber }: Omit<DiskToErase, 'dependsOn'>): string {
  if (disk === undefined) return `disk ${number}: not found in this machine now`
  const size = `${(disk.bytes / 1e9).toFixed(1)} GB`
  const serial = serialNumber === '' ? 'no serial number' : `serial number ${serialNumber}`
  return `disk ${number}: ${disk.model ?? 'unknown model'}, ${size}, ${serial} (${disk.device})`
}
