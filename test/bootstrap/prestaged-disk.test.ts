/** The disk of a prestaged medium, as a file behind a loop device: what is added to it, and that nothing of it is lost. Needs root. */

import { execFileSync } from 'node:child_process'
import { closeSync, openSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
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

test.serial(
  'S7-031, S7-033: the operating system gets the room behind a prestaged medium, which stays as it is',
  async (t) => {
    const { file, device } = await prestagedDisk(t, 3 * 1024 ** 3)
    const contentHash = (): string =>
      execFileSync('sh', ['-c', 'dd if="$1" bs=1M skip=1 count=60 status=none | sha256sum', 'sh', file], {
        encoding: 'utf8',
      })
    const before = contentHash()
    const [made] = await preparePrestagedDisk(`${device}p2`)
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
  const first = await preparePrestagedDisk(`${device}p2`)
  const folder = makeFolder(t)
  execFileSync('mount', [`${device}p3`, folder])
  writeFileSync(join(folder, 'kept'), 'kept')
  t.deepEqual(await preparePrestagedDisk(`${device}p2`), first)
  t.is(readFileSync(join(folder, 'kept'), 'utf8'), 'kept')
})

test.serial('S7-031: a table with a gap in its numbers: the new partition is formatted, and no other', async (t) => {
  const { device } = await prestagedDisk(t, 3 * 1024 ** 3)
  execFileSync('sgdisk', ['--move-second-header', '--new=4:0:+64M', '--change-name=4:Recovery', device], {
    stdio: 'ignore',
  })
  execFileSync('sh', ['-c', 'test -e "$1p4" || partx --add --nr 4 "$1"', 'sh', device])
  execFileSync('mkfs.ext4', ['-q', '-L', 'theirs', `${device}p4`])
  const labelOf = (path: string): string =>
    execFileSync('blkid', ['-c', '/dev/null', '-o', 'value', '-s', 'LABEL', path], { encoding: 'utf8' }).trim()
  const [made] = await preparePrestagedDisk(`${device}p2`)
  t.is(labelOf(`${device}p4`), 'theirs')
  t.is(labelOf(`${device}p3`), 'Reveille system')
  t.is(parseFormattedPartitions(made?.value ?? '').find(({ use }) => use === 'primary')?.device, `${device}p3`)
})

test.serial('S7-031: a power cut before the new partition was formatted is made up for', async (t) => {
  const { device } = await prestagedDisk(t, 3 * 1024 ** 3)
  await preparePrestagedDisk(`${device}p2`)
  execFileSync('wipefs', ['--all', '--quiet', `${device}p3`])
  const [made] = await preparePrestagedDisk(`${device}p2`)
  t.truthy(parseFormattedPartitions(made?.value ?? '').find(({ use }) => use === 'primary')?.uuid)
  execFileSync('e2fsck', ['-fn', `${device}p3`], { stdio: 'ignore' })
})

test.serial('a disk without room, and one that is none of ours, are left alone and said', async (t) => {
  const small = await prestagedDisk(t, 0)
  const before = execFileSync('sha256sum', [small.file], { encoding: 'utf8' })
  const error = await t.throwsAsync(preparePrestagedDisk(`${small.device}p2`), { instanceOf: PrestagedDiskError })
  t.regex(error.message, /MB behind its last partition, and an operating system needs 1 GB/)
  t.is(execFileSync('sha256sum', [small.file], { encoding: 'utf8' }), before)
  await t.throwsAsync(preparePrestagedDisk(small.device), { message: /is no partition of a disk/ })
})
