/**
 * Format and Partition Disk (S2-042 to S2-044), and what its fields must be together: what an MBR or a GPT disk can
 * hold, and percentages that can be given out.
 */

import { type Field, type ValuesOf } from '../field.ts'
import { flag, list, optional, record, text, variableName, wholeNumber, word } from '../fields.ts'
import { fault, memberOf, type Place, peek, readMembers, readWholeNumber, warn } from '../read-document.ts'
import { type ActionOf, defineStepType } from '../step-type.ts'

/** UEFI 2.10 section 5.3: 128 entries, names of 36 UTF-16 units. An MBR has room for four. */
const gptPartitionsMax = 128
const mbrPartitionsMax = 4
const partitionNameCharactersMax = 36
/** Ours: no machine has more, and a slip of the pen is found. */
const diskNumberMax = 255
/** Ours: 1 PiB. */
const partitionMegabytesMax = 1_073_741_824

type Size = { readonly percentOfRemaining: number } | { readonly megabytes: number }

const partition = {
  name: text('The name of the partition or volume.', { max: partitionNameCharactersMax, absent: '' }),
  use: word(
    'bios-boot holds GRUB on GPT disks of BIOS machines; efi is the EFI system partition.',
    ['primary', 'efi', 'bios-boot', 'swap'],
    { absent: 'primary' },
  ),
  size: sizeField(),
  fileSystem: word('Left out: the usual one for this use.', ['ext4', 'xfs', 'fat32', 'ntfs', 'none'], {
    absent: 'ext4',
  }),
  bootable: flag('The active partition of an MBR disk.', false),
  variable: optional(variableName('Receives the device name, such as /dev/sda2.', 'set')),
}

export type Partition = ValuesOf<typeof partition>

const fields = {
  diskNumber: wholeNumber("Counts from 0 over the machine's fixed disks, in the order the agent reports them.", {
    min: 0,
    max: diskNumberMax,
    absent: 0,
    variable: 'OSDDiskIndex',
  }),
  diskType: word('The kind of partition table.', ['gpt', 'mbr'], { absent: 'gpt', variable: 'OSDPartitionStyle' }),
  partitions: list('In their order on the disk.', record('A partition.', partition, { settle: settlePartition }), {
    min: 1,
    max: gptPartitionsMax,
  }),
}

type Disk = ValuesOf<typeof fields>

export const formatAndPartitionDisk = defineStepType({
  type: 'format-and-partition-disk',
  title: 'Format and Partition Disk',
  about: 'Erases one disk, and makes and formats its partitions.',
  category: 'disks',
  runsIn: 'boot-image',
  xmlName: 'PartitionDiskAction',
  fields,
  together: { settle: settleDisk },
})

export type FormatAndPartitionDisk = ActionOf<typeof formatAndPartitionDisk>

const usualFileSystem = {
  primary: 'ext4',
  efi: 'fat32',
  'bios-boot': 'none',
  swap: 'none',
} as const satisfies Record<Partition['use'], Partition['fileSystem']>

function settlePartition(value: Partition, place: Place): Partition {
  const usual = usualFileSystem[value.use]
  const fileSystem = peek(place, 'fileSystem') === undefined ? usual : value.fileSystem
  if (value.use !== 'primary' && fileSystem !== usual) {
    const message = `A partition used as ${value.use} has the file system ${usual}: leave this out or say so.`
    fault(memberOf(place, 'fileSystem'), 'contradiction', message)
  }
  return { ...value, fileSystem }
}

/** A share of what the fixed sizes leave, or a fixed size in MiB. S2-043: without a size it is all that remains. */
function sizeField(): Field<Size> {
  return {
    about: 'percentOfRemaining of what the fixed sizes leave, or megabytes (MiB); left out: all that remains.',
    form: { kind: 'other' },
    optional: false,
    read: readSize,
    fromText: (value) => value,
    resolve: (value) => value,
    mentions: () => [],
    mapSecrets: (value) => value,
  }
}

function readSize(place: Place): Size {
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

function settleDisk(disk: Disk, place: Place): Disk {
  const rows = disk.partitions.map((value, index) => ({ partition: value, place: partitionAt(place, index) }))
  checkPercentages(memberOf(place, 'partitions'), rows)
  checkVariables(rows)
  if (disk.diskType === 'mbr') checkMbr(memberOf(place, 'partitions'), rows)
  else checkGpt(rows)
  return disk
}

interface Row {
  readonly partition: Partition
  readonly place: Place
}

function partitionAt(place: Place, index: number): Place {
  const partitions = memberOf(place, 'partitions')
  const value: unknown = Array.isArray(partitions.value) ? partitions.value[index] : undefined
  return { ...partitions, value, path: `${partitions.path}[${index}]` }
}

function checkPercentages(place: Place, rows: readonly Row[]): void {
  const shares = rows.map(({ partition: { size } }) => ('percentOfRemaining' in size ? size.percentOfRemaining : 0))
  const sum = shares.reduce((total, share) => total + share, 0)
  if (sum <= 100) return
  const message = `Lower the percentages: together they are ${sum}. A partition without a size asks for 100.`
  fault(place, 'contradiction', message)
}

function checkVariables(rows: readonly Row[]): void {
  const seen = new Set<string>()
  for (const {
    partition: { variable },
    place,
  } of rows) {
    const key = variable?.toLowerCase()
    if (key === undefined) continue
    if (seen.has(key)) {
      const message = 'Another partition of this disk sets this variable: choose another name.'
      fault(memberOf(place, 'variable'), 'duplicate', message)
    }
    seen.add(key)
  }
}

function checkMbr(place: Place, rows: readonly Row[]): void {
  if (rows.length > mbrPartitionsMax) {
    fault(place, 'too-many', `An MBR disk has at most ${mbrPartitionsMax} partitions: remove some, or choose gpt.`)
  }
  for (const row of rows) {
    if (row.partition.use !== 'bios-boot') continue
    fault(memberOf(row.place, 'use'), 'contradiction', 'Only a GPT disk has a bios-boot partition.')
  }
  const [, ...more] = rows.filter((row) => row.partition.bootable)
  for (const row of more) {
    const message = 'Only one partition of a disk can be active: set this to false.'
    fault(memberOf(row.place, 'bootable'), 'contradiction', message)
  }
}

function checkGpt(rows: readonly Row[]): void {
  for (const row of rows) {
    if (!row.partition.bootable) continue
    warn(memberOf(row.place, 'bootable'), 'no-effect', 'A GPT disk has no active partition: this has no effect.')
  }
}
