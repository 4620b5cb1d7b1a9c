/** The disk of a prestaged medium, as a file behind a loop device: what is added to it, and that nothing of it is lost. Needs root. */

import { execFileSync } from 'node:child_process'
import { closeSync, openSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import type { Disks } from '../../bootstrap/fixed-disks.ts'
import { parseFormattedPartitions } from '../../bootstrap/formatted-partitions.ts'
import { preparePrestagedDisk, PrestagedDiskError } from '../../bootstrap/prestaged-disk.ts'
import { laidOutOf, openLibrary, plannedOf, writeImageOf } from '../support/built-medium.ts'
import { makeFolder } from './loop-disk.ts'

/** A disk that a prestaged medium was written to, as the kernel shows it. */
async function prestagedDisk(
  t: ExecutionContext,
  bytes: number,
): Promise<{ readonly file: string; readonly device: string }> {
  const library = openLibrary(t)
  const { layout } = await laidOutOf(plannedOf({ library, manifest: { kind: 'prestaged' } }), library, {
    format: 'disk',
  })
  const file = await writeImageOf(layout, library, join(makeFolder(t), 'disk.img'))
  if (bytes > layout.length) truncateSync(file, bytes)
  const device = execFileSync('losetup', ['--find', '--show', '--partscan', file], { encoding: 'utf8' }).trim()
  // Not every kernel reads the table by itself.
  execFileSync('sh', ['-c', 'test -e "/sys/class/block/${1#/dev/}p2" || partx --add "$1"', 'sh', device])
  // As in the boot image: the medium is in use, so the kernel keeps its partition while the table is written.
  const inUse = openSync(`${device}p2`, 'r')
  t.teardown(() => {
    closeSync(inUse)
    execFileSync('sh', ['-c', 'partx --delete "$1" 2>/dev/null; losetup --detach "$1"', 'sh', device])
  })
  return { file, device }
}

function fixed(device: string): Disks {
  const name = device.replace('/dev/', '')
  return { fixed: [{ name, device, bytes: 1, sectorBytes: 512, removable: false }], others: [] }
}

test.serial(
  'S7-031, S7-033: the operating system gets the room behind a prestaged medium, which stays as it is',
  async (t) => {
    const { file, device } = await prestagedDisk(t, 3 * 1024 ** 3)
    const contentHash = (): string =>
      execFileSync('sh', ['-c', 'dd if="$1" bs=1M skip=1 count=60 status=none | sha256sum', 'sh', file], {
        encoding: 'utf8',
      })
    const before = contentHash()
    const [made] = await preparePrestagedDisk(`${device}p2`, fixed(device))
    const partitions = parseFormattedPartitions(made?.value ?? '')
    t.deepEqual(
      partitions.map(({ device: name, use, fileSystem }) => [name, use, fileSystem]),
      [
        [`${device}p1`, 'bios-boot', 'none'],
        [`${device}p2`, 'efi', 'fat32'],
        [`${device}p3`, 'primary', 'ext4'],
      ],
    )
    t.truthy(partitions[1]?.uuid)
    t.truthy(partitions[2]?.uuid)
    t.regex(execFileSync('sgdisk', ['--verify', device], { encoding: 'utf8' }), /No problems found/)
    execFileSync('e2fsck', ['-fn', `${device}p3`], { stdio: 'ignore' })
    t.is(contentHash(), before)
  },
)

test.serial('S7-031: what is there already is kept, with what is on it', async (t) => {
  const { device } = await prestagedDisk(t, 3 * 1024 ** 3)
  const first = await preparePrestagedDisk(`${device}p2`, fixed(device))
  const folder = makeFolder(t)
  execFileSync('mount', [`${device}p3`, folder])
  writeFileSync(join(folder, 'kept'), 'kept')
  t.deepEqual(await preparePrestagedDisk(`${device}p2`, fixed(device)), first)
  t.is(readFileSync(join(folder, 'kept'), 'utf8'), 'kept')
})

test.serial('S7-033: a partition that was added before a restart, and not formatted, is formatted then', async (t) => {
  const { device } = await prestagedDisk(t, 3 * 1024 ** 3)
  const first = await preparePrestagedDisk(`${device}p2`, fixed(device))
  execFileSync('wipefs', ['--all', '--quiet', `${device}p3`])
  const second = await preparePrestagedDisk(`${device}p2`, fixed(device))
  execFileSync('e2fsck', ['-fn', `${device}p3`], { stdio: 'ignore' })
  t.notDeepEqual(second, first, 'it is another file system')
})

test.serial(
  'S7-033: a partition that a factory added and numbered as it liked is not the one that is formatted',
  async (t) => {
    const { device } = await prestagedDisk(t, 4 * 1024 ** 3)
    const sfdisk = (words: readonly string[], input = '') =>
      execFileSync('sfdisk', ['--quiet', '--no-reread', '--force', ...words], {
        input,
        stdio: ['pipe', 'ignore', 'ignore'],
      })
    sfdisk(['--relocate', 'gpt-bak-std', device])
    sfdisk(['--append', device], 'size=64M, name="Gone"\nsize=64M, name="Recovery"\n')
    sfdisk(['--delete', device, '3'])
    execFileSync('partx', ['--add', '--nr', '4', device])
    execFileSync('dd', [`of=${device}p4`, 'conv=fsync', 'status=none'], { input: 'recovery'.repeat(1_024) })
    const [made] = await preparePrestagedDisk(`${device}p2`, fixed(device))
    const partitions = parseFormattedPartitions(made?.value ?? '')
    t.deepEqual(
      partitions.filter(({ use }) => use === 'primary').map(({ device: name, fileSystem }) => [name, fileSystem]),
      [[`${device}p3`, 'ext4']],
    )
    execFileSync('e2fsck', ['-fn', `${device}p3`], { stdio: 'ignore' })
    t.is(readFileSync(`${device}p4`).toString('latin1', 0, 8_192), 'recovery'.repeat(1_024))
  },
)

test.serial('a disk without room, and one that is none of ours, are left alone and said', async (t) => {
  const small = await prestagedDisk(t, 0)
  const before = execFileSync('sha256sum', [small.file], { encoding: 'utf8' })
  const error = await t.throwsAsync(preparePrestagedDisk(`${small.device}p2`, fixed(small.device)), {
    instanceOf: PrestagedDiskError,
  })
  t.regex(error.message, /MB behind its last partition, and an operating system needs 1 GB/)
  t.is(execFileSync('sha256sum', [small.file], { encoding: 'utf8' }), before)
  await t.throwsAsync(preparePrestagedDisk(small.device, fixed(small.device)), { message: /is no partition of a disk/ })
})

test.serial(
  'S7-031: an image that was written to a stick, or to any disk that is not fixed, makes no target of it',
  async (t) => {
    const { file, device } = await prestagedDisk(t, 3 * 1024 ** 3)
    const name = device.replace('/dev/', '')
    const hash = (): string =>
      execFileSync('sh', ['-c', 'head -c 64M "$1" | sha256sum', 'sh', file], { encoding: 'utf8' })
    const before = hash()
    const usb = { fixed: [], others: [{ name, bytes: 1, reason: 'it is a USB disk' }] }
    await t.throwsAsync(preparePrestagedDisk(`${device}p2`, usb), {
      instanceOf: PrestagedDiskError,
      message: `This prestaged medium is on ${device}, and no operating system is installed there: it is a USB disk. It belongs onto a disk in the machine.`,
    })
    await t.throwsAsync(preparePrestagedDisk(`${device}p2`, { fixed: [], others: [] }), {
      message: /: the machine does not count it among its disks\./,
    })
    t.is(hash(), before)
  },
)
