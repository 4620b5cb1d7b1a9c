/** Partitioning and formatting loop devices, judged by other tools, and disks that must not be erased. Needs root. */

import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { formatAndPartitionDisk } from '../../../bootstrap/steps/format-and-partition-disk.ts'
import type {
  FormatAndPartitionDisk,
  Partition,
} from '../../../server/sequence/step-types/format-and-partition-disk.ts'
import { makeContext, makeFolder, makeLoopDisk } from '../loop-disk.ts'

const primary: Partition = {
  name: 'System',
  use: 'primary',
  size: { percentOfRemaining: 100 },
  fileSystem: 'ext4',
  quickFormat: true,
  bootable: true,
  variable: 'SystemPartition',
}
const plain = { name: '', fileSystem: 'none', quickFormat: true, bootable: false } as const
const efi: Partition = { ...plain, name: 'EFI', use: 'efi', size: { megabytes: 64 }, fileSystem: 'fat32' }
const swap: Partition = { ...plain, name: 'Swap', use: 'swap', size: { megabytes: 32 } }

function action(diskType: 'mbr' | 'gpt', partitions: readonly Partition[], diskNumber = 0): FormatAndPartitionDisk {
  return { type: 'format-and-partition-disk', diskNumber, diskType, partitions }
}

function run(program: string, ...words: readonly string[]): string {
  return execFileSync(program, words, { encoding: 'utf8' })
}

test.serial('S2-042, S2-043: a GPT disk gets EFI, swap and system partitions that other tools read', async (t) => {
  const { disk, folder } = makeLoopDisk(t, 512 * 1024 * 1024)
  const context = makeContext(folder, { disks: [disk] })
  const result = context.keep(await formatAndPartitionDisk(action('gpt', [efi, swap, primary]), context))
  t.is(result.exitCode, 0)
  t.is(context.set.get('SystemPartition'), `${disk.device}p3`)
  t.regex(
    context.set.get('OSDFormattedPartitions') ?? '',
    /^\/dev\/loop\d+p1 efi fat32 [0-9A-F]{4}-[0-9A-F]{4}; \/dev\/loop\d+p2 swap none [0-9a-f-]{36}; \/dev\/loop\d+p3 primary ext4 [0-9a-f-]{36}$/,
  )
  const table = JSON.parse(run('sfdisk', '--json', disk.device)).partitiontable
  t.is(table.label, 'gpt')
  t.deepEqual(
    table.partitions.map((entry: { name: string }) => entry.name),
    ['EFI', 'Swap', 'System'],
  )
  run('fsck.vfat', '-n', `${disk.device}p1`)
  run('e2fsck', '-fn', `${disk.device}p3`)
  t.is(run('blkid', '-p', '-o', 'value', '-s', 'LABEL', `${disk.device}p3`).trim(), 'System')
  t.is(context.progressed.at(-1)?.done, 4)
})

test.serial('S2-042: an MBR disk gets its active partition, and what was there before is gone', async (t) => {
  const { disk, folder } = makeLoopDisk(t, 256 * 1024 * 1024)
  run('mkfs.ext4', '-q', '-F', '-L', 'OldWholeDisk', disk.device)
  const context = makeContext(folder, { disks: [disk] })
  await formatAndPartitionDisk(action('mbr', [primary]), context)
  await formatAndPartitionDisk(
    action('mbr', [{ ...primary, fileSystem: 'xfs', size: { percentOfRemaining: 100 } }]),
    context,
  ).catch(() => {})
  const table = JSON.parse(run('sfdisk', '--json', disk.device)).partitiontable
  t.is(table.label, 'dos')
  t.is(table.partitions[0].bootable, true)
  t.notRegex(run('blkid', '-p', disk.device), /OldWholeDisk/)
})

test.serial('S2-043: an MBR disk gets extended, logical and hidden partitions', async (t) => {
  const { disk, folder } = makeLoopDisk(t, 256 * 1024 * 1024)
  const context = makeContext(folder, { disks: [disk] })
  const logical: Partition = { ...plain, name: 'Data', use: 'logical', size: { megabytes: 40 }, fileSystem: 'ext4' }
  const partitions: readonly Partition[] = [
    { ...primary, size: { megabytes: 32 } },
    { ...plain, use: 'extended', size: { percentOfRemaining: 60 } },
    { ...logical, variable: 'Data1' },
    { ...logical, fileSystem: 'none', variable: 'Data2' },
    { ...plain, use: 'hidden', size: { percentOfRemaining: 40 }, fileSystem: 'ext4', quickFormat: false },
  ]
  context.keep(await formatAndPartitionDisk(action('mbr', partitions), context))
  t.is(context.set.get('Data1'), `${disk.device}p5`)
  t.is(context.set.get('Data2'), `${disk.device}p6`)
  const table = JSON.parse(run('sfdisk', '--json', disk.device)).partitiontable
  t.deepEqual(
    table.partitions.map((entry: { node: string; type: string }) => [entry.node.slice(disk.device.length), entry.type]),
    [
      ['p1', '83'],
      ['p2', 'f'],
      ['p3', '93'],
      ['p5', '83'],
      ['p6', '83'],
    ],
  )
  run('e2fsck', '-fn', `${disk.device}p5`)
  run('e2fsck', '-fn', `${disk.device}p3`)
})

test.serial('S2-043: Windows finds a reserved and a hidden partition on a GPT disk', async (t) => {
  const { disk, folder } = makeLoopDisk(t, 128 * 1024 * 1024)
  const partitions: readonly Partition[] = [
    { ...plain, use: 'msr', size: { megabytes: 16 } },
    { ...plain, use: 'hidden', size: { megabytes: 40 }, fileSystem: 'ntfs' },
  ]
  await formatAndPartitionDisk(action('gpt', partitions), makeContext(folder, { disks: [disk] }))
  t.regex(run('sgdisk', '-i', '1', disk.device), /Microsoft reserved/)
  t.regex(run('sgdisk', '-i', '2', disk.device), /Attribute flags: C000000000000000/)
  t.is(run('blkid', '-p', '-o', 'value', '-s', 'TYPE', `${disk.device}p2`).trim(), 'ntfs')
})

test.serial('a disk in use is not erased', async (t) => {
  const { disk, folder } = makeLoopDisk(t, 256 * 1024 * 1024)
  const context = makeContext(folder, { disks: [disk] })
  await formatAndPartitionDisk(action('gpt', [primary]), context)
  const place = join(folder, 'mounted')
  mkdirSync(place)
  run('mount', `${disk.device}p1`, place)
  t.teardown(() => run('umount', place))
  await t.throwsAsync(formatAndPartitionDisk(action('mbr', [primary]), context), {
    message: new RegExp(`^disk 0 \\(${disk.device}\\) is not erased: ${disk.device}p1 is in use as ${place}$`),
  })
  t.is(JSON.parse(run('sfdisk', '--json', disk.device)).partitiontable.label, 'gpt')
})

test.serial('S4-003: the old system that the run came from is let go of, and its run goes on elsewhere', async (t) => {
  const { disk, folder } = makeLoopDisk(t, 128 * 1024 * 1024)
  const context = makeContext(folder, { disks: [disk], where: 'boot-image' })
  await formatAndPartitionDisk(action('mbr', [primary]), context)
  mkdirSync(context.target.root)
  run('mount', `${disk.device}p1`, context.target.root)
  context.target.adopt(`${disk.device}p1`)
  const held = { ...action('gpt', [primary]), diskType: 'gpt' } as const
  context.set.set('OSDStateStorePath', '/var/lib/reveille/user-state')
  await t.throwsAsync(formatAndPartitionDisk(held, context), {
    message:
      /is not erased: it holds the files of its users, which this run captured into \/var\/lib\/reveille\/user-state$/,
  })
  t.true(context.target.isMounted)
  context.set.set('OSDStateStorePath', 'state-store:0123')
  await formatAndPartitionDisk(held, context)
  t.false(context.target.isMounted)
  t.is(JSON.parse(run('sfdisk', '--json', disk.device)).partitiontable.label, 'gpt')
})

test.serial('a read-only disk is not erased', async (t) => {
  const { disk, folder } = makeLoopDisk(t, 64 * 1024 * 1024)
  run('blockdev', '--setro', disk.device)
  // The mark would stay on the loop device.
  t.teardown(() => run('blockdev', '--setrw', disk.device))
  await t.throwsAsync(formatAndPartitionDisk(action('gpt', [primary]), makeContext(folder, { disks: [disk] })), {
    message: /is not erased: it is read-only/,
  })
})

test('a disk number that does not exist is refused with the disks there are', async (t) => {
  const context = makeContext(makeFolder(t), {
    disks: [{ name: 'sda', device: '/dev/sda', bytes: 500e9, sectorBytes: 512, removable: false }],
  })
  await t.throwsAsync(formatAndPartitionDisk(action('gpt', [primary], 3), context), {
    message: 'this machine has no fixed disk 3 (it has 0: sda, 500 GB)',
  })
})

test('a disk of a storage network is named, with the reason why it has no number', async (t) => {
  const lun = { name: 'sdb', bytes: 2000e9, reason: 'it is on a storage network (iSCSI)' }
  const context = makeContext(makeFolder(t), { otherDisks: [lun] })
  await t.throwsAsync(formatAndPartitionDisk(action('gpt', [primary]), context), {
    message:
      'this machine has no fixed disk 0, and no other either; never erased are sdb, 2000 GB: it is on a storage network (iSCSI)',
  })
})

test.serial('a layout that does not fit is refused before the disk is touched', async (t) => {
  const { disk, folder } = makeLoopDisk(t, 64 * 1024 * 1024)
  run('mkfs.ext4', '-q', '-F', '-L', 'Precious', disk.device)
  const context = makeContext(folder, { disks: [disk] })
  await t.throwsAsync(formatAndPartitionDisk(action('gpt', [{ ...primary, size: { megabytes: 1000 } }]), context), {
    message: /does not fit/,
  })
  t.regex(run('blkid', '-p', disk.device), /Precious/)
})
