/** Which devices may hold a medium, and what a device begins with. */

import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { fileSystemOn, readBlockDevices } from '../../../bootstrap/medium/block-devices.ts'
import { layOutFat } from '../../../media/fat/lay-out-fat.ts'
import { layOutIso } from '../../../media/iso/lay-out-iso.ts'
import { type Layout, layOutBytes } from '../../../media/layout/layout.ts'
import { writeLayout } from '../../../media/read-layout.ts'
import { makeFolder } from '../loop-disk.ts'

const time = { year: 2026, month: 1, day: 1, hour: 0, minute: 0, second: 0 }
const entries = [{ path: 'a', kind: 'file', content: layOutBytes(Buffer.from('a')) }] as const

async function imageOf(t: ExecutionContext, layout: Layout): Promise<string> {
  const path = join(makeFolder(t), 'image')
  const file = await open(path, 'w')
  await writeLayout(layout, file, { pathOf: () => '' })
  await file.close()
  return path
}

test('S7-036: the images of discs and sticks that the site makes are known by their first octets', async (t) => {
  const iso = layOutIso({ volumeId: 'REVEILLE', time, entries })
  const fat = layOutFat({ bytes: 64 * 1024 * 1024, label: 'REVEILLE', volumeId: 1, time, entries })
  if (iso.kind !== 'iso' || fat.kind === 'refused') throw new Error('a wrong fixture')
  t.is(await fileSystemOn(await imageOf(t, iso.layout)), 'iso9660')
  t.is(await fileSystemOn(await imageOf(t, fat.layout)), 'vfat')
  t.is(await fileSystemOn('/dev/null'), undefined)
  t.is(await fileSystemOn('/dev/no-such-device'), undefined)
})

test('S7-031: discs come first, then what can be taken away, then fixed disks, and loop devices are none', async (t) => {
  const root = makeFolder(t)
  const disks = {
    sda: ['devices/pci/ata1/block/sda', '0'],
    sda1: ['devices/pci/ata1/block/sda/sda1', undefined],
    sdb: ['devices/pci/usb2/2-1/block/sdb', '0'],
    sdb1: ['devices/pci/usb2/2-1/block/sdb/sdb1', undefined],
    mmcblk0: ['devices/pci/mmc/block/mmcblk0', '1'],
    mmcblk0p1: ['devices/pci/mmc/block/mmcblk0/mmcblk0p1', undefined],
    sr0: ['devices/pci/ata2/block/sr0', '1'],
    loop0: ['devices/virtual/block/loop0', '0'],
  } as const
  mkdirSync(join(root, 'sys/class/block'), { recursive: true })
  for (const [name, [path, removable]] of Object.entries(disks)) {
    mkdirSync(join(root, 'sys', path), { recursive: true })
    if (removable !== undefined) writeFileSync(join(root, 'sys', path, 'removable'), `${removable}\n`)
    symlinkSync(join('../..', path), join(root, 'sys/class/block', name))
  }
  const found = await readBlockDevices(root)
  t.deepEqual(
    found.map(({ device, place }) => `${place} ${device}`),
    [
      'disc /dev/sr0',
      'removable /dev/mmcblk0',
      'removable /dev/mmcblk0p1',
      'removable /dev/sdb',
      'removable /dev/sdb1',
      'fixed /dev/sda',
      'fixed /dev/sda1',
    ],
  )
})
