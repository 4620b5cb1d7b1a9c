/** Format and Partition Disk as a document, and as variables describe it. */

import test from 'ava'
import { faultsOf, resolvesTo } from '../../support/action-macros.ts'
import { actionOf, environmentOf, readAction } from '../../support/actions.ts'
import { resolveAction } from '../../../server/sequence/resolve-action.ts'

const type = 'format-and-partition-disk'
const gpt = { type, partitions: [{}] }

function mbr(...partitions: readonly object[]): { readonly type: string; readonly [name: string]: unknown } {
  return { type, diskType: 'mbr', partitions }
}

test('S2-043: what is left out', (t) => {
  t.deepEqual<unknown, unknown>(actionOf({ type, partitions: [{}, { use: 'msr', size: { megabytes: 32 } }] }), {
    type,
    diskNumber: 0,
    diskType: 'gpt',
    partitions: [
      {
        name: '',
        use: 'primary',
        size: { percentOfRemaining: 100 },
        fileSystem: 'ext4',
        quickFormat: true,
        bootable: false,
      },
      { name: '', use: 'msr', size: { megabytes: 32 }, fileSystem: 'none', quickFormat: true, bootable: false },
    ],
  })
})
test(
  'S2-043: an msr partition has at least 16 megabytes',
  faultsOf,
  { type, partitions: [{ use: 'msr', size: { megabytes: 15 } }] },
  'partitions[0].size out-of-range',
)
test(
  'S2-043: an msr partition has no file system',
  faultsOf,
  { type, partitions: [{ use: 'msr', fileSystem: 'ntfs' }] },
  'partitions[0].fileSystem contradiction',
)
test(
  'S2-042: a GPT disk has no extended or logical partitions',
  faultsOf,
  { type, partitions: [{ use: 'extended', size: { megabytes: 9 } }, { use: 'logical' }] },
  'partitions[0].use contradiction',
  'partitions[1].use contradiction',
)
test(
  'S2-042: an MBR disk has neither msr nor bios-boot partitions',
  faultsOf,
  mbr({ use: 'msr' }, { use: 'bios-boot' }),
  'partitions[0].use contradiction',
  'partitions[1].use contradiction',
)
test(
  'S2-043: logical partitions lie in an extended one',
  faultsOf,
  mbr({ use: 'logical' }),
  'partitions[0].use contradiction',
)
test(
  'S2-043: a disk has one extended partition',
  faultsOf,
  mbr({ use: 'extended', size: { megabytes: 9 } }, { use: 'extended' }),
  'partitions[1].use contradiction',
)
test(
  'S2-043: logical partitions do not count among the four, nor their shares among those of the disk',
  faultsOf,
  mbr(
    { size: { megabytes: 100 } },
    { use: 'hidden', size: { megabytes: 100 } },
    { use: 'swap', size: { megabytes: 100 } },
    { use: 'extended' },
    { use: 'logical', size: { percentOfRemaining: 50 } },
    { use: 'logical', size: { percentOfRemaining: 50 } },
  ),
)
test(
  'S2-043: the shares of logical partitions are those of the extended one',
  faultsOf,
  mbr({ use: 'extended' }, { use: 'logical' }, { use: 'logical' }),
  'partitions contradiction',
)
test(
  'TSUEFIDrive names a partition with FAT',
  faultsOf,
  { type, partitions: [{ variable: 'TSUEFIDrive' }] },
  'partitions[0].fileSystem contradiction',
)

const array = {
  OSDPartitions0Type: 'Primary',
  OSDPartitions0FileSystem: 'NTFS',
  OSDPartitions0Bootable: 'true',
  OSDPartitions0QuickFormat: 'False',
  OSDPartitions0VolumeName: 'System',
  OSDPartitions0Size: '2',
  OSDPartitions0SizeUnits: 'GB',
  OSDPartitions0VolumeLetterVariable: 'SystemDrive',
  OSDPartitions1Type: 'hidden',
  OSDPartitions1Size: '50',
  OSDPartitions1SizeUnits: 'Percent',
  OSDPartitions3Type: 'Primary',
}

test(
  'S1-059, S2-043: variables describe the partitions instead of the step, up to the first gap',
  resolvesTo,
  mbr({}),
  array,
  {
    partitions: [
      {
        name: 'System',
        use: 'primary',
        size: { megabytes: 2_048 },
        fileSystem: 'ntfs',
        quickFormat: false,
        bootable: true,
        variable: 'SystemDrive',
      },
      {
        name: '',
        use: 'hidden',
        size: { percentOfRemaining: 50 },
        fileSystem: 'none',
        quickFormat: true,
        bootable: false,
      },
    ],
  },
)
test(
  'S2-043: megabytes are meant where no unit is said, and without a size it is all that remains',
  resolvesTo,
  gpt,
  { OSDPartitions0Type: 'EFI', OSDPartitions0Size: '300', OSDPartitions1Type: 'MSR', OSDPartitions2Type: 'Primary' },
  {
    partitions: [
      { ...efi(300), name: '' },
      { ...efi(16), name: '', use: 'msr', fileSystem: 'none' },
      { ...efi(0), name: '', use: 'primary', fileSystem: 'none', size: { percentOfRemaining: 100 } },
    ],
  },
)
test('S2-044: OSDGPTBootDisk puts an EFI system partition first', (t) => {
  const partitionsOf = (document: Readonly<Record<string, unknown>>): unknown => {
    const resolved = resolveAction(readAction(document), environmentOf({ OSDGPTBootDisk: 'true' }))
    return resolved.kind === 'resolved' && 'partitions' in resolved.action ? resolved.action.partitions : resolved
  }
  t.like(partitionsOf(gpt), [efi(512), { use: 'primary' }])
  t.is(length(partitionsOf(gpt)), 2)
  t.is(length(partitionsOf({ type, partitions: [{ use: 'efi' }] })), 1)
  t.is(length(partitionsOf(mbr({}))), 1)
})
test('S2-044: a variable of the array that does not fit is a fault with its place', (t) => {
  const resolved = resolveAction(readAction(gpt), environmentOf({ OSDPartitions0Type: 'Tertiary' }))
  t.regex(resolved.kind === 'unusable' ? resolved.message : '', /^partitions\[0\]\.use cannot be used/)
})

function efi(megabytes: number): object {
  return { name: 'EFI', use: 'efi', size: { megabytes }, fileSystem: 'fat32', quickFormat: true, bootable: false }
}

function length(value: unknown): number {
  return Array.isArray(value) ? value.length : -1
}
