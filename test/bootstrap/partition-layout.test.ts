/** From the partitions of a step to sectors and to the script of sfdisk, and what is refused. */

import test from 'ava'
import {
  type DiskSize,
  type Layout,
  layOutPartitions,
  partitionDevice,
  printSfdiskScript,
} from '../../bootstrap/partition-layout.ts'
import type { FormatAndPartitionDisk, Partition } from '../../server/sequence/step-types/format-and-partition-disk.ts'

function partition(changes: Partial<Partition> = {}): Partition {
  return {
    name: 'System',
    use: 'primary',
    size: { percentOfRemaining: 100 },
    fileSystem: 'ext4',
    quickFormat: true,
    bootable: false,
    ...changes,
  }
}

function action(diskType: 'mbr' | 'gpt', partitions: readonly Partition[]): FormatAndPartitionDisk {
  return { type: 'format-and-partition-disk', diskNumber: 0, diskType, partitions }
}

const tenGiB = { bytes: 10 * 1024 ** 3, sectorBytes: 512 }
const efi = partition({ name: 'EFI', use: 'efi', fileSystem: 'fat32', size: { megabytes: 512 } })

test('S2-043: percentages count over what the fixed sizes leave', (t) => {
  const layout = accepted(
    action('gpt', [
      efi,
      partition({ size: { percentOfRemaining: 50 } }),
      partition({ name: 'Data', size: { percentOfRemaining: 50 } }),
    ]),
    tenGiB,
  )
  const mib = layout.partitions.map(({ startSector, sectors }) => [startSector / 2048, sectors / 2048])
  t.deepEqual(mib, [
    [1, 512],
    [513, 4863],
    [5376, 4863],
  ])
})

test('a GPT script names types by their GUID', (t) => {
  const layout = accepted(action('gpt', [efi, partition()]), tenGiB)
  t.is(
    printSfdiskScript(layout),
    `label: gpt
unit: sectors

1 : start=2048, size=1048576, type=C12A7328-F81F-11D2-BA4B-00A0C93EC93B, name="EFI"
2 : start=1050624, size=19918848, type=0FC63DAF-8483-4772-8E79-3D69D8477DE4, name="System"
`,
  )
})

test('an MBR script marks the active partition', (t) => {
  const layout = accepted(action('mbr', [partition({ bootable: true })]), tenGiB)
  t.is(printSfdiskScript(layout), 'label: dos\nunit: sectors\n\n1 : start=2048, size=20969472, type=83, bootable\n')
})

test('disks with sectors of 4096 octets are laid out in their own sectors', (t) => {
  const layout = accepted(action('gpt', [efi]), { bytes: 10 * 1024 ** 3, sectorBytes: 4096 })
  t.deepEqual([layout.partitions[0]?.startSector, layout.partitions[0]?.sectors], [256, 131072])
})

function accepted(asked: FormatAndPartitionDisk, disk: DiskSize): Extract<Layout, { kind: 'layout' }> {
  const layout = layOutPartitions(asked, disk)
  if (layout.kind === 'refused') throw new Error(layout.reason)
  return layout
}

const refused = test.macro((t, asked: FormatAndPartitionDisk, reason: RegExp, bytes: number = tenGiB.bytes) => {
  const layout = layOutPartitions(asked, { bytes, sectorBytes: 512 })
  t.regex(layout.kind === 'refused' ? layout.reason : 'accepted', reason)
})

test('no partition is refused', refused, action('gpt', []), /no partition/)
test(
  'a fifth MBR partition is refused',
  refused,
  action(
    'mbr',
    Array.from({ length: 5 }, () => partition({ size: { megabytes: 10 } })),
  ),
  /four partitions/,
)
test('S2-043: logical partitions follow one another in the extended one, each behind its table', (t) => {
  const layout = accepted(
    action('mbr', [
      partition({ size: { megabytes: 100 } }),
      partition({ use: 'logical', size: { megabytes: 50 }, fileSystem: 'ntfs' }),
      partition({ use: 'extended', fileSystem: 'none', size: { megabytes: 1_002 } }),
      partition({ use: 'logical' }),
      partition({ use: 'hidden', fileSystem: 'fat32' }),
    ]),
    tenGiB,
  )
  t.is(
    printSfdiskScript(layout),
    `label: dos
unit: sectors

1 : start=2048, size=204800, type=83
2 : start=206848, size=2052096, type=0f
3 : start=2258944, size=18712576, type=1c
5 : start=208896, size=102400, type=07
6 : start=313344, size=1945600, type=83
`,
  )
})

test('S2-043: a GPT disk has reserved and hidden partitions', (t) => {
  const layout = accepted(
    action('gpt', [
      partition({ name: '', use: 'msr', fileSystem: 'none', size: { megabytes: 16 } }),
      partition({ name: '', use: 'hidden', fileSystem: 'ntfs', size: { megabytes: 500 } }),
    ]),
    tenGiB,
  )
  t.regex(
    printSfdiskScript(layout),
    /1 : start=2048, size=32768, type=E3C9E316-0B5C-4DB8-817D-F92DF00215AE\n2 : .*, type=EBD0A0A2-B9E5-4433-87C0-68B6B72699C7, attrs="GUID:62,63"\n/,
  )
})

test(
  'a logical partition without an extended one is refused',
  refused,
  action('mbr', [partition({ use: 'logical' })]),
  /does not fit/,
)
test(
  'a logical partition larger than the extended one is refused',
  refused,
  action('mbr', [
    partition({ use: 'extended', fileSystem: 'none', size: { megabytes: 100 } }),
    partition({ use: 'logical', size: { megabytes: 100 } }),
  ]),
  /partition 2 does not fit: the extended partition has 99 MiB/,
)
test(
  'a partition of a use that the table does not know is refused',
  refused,
  action('gpt', [partition({ use: 'extended', fileSystem: 'none' })]),
  /extended does not exist on gpt disks/,
)
test(
  'more than all of the rest is refused',
  refused,
  action('gpt', [partition({ size: { percentOfRemaining: 60 } }), partition({ size: { percentOfRemaining: 41 } })]),
  /add up to 101/,
)
test(
  'a fixed size larger than the disk is refused',
  refused,
  action('gpt', [partition({ size: { megabytes: 20_000 } })]),
  /does not fit/,
)
test(
  'a percentage of nothing is refused',
  refused,
  action('gpt', [partition({ size: { megabytes: 10_238 } }), partition()]),
  /partition 2 does not fit/,
)
test('an MBR disk beyond 2 TiB is refused', refused, action('mbr', [partition()]), /use GPT/, 3 * 1024 ** 4)
test(
  'a name that would end its field is refused',
  refused,
  action('gpt', [partition({ name: 'a", type=x' })]),
  /cannot be the name/,
)
test('an EFI partition without FAT is refused', refused, action('gpt', [partition({ use: 'efi' })]), /fat32/)
test(
  'a BIOS boot partition on an MBR disk is refused',
  refused,
  action('mbr', [partition({ use: 'bios-boot', fileSystem: 'none' })]),
  /GPT disks only/,
)
test('swap with a file system is refused', refused, action('gpt', [partition({ use: 'swap' })]), /no file system/)

test('device names put a p after a digit', (t) => {
  t.deepEqual([partitionDevice('/dev/sda', 2), partitionDevice('/dev/nvme0n1', 2)], ['/dev/sda2', '/dev/nvme0n1p2'])
})
