/**
 * Format and Partition Disk in a task sequence document (S2-042, S2-043), and what its fields must be together: what
 * an MBR or a GPT disk can hold, and percentages that can be given out.
 */

import type { FormatAndPartitionDisk, Partition } from './action.ts'
import { parseVariableName } from './parse-variable-name.ts'
import { printMember } from './print-path.ts'
import {
  fault,
  type Place,
  peek,
  readBoolean,
  readList,
  readMembers,
  readText,
  readWholeNumber,
  readWord,
  warn,
} from './read-document.ts'

/** UEFI 2.10 section 5.3: 128 entries, names of 36 UTF-16 units. An MBR has room for four. */
export const gptPartitionsMax = 128
export const mbrPartitionsMax = 4
export const partitionNameCharactersMax = 36
/** Ours: no machine has more, and a slip of the pen is found. */
export const diskNumberMax = 255
/** Ours: 1 PiB. */
export const partitionMegabytesMax = 1_073_741_824

export function parseFormatAndPartitionDisk(place: Place): FormatAndPartitionDisk | undefined {
  const members = readMembers(place, ['type', 'diskNumber', 'diskType', 'partitions'])
  if (members === undefined) return undefined
  const places: Place[] = []
  const rule = { min: 1, max: gptPartitionsMax }
  const read = readList<Partition | undefined>(members.partitions, rule, (item) => {
    places.push(item)
    return parsePartition(item)
  })
  const diskType = readWord(members.diskType, ['gpt', 'mbr'], 'gpt')
  const rows = read.flatMap((partition, index) => {
    const at = places[index]
    return partition === undefined || at === undefined ? [] : [{ partition, place: at }]
  })
  checkPercentages(members.partitions, rows)
  checkVariables(rows)
  if (diskType === 'mbr') checkMbr(members.partitions, rows)
  else checkGpt(rows)
  return {
    type: 'format-and-partition-disk',
    diskNumber: readWholeNumber(members.diskNumber, { min: 0, max: diskNumberMax, absent: 0 }),
    diskType,
    partitions: rows.map((row) => row.partition),
  }
}

interface Row {
  readonly partition: Partition
  readonly place: Place
}

const partitionFields = ['name', 'use', 'size', 'fileSystem', 'bootable', 'variable'] as const

function parsePartition(place: Place): Partition | undefined {
  const members = readMembers(place, partitionFields)
  if (members === undefined) return undefined
  const use = readWord(members.use, ['primary', 'efi', 'bios-boot', 'swap'], 'primary')
  const usual = usualFileSystem[use]
  const fileSystem = readWord(members.fileSystem, ['ext4', 'xfs', 'fat32', 'ntfs', 'none'], usual)
  if (use !== 'primary' && fileSystem !== usual) {
    const message = `A partition used as ${use} has the file system ${usual}: leave this out or say so.`
    fault(members.fileSystem, 'contradiction', message)
  }
  const { variable } = members
  return {
    name: readText(members.name, { max: partitionNameCharactersMax, absent: '' }),
    use,
    size: parseSize(members.size),
    fileSystem,
    bootable: readBoolean(members.bootable, false),
    ...(variable.value === undefined ? {} : { variable: parseVariableName(variable, 'set') }),
  }
}

const usualFileSystem = {
  primary: 'ext4',
  efi: 'fat32',
  'bios-boot': 'none',
  swap: 'none',
} as const satisfies Record<Partition['use'], Partition['fileSystem']>

/** S2-043: without a size it is all that remains. */
function parseSize(place: Place): Partition['size'] {
  if (place.value === undefined) return { percentOfRemaining: 100 }
  const members = readMembers(place, ['percentOfRemaining', 'megabytes'])
  const both = members?.megabytes.value !== undefined && members.percentOfRemaining.value !== undefined
  if (both) fault(place, 'contradiction', 'Give percentOfRemaining or megabytes, not both.')
  if (members === undefined || both) return { percentOfRemaining: 100 }
  if (members.megabytes.value !== undefined) {
    return { megabytes: readWholeNumber(members.megabytes, { min: 1, max: partitionMegabytesMax }) }
  }
  return { percentOfRemaining: readWholeNumber(members.percentOfRemaining, { min: 1, max: 100 }) }
}

function checkPercentages(place: Place, rows: readonly Row[]): void {
  let sum = 0
  for (const { partition } of rows)
    sum += 'percentOfRemaining' in partition.size ? partition.size.percentOfRemaining : 0
  if (sum <= 100) return
  const message = `Lower the percentages: together they are ${sum}. A partition without a size asks for 100.`
  fault(place, 'contradiction', message)
}

function checkVariables(rows: readonly Row[]): void {
  const seen = new Set<string>()
  for (const { partition, place } of rows) {
    const key = partition.variable?.toLowerCase()
    if (key === undefined) continue
    if (seen.has(key)) {
      fault(
        member(place, 'variable'),
        'duplicate',
        'Another partition of this disk sets this variable: choose another name.',
      )
    }
    seen.add(key)
  }
}

function checkMbr(place: Place, rows: readonly Row[]): void {
  if (rows.length > mbrPartitionsMax) {
    fault(place, 'too-many', `An MBR disk has at most ${mbrPartitionsMax} partitions: remove some, or choose gpt.`)
  }
  for (const { partition, place: at } of rows) {
    if (partition.use === 'bios-boot')
      fault(member(at, 'use'), 'contradiction', 'Only a GPT disk has a bios-boot partition.')
  }
  const [, ...more] = rows.filter(({ partition }) => partition.bootable)
  for (const { place: at } of more) {
    fault(member(at, 'bootable'), 'contradiction', 'Only one partition of a disk can be active: set this to false.')
  }
}

function checkGpt(rows: readonly Row[]): void {
  for (const { partition, place } of rows) {
    if (!partition.bootable) continue
    warn(member(place, 'bootable'), 'no-effect', 'A GPT disk has no active partition: this has no effect.')
  }
}

function member(place: Place, name: string): Place {
  return { ...place, value: peek(place, name), path: printMember(place.path, name) }
}
