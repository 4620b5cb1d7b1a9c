/**
 * Which disks a task sequence erases, and which partitions it empties that were there before, as far as its text tells: what
 * depends on conditions that nobody can answer yet may happen, and says on which (foreseen-steps.ts). What scripts set is not known.
 */

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Environment, valueOf } from '../server/sequence/environment.ts'
import { mentionsOf } from '../server/sequence/mentions.ts'
import type { Action } from '../server/sequence/step-types.ts'
import type { Run } from '../server/sequence/run.ts'
import type { TaskSequence } from '../server/sequence/task-sequence.ts'
import { isOverExistingSystem } from './existing-system.ts'
import type { FixedDisk } from './fixed-disks.ts'
import { foreseeSteps } from './foreseen-steps.ts'
import { formattedPartitionsVariable, parseFormattedPartitions, systemPartition } from './formatted-partitions.ts'
import { detectedDriveVariable } from './installed-root.ts'

/** Steps and groups that decide whether it happens; none: it does. */
interface Depending {
  readonly dependsOn: readonly string[]
}

export interface ErasedDisk extends Depending {
  readonly number: number
  /** Undefined: this machine has no such disk now, and the step will fail. */
  readonly disk: FixedDisk | undefined
}

export interface EmptiedPartition extends Depending {
  /** As people are told. */
  readonly text: string
}

export function erasedDisks(
  sequence: TaskSequence,
  environment: Environment,
  disks: readonly FixedDisk[],
): readonly ErasedDisk[] {
  const index = numberIn(valueOf(environment, diskIndexVariable))
  /** Those that steps before may have set, and the names of these steps. */
  const later = new Set<number>()
  const setters: string[] = []
  const found = new Map<number, readonly string[]>()
  for (const { name, action, dependsOn } of foreseeSteps(sequence, environment)) {
    const set = indexesSetBy(action, disks)
    for (const number of set) later.add(number)
    if (set.length > 0) setters.push(name)
    if (action.type !== 'format-and-partition-disk') continue
    for (const number of [index ?? action.diskNumber, ...later]) addTo(found, number, [...dependsOn, ...setters])
  }
  return [...found]
    .sort(([one], [other]) => one - other)
    .map(([number, dependsOn]) => ({ number, disk: disks[number], dependsOn }))
}

/** What happens for sure in one place happens. */
function addTo<K>(found: Map<K, readonly string[]>, what: K, dependsOn: readonly string[]): void {
  const before = found.get(what)
  if (before?.length === 0) return
  found.set(what, dependsOn.length === 0 ? [] : [...new Set([...(before ?? []), ...dependsOn])])
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

/** Partitions that are not made by this sequence for sure, whose files an Apply step deletes. */
export function emptiedPartitions(sequence: TaskSequence, environment: Environment): readonly EmptiedPartition[] {
  const found = new Map<string, readonly string[]>()
  const made = new Set<number>()
  const kept = systemPartition(parseFormattedPartitions(valueOf(environment, formattedPartitionsVariable)))
  const existing = valueOf(environment, detectedDriveVariable)
  for (const { action, dependsOn } of foreseeSteps(sequence, environment)) {
    if (action.type === 'format-and-partition-disk' && dependsOn.length === 0) made.add(action.diskNumber)
    const deletes = action.type === 'apply-data-image' && action.deleteContentFirst
    if (action.type !== 'apply-operating-system-image' && !deletes) continue
    const { destination, destinationVariable = '' } = action
    if (isOverExistingSystem(action)) {
      addTo(found, `the partition of the installed system${existing === '' ? '' : ` (${existing})`}`, dependsOn)
    } else if (destination !== undefined && !made.has(destination.diskNumber)) {
      addTo(found, `partition ${destination.partitionNumber} of disk ${destination.diskNumber}`, dependsOn)
    } else if (
      destination === undefined &&
      destinationVariable === '' &&
      made.size === 0 &&
      kept?.device === existing
    ) {
      // Of a prestaged disk: a system is there already.
      addTo(found, `the partition of the installed system (${existing})`, dependsOn)
    }
  }
  return [...found].map(([text, dependsOn]) => ({ text, dependsOn }))
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
