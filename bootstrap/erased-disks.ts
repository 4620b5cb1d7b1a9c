/** Which disks a task sequence may erase, as far as its text tells: conditions are not asked yet, so a step that may be skipped counts. */

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Environment, valueOf } from '../server/sequence/environment.ts'
import { flattenNodes } from '../server/sequence/progress.ts'
import type { TaskSequence } from '../server/sequence/task-sequence.ts'
import type { FixedDisk } from './fixed-disks.ts'

export interface ErasedDisk {
  readonly number: number
  /** Undefined: this machine has no such disk now, and the step will fail. */
  readonly disk: FixedDisk | undefined
}

export function erasedDisks(
  sequence: TaskSequence,
  environment: Environment,
  disks: readonly FixedDisk[],
): readonly ErasedDisk[] {
  const index = valueOf(environment, 'OSDDiskIndex').trim()
  const numbers = flattenNodes(sequence).flatMap(({ node, enabled }) => {
    if (!enabled || node.kind !== 'step' || node.action.type !== 'format-and-partition-disk') return []
    return [/^[0-9]{1,3}$/.test(index) ? Number(index) : node.action.diskNumber]
  })
  return [...new Set(numbers)].sort((one, other) => one - other).map((number) => ({ number, disk: disks[number] }))
}

/** On the label of the disk, where the kernel knows it; '' otherwise. */
export async function readSerialNumber(name: string, root = '/'): Promise<string> {
  for (const file of ['serial', 'device/serial', 'device/vpd_pg80', 'device/wwid', 'wwid']) {
    const text = await readFile(join(root, 'sys/block', name, file), 'latin1').catch(() => '')
    // The page of SCSI has four octets of head; `wwid` has blanks between the maker's words.
    const clean = (file.endsWith('vpd_pg80') ? text.slice(4) : text).replaceAll(/[^\x20-\x7e]/g, '').trim()
    if (clean !== '') return clean.split(/\s+/).at(-1) ?? ''
  }
  return ''
}
