/**
 * Which disks a task sequence may erase, and which partitions it empties that were there before, as far as its text tells:
 * conditions are not asked yet, so a step that may be skipped counts. What scripts set is not known.
 */

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Environment, valueOf } from '../server/sequence/environment.ts'
import { mentionsOf } from '../server/sequence/mentions.ts'
import { flattenNodes } from '../server/sequence/progress.ts'
import type { Action } from '../server/sequence/step-types.ts'
import type { Run } from '../server/sequence/run.ts'
import type { TaskSequence } from '../server/sequence/task-sequence.ts'
import { isOverExistingSystem } from './existing-system.ts'
import type { FixedDisk } from './fixed-disks.ts'
import { formattedPartitionsVariable, parseFormattedPartitions, systemPartition } from './formatted-partitions.ts'
import { detectedDriveVariable } from './installed-root.ts'

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
  const index = numberIn(valueOf(environment, diskIndexVariable))
  /** Those that steps before may have set. */
  const later = new Set<number>()
  const numbers = new Set<number>()
  for (const action of enabledActions(sequence)) {
    for (const number of indexesSetBy(action, disks)) later.add(number)
    if (action.type !== 'format-and-partition-disk') continue
    for (const number of [index ?? action.diskNumber, ...later]) numbers.add(number)
  }
  return [...numbers].sort((one, other) => one - other).map((number) => ({ number, disk: disks[number] }))
}

const diskIndexVariable = 'OSDDiskIndex'

/** Of a value that is made up, or comes from a program, nothing is known: any disk. */
function indexesSetBy(action: Action, disks: readonly FixedDisk[]): readonly number[] {
  const sets = mentionsOf(action).some(
    (mention) => mention.kind === 'sets-variable' && mention.variable.toLowerCase() === diskIndexVariable.toLowerCase(),
  )
  if (!sets) return []
  const number = action.type === 'set-task-sequence-variable' ? numberIn(action.value) : undefined
  return number === undefined ? [...disks.keys()] : [number]
}

function numberIn(text: string): number | undefined {
  return /^[0-9]{1,3}$/.test(text.trim()) ? Number(text) : undefined
}

function enabledActions(sequence: TaskSequence): readonly Action[] {
  return flattenNodes(sequence).flatMap(({ node, enabled }) => (enabled && node.kind === 'step' ? [node.action] : []))
}

/** Partitions that are not made by this sequence, whose files an Apply step deletes; as people are told. */
export function emptiedPartitions(sequence: TaskSequence, environment: Environment): readonly string[] {
  const lines = new Set<string>()
  const made = new Set<number>()
  const kept = systemPartition(parseFormattedPartitions(valueOf(environment, formattedPartitionsVariable)))
  const existing = valueOf(environment, detectedDriveVariable)
  for (const action of enabledActions(sequence)) {
    if (action.type === 'format-and-partition-disk') made.add(action.diskNumber)
    const deletes = action.type === 'apply-data-image' && action.deleteContentFirst
    if (action.type !== 'apply-operating-system-image' && !deletes) continue
    const { destination, destinationVariable = '' } = action
    if (isOverExistingSystem(action)) {
      lines.add(`the partition of the installed system${existing === '' ? '' : ` (${existing})`}`)
    } else if (destination !== undefined && !made.has(destination.diskNumber)) {
      lines.add(`partition ${destination.partitionNumber} of disk ${destination.diskNumber}`)
    } else if (
      destination === undefined &&
      destinationVariable === '' &&
      made.size === 0 &&
      kept?.device === existing
    ) {
      // Of a prestaged disk: a system is there already.
      lines.add(`the partition of the installed system (${existing})`)
    }
  }
  return [...lines]
}

/** As the page of confirmation shows it. */
export async function whatIsErased(
  { sequence, environment }: Pick<Run, 'sequence' | 'environment'>,
  disks: readonly FixedDisk[],
) {
  const named = erasedDisks(sequence, environment, disks).map(async (erased) => ({
    ...erased,
    serialNumber: erased.disk === undefined ? '' : await readSerialNumber(erased.disk.name),
  }))
  return { disks: await Promise.all(named), partitions: emptiedPartitions(sequence, environment) }
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
