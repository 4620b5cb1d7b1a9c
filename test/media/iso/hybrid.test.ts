/** Images that firmware starts from, as a disc and as a stick, judged by xorriso, sgdisk, sfdisk and mtools. */

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { patchBiosImage, patchMasterBootCode } from '../../../media/iso/el-torito.ts'
import { efiSystemPartition } from '../../../media/disk/guid.ts'
import type { IsoVolume } from '../../../media/iso/iso-volume.ts'
import type { MediaEntry } from '../../../media/layout/file-tree.ts'
import { type Layout, layOutBytes, layOutSource, layOutZeros } from '../../../media/layout/layout.ts'
import { checkFat, fatOf, runJudge, unpackWithMtools } from '../../support/fat-judges.ts'
import { isoOf, judgeIso, runXorriso } from '../../support/iso-judges.ts'
import { makeSourceFolder, octetsOf } from '../../support/media-layouts.ts'
import { writeImage } from '../../support/media-trees.ts'

const diskId = '8A2B0C1D-1111-4222-8333-444455556666'
const efiPartitionId = '8A2B0C1D-AAAA-4BBB-8CCC-000000000001'
const hybrid = { diskId, efiPartitionId }
const loader = Uint8Array.from({ length: 30_001 }, (_, index) => (index * 31 + 7) & 0xff)
const bootCode = Uint8Array.from({ length: 512 }, (_, index) => (index * 17 + 3) & 0xff)

const file = (path: string, content: Layout = layOutBytes(Buffer.from(path))): MediaEntry => ({
  kind: 'file',
  path,
  content,
})
const entries = [file('SMS/data/variables.dat'), file('sources/boot.wim', layOutSource('b', 70_000))]
const efi = fatOf({ entries: [file('EFI/BOOT/BOOTX64.EFI', layOutSource('a', 5_000))] }).layout
const everything: Partial<IsoVolume> = {
  entries,
  efi,
  bios: { image: loader, loader: 'grub', masterBootCode: bootCode },
  hybrid,
}

async function report(image: string, what: 'el_torito' | 'system_area'): Promise<string> {
  return runXorriso('-indev', `stdio:${image}`, `-report_${what}`, 'plain')
}

interface BootImage {
  readonly platform: string
  readonly loadSectors: number
  readonly block: number
}

/** The rows of "El Torito boot img", whose block is the last number. */
async function bootImages(image: string): Promise<BootImage[]> {
  const rows = (await report(image, 'el_torito')).matchAll(
    /El Torito boot img : +\d+ +(\w+) +y +none +0x0000 +0x00 +(\d+) +(\d+)/g,
  )
  return Array.from(rows, ([, platform = '', loadSectors, block]) => {
    return { platform, loadSectors: Number(loadSectors), block: Number(block) }
  })
}

test('BIOS and UEFI find their images by El Torito, and what is there is what was given', async (t) => {
  const folder = makeSourceFolder(t)
  const layout = isoOf(everything)
  const image = await writeImage(layout, folder)
  const [bios, uefi, ...more] = await bootImages(image)
  t.deepEqual(
    [bios?.platform, bios?.loadSectors, uefi?.platform, uefi?.loadSectors],
    ['BIOS', 4, 'UEFI', efi.length / 512],
  )
  t.is(more.length, 0)
  const at = (uefi?.block ?? 0) * 2_048
  t.deepEqual(await octetsOf(layout, folder, { from: at, to: at + efi.length }), await octetsOf(efi, folder))
})

const single = test.macro(async (t, volume: Partial<IsoVolume>, platforms: readonly string[]) => {
  const image = await writeImage(isoOf({ entries, ...volume }), makeSourceFolder(t))
  t.deepEqual(
    (await bootImages(image)).map(({ platform }) => platform),
    platforms,
  )
})
test('one that only UEFI starts from has one image', single, { efi }, ['UEFI'])
test('one that only BIOS starts from has one image', single, { bios: { image: loader, loader: 'isolinux' } }, ['BIOS'])
test('one that nothing starts from has no catalog', single, {}, [])

test('a volume that El Torito cannot count reaches to the end of the disc', async (t) => {
  const large = fatOf({ entries: [file('EFI/BOOT/BOOTX64.EFI')], bytes: 40e6 }).layout
  const [uefi] = await bootImages(await writeImage(isoOf({ entries, efi: large }), makeSourceFolder(t)))
  t.is(uefi?.loadSectors, 0)
})

test('the same image is a stick: tables without fault, and the EFI system partition is the volume of the disc', async (t) => {
  const folder = makeSourceFolder(t)
  const layout = isoOf(everything)
  const image = await writeImage(layout, folder)
  t.regex(await runJudge('sgdisk', '-v', image), /No problems found/)
  t.regex(await runJudge('sfdisk', '--verify', image), /No errors detected/)
  const { partitiontable } = JSON.parse(await runJudge('sfdisk', '--json', image)) as {
    readonly partitiontable: { readonly id: string; readonly partitions: readonly Record<string, unknown>[] }
  }
  const start = ((await bootImages(image))[1]?.block ?? 0) * 4
  t.is(partitiontable.id, diskId)
  t.deepEqual(partitiontable.partitions, [
    {
      node: `${image}1`,
      start,
      size: efi.length / 512,
      type: efiSystemPartition,
      uuid: efiPartitionId,
      name: 'EFI system partition',
    },
  ])
  t.is(start % 2_048, 0)
  const second = await octetsOf(layout, folder, { from: 462, to: 478 })
  t.deepEqual([second[0], second[4]], [0x80, 0], 'some BIOS starts nothing without an active partition')
  const found = await unpackWithMtools(`${image}@@${start * 512}`, join(folder, 'esp'))
  t.deepEqual([...found.keys()], ['EFI/BOOT/BOOTX64.EFI'])
  const esp = join(folder, 'esp.img')
  writeFileSync(esp, await octetsOf(layout, folder, { from: start * 512, to: start * 512 + efi.length }))
  t.regex(await checkFat(esp), /4 files|3 files/)
  const told = await report(image, 'system_area')
  t.regex(told, /System area summary: MBR protective-msdos-label grub2-mbr cyl-align-\w+ GPT/)
  t.regex(told, new RegExp(`GPT start and size : +1 +${start} +${efi.length / 512}\n`))
})

test('a hybrid image is still the disc that it was, file by file', async (t) => {
  const folder = makeSourceFolder(t)
  const octets = new Map(
    await Promise.all(
      entries.map(async (entry): Promise<[string, Uint8Array]> => {
        return [entry.path, entry.kind === 'file' ? await octetsOf(entry.content, folder) : new Uint8Array()]
      }),
    ),
  )
  await judgeIso(t, folder, { entries, expected: octets }, isoOf(everything))
})

test('loaders are told where they lie as xorriso tells them', async (t) => {
  const folder = makeSourceFolder(t)
  const tree = join(folder, 'tree')
  await runJudge('mkdir', '-p', tree)
  writeFileSync(join(tree, 'loader'), loader)
  writeFileSync(join(folder, 'mbr'), bootCode)
  const image = join(folder, 'theirs')
  const boot = ['-b', 'loader', '-no-emul-boot', '-boot-load-size', '4', '-boot-info-table', '--grub2-boot-info']
  await runXorriso('-as', 'mkisofs', '-o', image, ...boot, '--grub2-mbr', join(folder, 'mbr'), tree)
  const theirs = readFileSync(image)
  const [bios] = await bootImages(image)
  const block = bios?.block ?? 0
  const at = block * 2_048
  t.deepEqual(new Uint8Array(theirs.subarray(at, at + loader.length)), patchBiosImage(loader, 'grub', block))
  t.deepEqual(new Uint8Array(theirs.subarray(0, 440)), patchMasterBootCode(bootCode, 'grub', block).subarray(0, 440))
})

test('ISOLINUX has the table without the list of blocks, and its stick begins at its first sector', (t) => {
  const image = patchBiosImage(loader, 'isolinux', 100)
  const view = new DataView(image.buffer)
  t.deepEqual(
    [8, 12, 16].map((offset) => view.getUint32(offset, true)),
    [16, 100, 30_001],
  )
  t.deepEqual(image.subarray(64), loader.subarray(64))
  t.is(new DataView(patchMasterBootCode(bootCode, 'isolinux', 100).buffer).getBigUint64(432, true), 400n)
})

test('without boot code no partition is active, and a stick for UEFI alone has no fault', async (t) => {
  const folder = makeSourceFolder(t)
  const layout = isoOf({ entries, efi, hybrid })
  const image = await writeImage(layout, folder)
  t.regex(await runJudge('sgdisk', '-v', image), /No problems found/)
  const table = await octetsOf(layout, folder, { from: 446, to: 512 })
  t.deepEqual([table[0], table[4], table[16], table[20]], [0, 0xee, 0, 0])
})

test('an image of 40 GB is laid out at once, and has no fault as disc or stick', async (t) => {
  const many = Array.from({ length: 10 }, (_, index) => file(`content/${index}.wim`, layOutZeros(4e9)))
  const layout = isoOf({ ...everything, entries: many })
  const image = await writeImage(layout, makeSourceFolder(t))
  t.true(layout.length > 40e9)
  t.regex(await runJudge('sgdisk', '-v', image), /No problems found/)
  t.is((await bootImages(image)).length, 2)
})
