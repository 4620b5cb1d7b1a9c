/** FAT volumes, judged by dosfstools, mtools and 7-Zip. */

import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import test from 'ava'
import { layOutFat, type FatVolume } from '../../../media/fat/lay-out-fat.ts'
import type { MediaEntry } from '../../../media/layout/file-tree.ts'
import { extentsBetween, type Layout, layOutBytes, layOutZeros } from '../../../media/layout/layout.ts'
import type { LayoutFault } from '../../../media/layout/layout-fault.ts'
import { checkFat, fatDefaults, fatOf, judgeFatVolumes, runJudge, unpackWith7z } from '../../support/fat-judges.ts'
import { makeSourceFolder, makeSparseSource, octetsOf, withoutSources } from '../../support/media-layouts.ts'
import { writeImage } from '../../support/media-trees.ts'

const file = (path: string, content: Layout = layOutBytes(Buffer.from(path))): MediaEntry => ({
  kind: 'file',
  path,
  content,
})

/** Of a judge that found a fault. */
function printed(error: unknown): string {
  return error instanceof Error && 'stdout' in error ? String(error.stdout) : ''
}

function faultsOf(volume: Partial<FatVolume>): readonly LayoutFault[] {
  const fat = layOutFat({ ...fatDefaults, entries: [], ...volume })
  return fat.kind === 'refused' ? fat.faults : []
}

test('what any tree holds comes out of a volume of any kind', async (t) => {
  await judgeFatVolumes(t, 6)
})

test('equal arguments give equal octets, and nothing of a file is copied into them', (t) => {
  const entries = [file('EFI/BOOT/BOOTX64.EFI'), file('boot.wim', layOutZeros(3e9)), file('SMS/data/variables.dat')]
  const { layout } = fatOf({ entries })
  t.true(isDeepStrictEqual(fatOf({ entries: [...entries].reverse() }).layout, layout))
  const generated = layout.extents.reduce((sum, extent) => sum + (extent.kind === 'bytes' ? extent.bytes.length : 0), 0)
  t.true(generated < 2 * (3e9 / 4_096) * 4 + 20_000, `${generated} octets`)
})

const kinds = test.macro(async (t, bytes: number, bits: 12 | 16 | 32, clusterBytes: number) => {
  const fat = fatOf({ entries: [file('a/long name.txt')], bytes })
  t.is(fat.bits, bits)
  t.is(fat.layout.length, bytes)
  const told = await checkFat(await writeImage(fat.layout, makeSourceFolder(t)))
  t.regex(told, new RegExp(`${clusterBytes} bytes per cluster`))
  t.regex(told, /2 files, |3 files, /)
})
for (const [bytes, bits, clusterBytes] of [
  [32 * 1_024, 12, 512],
  [1_440 * 1_024, 12, 512],
  [4_000 * 512, 12, 512],
  [4_001 * 512, 12, 1_024],
  [8_000 * 512, 12, 1_024],
  [8_001 * 512, 16, 512],
  [32_000 * 512, 16, 512],
  [32_001 * 512, 16, 1_024],
  [66_696 * 512, 16, 1_024],
  [66_697 * 512, 32, 512],
  [532_480 * 512, 32, 512],
  [532_481 * 512, 32, 4_096],
  [16_777_216 * 512, 32, 4_096],
  [16_777_217 * 512, 32, 8_192],
  [64e9, 32, 32_768],
] as const) {
  test(`a volume of ${bytes} octets is FAT${bits} with clusters of ${clusterBytes}`, kinds, bytes, bits, clusterBytes)
}

test('S7-013, A7-03: a file of 4 GiB is refused by its name, and one octet less is on the volume', async (t) => {
  t.deepEqual(faultsOf({ entries: [file('sources/install.wim', layOutZeros(2 ** 32))] }), [
    { kind: 'file-too-large', path: 'sources/install.wim', bytes: 2 ** 32, bytesMax: 2 ** 32 - 1 },
  ])
  const folder = makeSourceFolder(t)
  const content = makeSparseSource(folder, 'huge', 2 ** 32 - 1)
  const { layout } = fatOf({ entries: [file('sources/install.wim', content), file('sources/z behind it')] })
  const image = await writeImage(withoutSources(layout), folder)
  t.regex(await runJudge('mdir', '-i', image, '::/sources'), /install +wim +4294967295 /i)
  const at = layout.starts[layout.extents.findIndex((extent) => extent.kind === 'source')] ?? 0
  const [, first = ''] = /<(\d+)-\d+>/.exec(await runJudge('mshowfat', '-i', image, '::/sources/install.wim')) ?? []
  const [, dataStart = ''] =
    /Data area starts at byte (\d+)/.exec(await runJudge('fsck.vfat', '-n', '-v', image).catch(printed)) ?? []
  t.is(at, Number(dataStart) + (Number(first) - 2) * 4_096)
  const end = at + content.length
  t.deepEqual(await octetsOf(layout, folder, { from: at, to: at + 11 }), new Uint8Array(Buffer.from('huge begins')))
  t.deepEqual(
    await octetsOf(layout, folder, { from: end - 9, to: end + 1 }),
    new Uint8Array(Buffer.from('huge ends\0')),
  )
  t.is(extentsBetween(layout, at + 100, end - 100).length, 1)
})

test('dosfstools finds no fault in a file as large as it can check', async (t) => {
  // fsck.vfat 4.2 counts the octets of a chain in 32 bits, so the last cluster below 4 GiB is one too many for it.
  const entries = [file('sources/install.wim', layOutZeros(2 ** 32 - 4_096)), file('sources/z behind it')]
  const image = await writeImage(fatOf({ entries }).layout, makeSourceFolder(t))
  t.regex(await checkFat(image), /: 4 files/)
  t.is(await runJudge('mtype', '-i', image, '::/sources/z behind it'), 'sources/z behind it')
})

test('label, volume id, date and hidden sectors are those that were given', async (t) => {
  const fat = fatOf({ entries: [file('Größe.txt')], label: 'SITE_1 DISK', volumeId: 0xdead_beef, hiddenSectors: 2_048 })
  const image = await writeImage(fat.layout, makeSourceFolder(t))
  t.regex(await runJudge('mlabel', '-s', '-i', image, '::'), /SITE_1 DISK/)
  const listed = await runJudge('mdir', '-i', image, '::')
  t.regex(listed, /Serial Number is DEAD-BEEF/i)
  t.regex(listed, /GR__E~1 .*TXT .*11 2026-11-23 +16:48 +Größe\.txt/)
  t.regex(await runJudge('minfo', '-i', image, '::'), /hidden sectors: 2048/i)
})

test('names in 8.3 have no long one, names in lower case keep theirs, and tails are never twice', async (t) => {
  const names = [
    'README.TXT',
    'readme.md',
    'LONGNA~1',
    'longname a',
    'longname b',
    '.profile',
    'a+b.c',
    'Ä',
    'x.tar.gz',
  ]
  const entries = names.map((name) => file(name))
  const image = await writeImage(fatOf({ entries }).layout, makeSourceFolder(t))
  const listed = await runJudge('mdir', '-i', image, '::')
  const rows = listed.split('\n').filter((line) => /2026-11-23/.test(line))
  t.deepEqual(
    rows.map((line) =>
      line
        .replace(/ +\d+ 2026-11-23 +16:48 */, ' | ')
        .replace(/ +\|/, ' |')
        .trim(),
    ),
    [
      'PROFIL~1 | .profile',
      'LONGNA~1 |',
      'README   TXT |',
      'A_B~1    C | a+b.c',
      'LONGNA~2 | longname a',
      'LONGNA~3 | longname b',
      'README   MD | readme.md',
      'XTAR~1   GZ | x.tar.gz',
      '_~1 | Ä',
    ],
  )
})

test('characters of two units are in long names', async (t) => {
  const folder = makeSourceFolder(t)
  const image = await writeImage(fatOf({ entries: [file('a 😀/b 😀.txt')] }).layout, folder)
  await checkFat(image)
  // mtools knows characters of one unit only.
  t.deepEqual([...(await unpackWith7z(image, 'FAT', join(folder, 'unpacked'))).keys()], ['a 😀/b 😀.txt'])
})

test('thousands of files that begin alike are in one folder, and more than a folder holds are refused', async (t) => {
  const many = Array.from({ length: 4_000 }, (_, index) => file(`drivers/driver package ${index}.inf`))
  const image = await writeImage(fatOf({ entries: many }).layout, makeSourceFolder(t))
  t.regex(await checkFat(image), /400[0-9] files/)
  const more = Array.from({ length: 22_000 }, (_, index) => file(`drivers/driver package ${index}.inf`))
  t.deepEqual(faultsOf({ entries: more }), [{ kind: 'too-many-entries', path: 'drivers' }])
})

test('a volume that is too small says how large it would have to be, and that is enough', (t) => {
  for (const [octets, bytes] of [
    [40_000, 32_768],
    [7e6, 6e6],
    [600e6, 500e6],
    [12e9, 9e9],
  ] as const) {
    const entries = [
      file('content', layOutZeros(Math.floor(octets / 3))),
      file('more', layOutZeros(Math.floor(octets / 3))),
      file('third', layOutZeros(Math.floor(octets / 3))),
    ]
    const [fault] = faultsOf({ entries, bytes })
    if (fault?.kind !== 'volume-too-small') throw new Error(`there is room in ${bytes}`)
    t.is(fault.bytes, bytes)
    t.is(fatOf({ entries, bytes: fault.bytesNeeded }).layout.length, fault.bytesNeeded)
  }
})

test('all that is wrong is told at once: label, files and sizes', (t) => {
  const tooLong = file('a', layOutZeros(5e9))
  const { length } = faultsOf({ entries: [tooLong, { ...tooLong, path: 'b' }], label: 'Größe', bytes: 1e6 })
  t.is(length, 3)
  t.deepEqual(faultsOf({ bytes: 3e12 }), [{ kind: 'volume-too-large', bytes: 3e12, bytesMax: 512 * (2 ** 32 - 1) }])
  for (const label of ['', ' X', 'TWELVE CHARS', 'a']) t.is(faultsOf({ label }).length, 1)
})
