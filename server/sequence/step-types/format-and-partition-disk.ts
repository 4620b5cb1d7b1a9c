/**
 * Format and Partition Disk (S2-042 to S2-044), and what its fields must be together: what an MBR or a GPT disk can
 * hold, and percentages that can be given out.
 */

import { type Field, type ValuesOf } from '../field.ts'
import { flag, list, optional, record, text, variableName, wholeNumber, word } from '../fields.ts'
import { fault, memberOf, type Place, peek, readMembers, readWholeNumber } from '../read-document.ts'
import { type ActionOf, defineStepType } from '../step-type.ts'
import { settleDisk } from './partition-rules.ts'
import { partitionsFromVariables } from './partition-variables.ts'

/** UEFI 2.10 section 5.3: 128 entries, names of 36 UTF-16 units. */
const gptPartitionsMax = 128
/** Smaller ones are not taken by Windows; as large as Windows makes it. */
const msrMegabytes = 16
/** S3.2: the engine of the source system prepares the start of UEFI machines there. */
const uefiDriveVariable = 'TSUEFIDrive'
const partitionNameCharactersMax = 36
/** Ours: no machine has more, and a slip of the pen is found. */
const diskNumberMax = 255
/** Ours: 1 PiB. */
const partitionMegabytesMax = 1_073_741_824

type Size = { readonly percentOfRemaining: number } | { readonly megabytes: number }

const partition = {
  name: text('The name of the partition or volume.', { max: partitionNameCharactersMax, absent: '' }),
  use: word(
    'efi is the EFI system partition, msr is reserved by Windows, bios-boot holds GRUB on GPT disks of BIOS machines; logical ones lie in the one extended partition of an MBR disk.',
    ['primary', 'efi', 'bios-boot', 'swap', 'msr', 'extended', 'logical', 'hidden'],
    { absent: 'primary' },
  ),
  size: sizeField(),
  fileSystem: word('Left out: the usual one for this use.', ['ext4', 'xfs', 'fat32', 'ntfs', 'none'], {
    absent: 'ext4',
  }),
  quickFormat: flag('Without it each sector is looked at, which takes hours.', true),
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

export type Disk = ValuesOf<typeof fields>

export const formatAndPartitionDisk = defineStepType({
  type: 'format-and-partition-disk',
  title: 'Format and Partition Disk',
  about: 'Erases one disk, and makes and formats its partitions.',
  category: 'disks',
  runsIn: 'boot-image',
  xmlName: 'PartitionDiskAction',
  inputs: ['OSDPartitions0Type', 'OSDGPTBootDisk'],
  fields,
  together: { settle: settleDisk },
  fromVariables: partitionsFromVariables,
})

export type FormatAndPartitionDisk = ActionOf<typeof formatAndPartitionDisk>

const usualFileSystem = {
  primary: 'ext4',
  logical: 'ext4',
  hidden: 'ext4',
  efi: 'fat32',
  'bios-boot': 'none',
  swap: 'none',
  msr: 'none',
  extended: 'none',
} as const satisfies Record<Partition['use'], Partition['fileSystem']>

function settlePartition(value: Partition, place: Place): Partition {
  const { use, size } = value
  const usual = usualFileSystem[use]
  const fileSystem = peek(place, 'fileSystem') === undefined ? usual : value.fileSystem
  if (usual !== 'ext4' && fileSystem !== usual) {
    const message = `A partition used as ${use} has the file system ${usual}: leave this out or say so.`
    fault(memberOf(place, 'fileSystem'), 'contradiction', message)
  }
  if (value.variable?.toLowerCase() === uefiDriveVariable.toLowerCase() && fileSystem !== 'fat32') {
    const message = `${uefiDriveVariable} names the partition that UEFI machines start from: it has the file system fat32.`
    fault(memberOf(place, 'fileSystem'), 'contradiction', message)
  }
  if (use !== 'msr') return { ...value, fileSystem }
  if ('megabytes' in size && size.megabytes < msrMegabytes) {
    fault(memberOf(place, 'size'), 'out-of-range', `Give an msr partition at least ${msrMegabytes} megabytes.`)
  }
  return { ...value, fileSystem, size: peek(place, 'size') === undefined ? { megabytes: msrMegabytes } : size }
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
