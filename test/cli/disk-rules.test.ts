/** Which disks may be erased, by what `/sys` and `/proc` tell of them: any doubt is a refusal with a reason. */

import test, { type ExecutionContext } from 'ava'
import { findBlockDevice, readDiskFacts, readOtherDisks, readShownDisks } from '../../server/cli/disk-facts.ts'
import { eraseWord, whyNotErase } from '../../server/cli/disk-rules.ts'
import { printDisks } from '../../server/cli/media-disks-command.ts'
import { makeFolder } from '../bootstrap/loop-disk.ts'
import { type SysfsDisk, writeDiskFacts } from '../support/disk-facts-tree.ts'

const usb = (port: string) => `pci0000:00/0000:00:14.0/usb1/1-${port}`
const stick = (changes: Partial<SysfsDisk> = {}, port = '2'): SysfsDisk => ({
  name: 'sdb',
  device: '8:16',
  bytes: 16e9,
  place: `${usb(port)}/1-${port}:1.0/host4/target4:0:0/4:0:0:0`,
  files: { removable: '1', 'device/model': 'Ultra  Fit' },
  usb: { folder: usb(port), serial: '4C530001' },
  ...changes,
})
const internal: SysfsDisk = {
  name: 'sda',
  device: '8:0',
  bytes: 512e9,
  place: 'pci0000:00/0000:00:17.0/ata1/host0/target0:0:0/0:0:0:0',
  files: { 'device/model': 'SSD 870', 'device/vpd_pg80': '\0\x80\0\x08S6PUNX0T' },
}

async function whyNot(
  t: ExecutionContext,
  disks: readonly SysfsDisk[],
  asked: { readonly name?: string; readonly yesErase?: string; readonly length?: number },
  lists: Parameters<typeof writeDiskFacts>[2] = {},
): Promise<string | undefined> {
  const root = makeFolder(t)
  writeDiskFacts(root, disks, lists)
  const disk = await readDiskFacts(asked.name ?? 'sdb', root)
  const others = await readOtherDisks(disk, root)
  return whyNotErase(disk, { yesErase: asked.yesErase, length: asked.length ?? 1e9, others })
}

test('a stick is erased when its serial number is named, and with that of no other', async (t) => {
  const disks = [internal, stick()]
  t.is(await whyNot(t, disks, { yesErase: '4C530001' }), undefined)
  t.is(
    await whyNot(t, disks, {}),
    "/dev/sdb (Ultra Fit, 16.0 GB, serial 4C530001): all that is on it would be lost. To write the medium to it: --yes-erase '4C530001'",
  )
  for (const yesErase of ['', '4c530001', '4C53000', '4C5300011', 'S6PUNX0T', '/dev/sdb', 'sdb']) {
    t.regex((await whyNot(t, disks, { yesErase })) ?? '', /it is not the disk/)
  }
})

test('an internal disk needs its own serial number, and is said to be one', async (t) => {
  const disks = [internal, stick()]
  t.regex((await whyNot(t, disks, { name: 'sda' })) ?? '', /internal disk of this machine.*--yes-erase 'S6PUNX0T'$/)
  t.is(await whyNot(t, disks, { name: 'sda', yesErase: 'S6PUNX0T' }), undefined)
})

test('what is mounted, swap, or part of another device is never erased, however it is named', async (t) => {
  const partitions = [{ name: 'sdb1', device: '8:17' }]
  const used = { yesErase: '4C530001' }
  const mounted = { mountinfo: '36 35 8:17 / /media/my\\040stick rw - vfat /dev/sdb1 rw' }
  t.regex(
    (await whyNot(t, [stick({ partitions })], used, mounted)) ?? '',
    /\/dev\/sdb1 is mounted on \/media\/my stick/,
  )
  const whole = { mountinfo: '36 35 8:16 / /mnt rw - iso9660 /dev/sdb rw' }
  t.regex((await whyNot(t, [stick()], used, whole)) ?? '', /\/dev\/sdb is mounted on \/mnt/)
  // Btrfs has a number of its own.
  const btrfs = { mountinfo: '36 35 0:44 /@ / rw - btrfs /dev/sdb1 rw' }
  t.regex((await whyNot(t, [stick({ partitions })], used, btrfs)) ?? '', /\/dev\/sdb1 is mounted on \//)
  const swap = { swaps: '/dev/sdb1 partition 100 0 -2' }
  t.regex((await whyNot(t, [stick({ partitions })], used, swap)) ?? '', /\/dev\/sdb1 is swap space/)
})

test('the disk below the root is found through LVM and dm-crypt', async (t) => {
  const partitions = [{ name: 'sda2', device: '8:2', holders: ['dm-0'] }]
  const crypt = { name: 'dm-0', device: '253:0', bytes: 500e9, place: 'virtual', files: {} }
  const root = { mountinfo: '36 35 253:0 / / rw - ext4 /dev/mapper/root rw' }
  const said = await whyNot(t, [{ ...internal, partitions }, crypt], { name: 'sda', yesErase: 'S6PUNX0T' }, root)
  t.regex(said ?? '', /\/dev\/sda2 is part of \/dev\/dm-0; \/dev\/dm-0 on it is mounted on \//)
})

test('a disk that is too small, write-protected, empty or made of others is refused with the reason', async (t) => {
  const named = { yesErase: '4C530001' }
  t.regex(
    (await whyNot(t, [stick()], { ...named, length: 17e9 })) ?? '',
    /too small: the medium has 17000000000 octets \(17\.0 GB\), the disk 16000000000 \(16\.0 GB\)/,
  )
  t.regex((await whyNot(t, [stick({ files: { ro: '1' } })], named)) ?? '', /write-protected/)
  t.regex((await whyNot(t, [stick({ bytes: 0 })], named)) ?? '', /no medium is in it/)
  const raid = { name: 'md0', device: '9:0', bytes: 1e12, place: 'virtual' }
  t.regex((await whyNot(t, [raid], { name: 'md0', yesErase: 'unknown-1000000000000' })) ?? '', /no disk of its own/)
})

test('a disk without a serial number is named by model and size, and two that are alike are refused', async (t) => {
  const nameless = stick({ usb: { folder: usb('2') } })
  t.regex((await whyNot(t, [nameless], {})) ?? '', /no serial number\).*--yes-erase 'Ultra_Fit-16000000000'$/)
  t.is(await whyNot(t, [nameless], { yesErase: 'Ultra_Fit-16000000000' }), undefined)
  const twin = stick({ name: 'sdc', device: '8:32', usb: { folder: usb('3') } }, '3')
  t.regex(
    (await whyNot(t, [nameless, twin], { yesErase: 'Ultra_Fit-16000000000' })) ?? '',
    /\/dev\/sdc cannot be told from it\. Unplug/,
  )
})

test('partitions are told from disks by their numbers, and the list shows what a person can check', async (t) => {
  const root = makeFolder(t)
  writeDiskFacts(root, [internal, stick({ partitions: [{ name: 'sdb1', device: '8:17' }] })])
  t.deepEqual(await findBlockDevice('8:17', root), { kind: 'partition', name: 'sdb1', disk: 'sdb' })
  t.deepEqual(await findBlockDevice('8:16', root), { kind: 'disk', name: 'sdb' })
  t.is(await findBlockDevice('99:1', root), undefined)
  const disks = await readShownDisks(root)
  t.deepEqual(disks.map(eraseWord), ['S6PUNX0T', '4C530001'])
  t.deepEqual(printDisks(disks), [
    "/dev/sda         512.0 GB  SSD 870                   --yes-erase 'S6PUNX0T'  (internal)",
    "/dev/sdb          16.0 GB  Ultra Fit                 --yes-erase '4C530001'",
  ])
})
