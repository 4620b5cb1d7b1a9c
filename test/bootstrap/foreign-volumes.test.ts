/** Disks with parts of something larger on them, written as their formats have it, on loop devices. Needs root. */

import { execFileSync } from 'node:child_process'
import { closeSync, openSync, writeSync } from 'node:fs'
import test, { type ExecutionContext } from 'ava'
import { findForeignVolume } from '../../bootstrap/foreign-volumes.ts'
import { formatAndPartitionDisk } from '../../bootstrap/steps/format-and-partition-disk.ts'
import type { FormatAndPartitionDisk } from '../../server/sequence/step-types/format-and-partition-disk.ts'
import { makeContext, makeLoopDisk } from './loop-disk.ts'

const mebibyte = 1024 * 1024

type Piece = readonly [offset: number, octets: Uint8Array]

function writeDisk(device: string, pieces: readonly Piece[]): void {
  const file = openSync(device, 'r+')
  for (const [offset, octets] of pieces) writeSync(file, octets, 0, octets.length, offset)
  closeSync(file)
}

function makeDisk(t: ExecutionContext, pieces: readonly Piece[]) {
  const made = makeLoopDisk(t, 64 * mebibyte)
  writeDisk(made.disk.device, pieces)
  return made
}

function numbers(...parts: readonly (readonly [bytes: 4 | 8, value: number])[]): Buffer {
  return Buffer.concat(
    parts.map(([bytes, value]) => {
      const octets = Buffer.alloc(bytes)
      octets.writeUInt32LE(value)
      return octets
    }),
  )
}

/** The version 1.2 superblock of md, 4 KiB into the device. */
const raid: readonly Piece[] = [
  [4096, numbers([4, 0xa92b4efc], [4, 1])],
  [4096 + 144, numbers([8, 8])],
]
/** Uberblocks of the first label. */
const zfs: readonly Piece[] = Array.from({ length: 16 }, (_, index) => [
  128 * 1024 + index * 1024,
  numbers([8, 0x00bab10c], [8, 5000]),
])
const vmfs: readonly Piece[] = [[mebibyte, Buffer.from('0dd001c0', 'hex')]]
const encrypted: readonly Piece[] = [[0, Buffer.from('LUKS\xba\xbe\x00\x01', 'latin1')]]

function btrfs(devices: number): readonly Piece[] {
  const superblock = Buffer.alloc(4096)
  superblock.writeUInt32LE(65_536, 0x30)
  superblock.write('_BHRfS_M', 0x40)
  superblock.writeUInt32LE(devices, 0x88)
  superblock.writeUInt32LE(4096, 0x90)
  return [[65_536, superblock]]
}

/** A physical volume with the metadata of a group of these volumes, itself the first; none: in no group. */
function physicalVolume(ids: readonly string[], group: readonly string[] | undefined): readonly Piece[] {
  const [id = ''] = ids
  const label = Buffer.alloc(512)
  label.write('LABELONE', 0)
  label.writeUInt32LE(1, 8)
  label.writeUInt32LE(32, 20)
  label.write('LVM2 001', 24)
  label.write(id, 32)
  numbers([8, 64 * mebibyte], [8, mebibyte], [8, 0], [8, 0], [8, 0], [8, 4096], [8, mebibyte - 4096]).copy(label, 64)
  label.writeUInt32LE(lvmChecksum(label.subarray(20)), 16)
  const volumes = (group ?? []).map((member, index) => `pv${index} {\nid = "${hyphened(member)}"\ndev_size = 1\n}\n`)
  const text = `vg0 {\nid = "g"\nphysical_volumes {\n\n${volumes.join('')}}\nlogical_volumes {\nlv0 {\nid = "l"\n}\n}\n}\n\0`
  const header = Buffer.alloc(512)
  header.write(' LVM2 x[5A%r0N*>', 4)
  // The text begins near the end of its area, so that it goes on at the beginning.
  const begin = mebibyte - 4096 - 40
  numbers([4, 1], [8, 4096], [8, mebibyte - 4096]).copy(header, 20)
  if (group === undefined)
    return [
      [512, label],
      [4096, header],
    ]
  numbers([8, begin], [8, text.length]).copy(header, 40)
  const octets = Buffer.from(text)
  return [
    [512, label],
    [4096, header],
    [4096 + begin, octets.subarray(0, 40)],
    [4096 + 512, octets.subarray(40)],
  ]
}

function hyphened(id: string): string {
  return id.replace(/^(.{6})(.{4})(.{4})(.{4})(.{4})(.{4})(.{6})$/, '$1-$2-$3-$4-$5-$6-$7')
}

/** CRC-32 with LVM's own beginning, and no inversion at the end. */
function lvmChecksum(octets: Uint8Array): number {
  let value = 0xf597a6cf
  for (const octet of octets) {
    value ^= octet
    for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1
  }
  return value >>> 0
}

const one = 'A'.repeat(32)
const other = 'B'.repeat(32)

const found = test.macro(async (t, pieces: readonly Piece[], what: string | undefined) => {
  const { disk } = makeDisk(t, pieces)
  t.is(await findForeignVolume([disk.device]), what === undefined ? undefined : `${disk.device} belongs to ${what}`)
})

test.serial('a member of a ZFS pool is found', found, zfs, 'a ZFS pool')
test.serial('a VMFS datastore is found', found, vmfs, 'a VMFS datastore')
test.serial('a member of a Linux RAID array is found', found, raid, 'a Linux RAID array')
test.serial(
  'a physical volume of a group with another disk is found',
  found,
  physicalVolume([one], [one, other]),
  'an LVM volume group over several disks',
)
test.serial('a physical volume that is its whole group is its own', found, physicalVolume([one], [one]), undefined)
test.serial('a physical volume in no group is its own', found, physicalVolume([one], undefined), undefined)
test.serial(
  'a physical volume that tells nothing of its group counts as shared',
  found,
  physicalVolume([one], []),
  'an LVM volume group over several disks',
)
test.serial('a Btrfs over two disks is found', found, btrfs(2), 'a Btrfs over several disks')
test.serial('a Btrfs on one disk is its own', found, btrfs(1), undefined)
test.serial('an encrypted volume is the machine’s own', found, encrypted, undefined)
test.serial('an empty disk holds nothing', found, [], undefined)
test.serial('a second signature is found behind the first', found, [...encrypted, ...zfs], 'a ZFS pool')

test.serial('a group on two partitions of one disk is its own', async (t) => {
  const [first, second] = [
    makeDisk(t, physicalVolume([one], [one, other])),
    makeDisk(t, physicalVolume([other], [one, other])),
  ]
  t.is(await findForeignVolume([first.disk.device, second.disk.device]), undefined)
})

const action: FormatAndPartitionDisk = {
  type: 'format-and-partition-disk',
  diskNumber: 0,
  diskType: 'gpt',
  partitions: [
    {
      name: 'System',
      use: 'primary',
      size: { percentOfRemaining: 100 },
      fileSystem: 'ext4',
      quickFormat: true,
      bootable: false,
    },
  ],
}

test.serial('a disk of an array is erased only when the sequence says so', async (t) => {
  const { disk, folder } = makeDisk(t, raid)
  const context = makeContext(folder, { disks: [disk] })
  await t.throwsAsync(formatAndPartitionDisk(action, context), {
    message:
      `disk 0 (${disk.device}) is not erased: ${disk.device} belongs to a Linux RAID array ` +
      '(the variable OSDEraseForeignVolumes, set to true before this step, has it erased)',
  })
  t.is(
    execFileSync('wipefs', ['--noheadings', '--output', 'TYPE', disk.device], { encoding: 'utf8' }).trim(),
    'linux_raid_member',
  )
  context.set.set('OSDEraseForeignVolumes', 'TRUE')
  await formatAndPartitionDisk(action, context)
  t.is(JSON.parse(execFileSync('sfdisk', ['--json', disk.device], { encoding: 'utf8' })).partitiontable.label, 'gpt')
  context.set.delete('OSDEraseForeignVolumes')
  await formatAndPartitionDisk(action, context)
})

test.serial('a member inside a partition is found too', async (t) => {
  const { disk, folder } = makeLoopDisk(t, 256 * mebibyte)
  const context = makeContext(folder, { disks: [disk] })
  await formatAndPartitionDisk(action, context)
  execFileSync('wipefs', ['--all', '--quiet', `${disk.device}p1`])
  writeDisk(`${disk.device}p1`, raid)
  await t.throwsAsync(formatAndPartitionDisk(action, context), { message: /p1 belongs to a Linux RAID array/ })
})
