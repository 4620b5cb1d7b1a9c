/** Which run on which disk a medium's menu goes on to: marks on disks behind loop devices. Needs root. */

import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { type StartMark, startOrderOn, writeStartMark } from '../../../bootstrap/medium/start-mark.ts'
import { removeClient } from '../../../bootstrap/stand-alone/remove-client.ts'
import { runFolder } from '../../../bootstrap/run-file.ts'
import { emptyTarget } from '../../../bootstrap/target-files.ts'
import type { FixedDisk } from '../../../bootstrap/fixed-disks.ts'
import { diskMarkFolder, diskMarkName } from '../../../server/contract/disk-mark.ts'
import { makeFolder, makeLoopDisk } from '../loop-disk.ts'
import { mediumId, otherMediumId } from './make-medium.ts'

function markedDisk(t: ExecutionContext, mark: StartMark | undefined): FixedDisk {
  const { disk, folder } = makeLoopDisk(t, 32 * 1024 * 1024)
  execFileSync('mkfs.ext4', ['-q', disk.device])
  const root = join(folder, 'root')
  mkdirSync(root)
  execFileSync('mount', [disk.device, root])
  if (mark !== undefined) writeStartMark(root, mark)
  execFileSync('umount', [root])
  return disk
}

test('a run is later than every run of its medium that a disk of the machine tells of, whatever the clock says', async (t) => {
  const disks = [
    markedDisk(t, { mediumId, order: 2_000_000_000, next: 'disk' }),
    markedDisk(t, { mediumId, order: 1_900_000_000, next: 'medium' }),
    markedDisk(t, { mediumId: otherMediumId, order: 2_100_000_000, next: 'disk' }),
    markedDisk(t, undefined),
  ]
  const before = disks.map(({ device }) => readFileSync(device))
  const machine = { disks, scratchFolder: makeFolder(t) }
  t.is(await startOrderOn(machine, mediumId, 0), 2_000_000_001)
  t.is(await startOrderOn(machine, mediumId, 2_050_000_000_000), 2_050_000_000)
  t.is(await startOrderOn({ ...machine, disks: [] }, mediumId, 1_500), 1)
  for (const [index, { device }] of disks.entries()) t.true(before[index]?.equals(readFileSync(device)))
})

test('the mark is an environment block of GRUB, in the folders that are there', (t) => {
  const root = makeFolder(t)
  mkdirSync(join(root, 'boot/efi'), { recursive: true })
  writeStartMark(root, { mediumId, order: 12, next: 'medium' })
  const name = diskMarkName(mediumId)
  t.false(existsSync(join(root, 'boot/efi/EFI')))
  mkdirSync(join(root, 'boot/efi/EFI'))
  writeStartMark(root, { mediumId, order: 12, next: 'disk' })
  for (const folder of ['var/lib/reveille/start', 'boot', 'boot/efi/EFI']) {
    const text = readFileSync(join(root, folder, name), 'utf8')
    t.regex(text, /^# GRUB Environment Block\nreveille_order=000000000000012\nreveille_next=disk\n#+$/)
    t.is(statSync(join(root, folder, name)).size, 1_024)
  }
})

test('what is applied leaves the mark on its disk, and so does a client that takes itself away', async (t) => {
  const root = makeFolder(t)
  writeStartMark(root, { mediumId, order: 1, next: 'medium' })
  mkdirSync(join(root, 'var/lib/reveille/other'))
  await emptyTarget(root, runFolder, [diskMarkFolder])
  t.deepEqual(readdirSync(join(root, 'var/lib/reveille')).toSorted(), ['run', 'start'])
  await removeClient(root)
  t.deepEqual(readdirSync(join(root, 'var/lib/reveille/start')), [diskMarkName(mediumId)])
})
