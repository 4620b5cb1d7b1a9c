/** Images of discs, judged by xorriso, 7-Zip and isoinfo. */

import { isDeepStrictEqual } from 'node:util'
import test from 'ava'
import { layOutIso } from '../../../media/iso/lay-out-iso.ts'
import type { IsoVolume } from '../../../media/iso/iso-volume.ts'
import type { MediaEntry } from '../../../media/layout/file-tree.ts'
import { extentsBetween, type Layout, layOutBytes, layOutZeros } from '../../../media/layout/layout.ts'
import type { LayoutFault } from '../../../media/layout/layout-fault.ts'
import { fatDefaults, runJudge } from '../../support/fat-judges.ts'
import { isoOf, judgeIso, judgeIsoImages, listWithIsoinfo, runXorriso } from '../../support/iso-judges.ts'
import { makeSourceFolder, makeSparseSource, octetsOf, withoutSources } from '../../support/media-layouts.ts'
import { writeImage } from '../../support/media-trees.ts'

const file = (path: string, content: Layout = layOutBytes(Buffer.from(path))): MediaEntry => ({
  kind: 'file',
  path,
  content,
})

async function viewOf(layout: Layout, folder: string, from: number, length: number): Promise<DataView> {
  return new DataView((await octetsOf(layout, folder, { from, to: from + length })).buffer)
}

function faultsOf(volume: Partial<IsoVolume>): readonly LayoutFault[] {
  const iso = layOutIso({ volumeId: 'REVEILLE', time: fatDefaults.time, entries: [], ...volume })
  return iso.kind === 'refused' ? iso.faults : []
}

test('what any tree holds comes out of an image, by its true names', async (t) => {
  await judgeIsoImages(t, 8)
})

test('xorriso reads every block without a warning', async (t) => {
  const entries = [file('EFI/BOOT/BOOTX64.EFI'), file('SMS/data/variables.dat', layOutZeros(0)), file('Größe.txt')]
  const image = await writeImage(isoOf({ entries }), makeSourceFolder(t))
  const told = await runXorriso('-indev', `stdio:${image}`, '-check_media', '--')
  t.regex(told, /Media region : +0 , +\d+ , \+ good/)
})

test('names in upper case, true names and those of Windows are all there', async (t) => {
  const names = ['bootx64.efi', 'Größe; klein.txt', 'no ending', '.profile', `${'long '.repeat(40)}name`, 'v1.2.tar.gz']
  const entries = [...names.map((name) => file(`A folder/${name}`)), file('A folder/NO_ENDING')]
  const image = await writeImage(isoOf({ entries }), makeSourceFolder(t))
  t.deepEqual(await listWithIsoinfo(image), [
    '/A_FOLDER',
    '/A_FOLDER/.PROFILE;1',
    '/A_FOLDER/BOOTX64.EFI;1',
    '/A_FOLDER/GR__E__KLEIN.TXT;1',
    '/A_FOLDER/LONG_LONG_LONG_LONG_LONG_LONG_.;1',
    '/A_FOLDER/NO_ENDING.;1',
    '/A_FOLDER/NO_ENDING_1.;1',
    '/A_FOLDER/V1_2_TAR.GZ;1',
  ])
  const joliet = await listWithIsoinfo(image, '-J')
  t.true(joliet.includes('/A folder/no ending;1') && joliet.includes('/A folder/v1.2.tar.gz;1'))
  t.true(joliet.includes(`/A folder/${'long '.repeat(40).slice(0, 103).trimEnd()};1`))
})

test('volume, dates and application are those that were given', async (t) => {
  const layout = isoOf({ volumeId: 'SITE 1 MEDIUM_2026', entries: [file('a/b'), file('a/c/d'), file('a/e/f')] })
  const image = await writeImage(layout, makeSourceFolder(t))
  t.regex(await runJudge('isoinfo', '-d', '-i', image), new RegExp(`Volume size is: ${layout.length / 2_048}\n`))
  t.regex(await runJudge('isoinfo', '-l', '-R', '-i', image), /dr-xr-xr-x +4 +0 +0 +2048 Nov 23 2026 \[.*\] +a \n/)
  const attributes = await runXorriso('-indev', `stdio:${image}`, '-find', '/', '-exec', 'lsdl', '--')
  t.regex(attributes, /dr-xr-xr-x .* 0 +0 .* Nov 23 16:48 '\/a'\n-r-xr-xr-x .* 3 Nov 23 16:48 '\/a\/b'/)
  t.regex(await runJudge('isoinfo', '-d', '-i', image), /Volume id: SITE 1 MEDIUM_2026\n[^]*Application id: REVEILLE\n/)
  const told = await runXorriso('-indev', `stdio:${image}`, '-pvd_info')
  t.regex(told, /Creation Time: 2026112316485800/)
  t.regex(told, /Eff\. Time    : 2026112316485800/)
})

test('path tables name every folder below its parent, in both trees and both byte orders', async (t) => {
  const folder = makeSourceFolder(t)
  const entries = ['b/z/c', 'a/b/c', 'a/a/c', 'ä/c', 'a.b/c'].map((path) => file(path))
  const layout = isoOf({ entries })
  const image = await writeImage(layout, folder)
  const rows = async (...words: readonly string[]): Promise<string[]> => {
    const listed = await runJudge('isoinfo', '-p', ...words, '-i', image)
    return [...listed.matchAll(/^ +(\d+): +(\d+) [0-9a-f]+ (.*)$/gm)].map(([, , parent, name]) => `${parent} ${name}`)
  }
  t.deepEqual(await rows(), ['1 ', '1 A', '1 A_B', '1 B', '1 _', '2 A', '2 B', '4 Z'])
  t.deepEqual((await rows('-J')).slice(0, 4), ['1 ', '1 a', '1 a.b', '1 b'])
  for (const descriptor of [16, 17]) {
    const view = await viewOf(layout, folder, descriptor * 2_048, 2_048)
    const length = view.getUint32(132, true)
    const little = await viewOf(layout, folder, view.getUint32(140, true) * 2_048, length)
    const big = await viewOf(layout, folder, view.getUint32(148) * 2_048, length)
    for (let at = 0; at < length; at += 8 + little.getUint8(at) + (little.getUint8(at) % 2)) {
      t.is(little.getUint32(at + 2, true), big.getUint32(at + 2))
      t.is(little.getUint16(at + 6, true), big.getUint16(at + 6))
    }
  }
})

test('a file of 9 GB is several extents of one file, and any range of it is read without the rest', async (t) => {
  const folder = makeSourceFolder(t)
  const content = makeSparseSource(folder, 'huge', 9_000_000_001)
  const layout = isoOf({ entries: [file('sources/install.wim', content), file('sources/z'), file('a')] })
  const image = await writeImage(withoutSources(layout), folder)
  t.regex(await runJudge('7zz', 'l', '-tISO', image), / 9000000001 +9000000001 +sources\/install\.wim/)
  t.regex(await runJudge('isoinfo', '-l', '-R', '-i', image), / install\.wim /)
  const reported = await runJudge(
    'xorriso',
    '-indev',
    `stdio:${image}`,
    '-find',
    '/sources/install.wim',
    '-exec',
    'report_lba',
    '--',
  )
  // Three sections without a gap: xorriso names each.
  const sections = [...reported.matchAll(/File data lba: +(\d+) , +(\d+) , +(\d+) , +(\d+)/g)].map(([, ...numbers]) =>
    numbers.map(Number),
  )
  t.deepEqual(
    sections.map(([, , blocks]) => blocks),
    [2_097_151, 2_097_151, Math.ceil(9_000_000_001 / 2_048) - 2 * 2_097_151],
  )
  const at = (sections[0]?.[1] ?? 0) * 2_048
  const end = at + content.length
  t.deepEqual(await octetsOf(layout, folder, { from: at, to: at + 11 }), new Uint8Array(Buffer.from('huge begins')))
  t.deepEqual(
    await octetsOf(layout, folder, { from: end - 9, to: end + 1 }),
    new Uint8Array(Buffer.from('huge ends\0')),
  )
  t.is(extentsBetween(layout, at + 5e9, at + 6e9).length, 1)
})

test('records fill blocks and never cross their ends, whatever their lengths', async (t) => {
  const folder = makeSourceFolder(t)
  const lengths = Array.from({ length: 900 }, (_, index) => (index * 7) % 83)
  const names = lengths.map((length, index) => `${index}-`.padEnd(length, 'x'))
  const entries = names.map((name) => file(name))
  const expected = new Map(names.map((name) => [name, new Uint8Array(Buffer.from(name))]))
  await judgeIso(t, folder, { entries, expected }, isoOf({ entries }))
})

test('folders are as deep as the content has them, and none is moved', async (t) => {
  const path = Array.from({ length: 30 }, (_, index) => `level ${index}`).join('/')
  const image = await writeImage(isoOf({ entries: [file(`${path}/deep.txt`)] }), makeSourceFolder(t))
  const listed = await listWithIsoinfo(image, '-R')
  t.is(listed.length, 31)
  t.true(listed.includes(`/${path}/deep.txt`))
})

test('equal arguments give equal octets, in whatever order', (t) => {
  const entries = [file('a/b'), file('a/c', layOutZeros(1e9)), file('d')]
  t.true(isDeepStrictEqual(isoOf({ entries: [...entries].reverse() }), isoOf({ entries })))
})

test('thousands of files that are one name in upper case have names of their own', async (t) => {
  const umlauts = Array.from('äöüéñçøœЖλ漢字')
  const names = umlauts.flatMap((a) => umlauts.flatMap((b) => umlauts.map((c) => `${a}${b}${c}.sys`)))
  const different = [...new Map(names.map((name) => [name.toUpperCase(), name])).values()]
  t.true(different.length > 1_500)
  const image = await writeImage(isoOf({ entries: different.map((name) => file(name)) }), makeSourceFolder(t))
  t.is(new Set(await listWithIsoinfo(image)).size, different.length)
  t.is(new Set(await listWithIsoinfo(image, '-R')).size, different.length)
})

test('more folders than a path table counts, and labels that it cannot have, are refused', (t) => {
  const folders = Array.from({ length: 65_535 }, (_, index): MediaEntry => ({ kind: 'folder', path: `${index}` }))
  t.deepEqual(faultsOf({ entries: folders, volumeId: 'medium' }), [
    { kind: 'label-not-possible', label: 'medium', charactersMax: 32 },
    { kind: 'too-many-folders', folders: 65_536, foldersMax: 65_535 },
  ])
  const [fault] = faultsOf({ entries: [file('a', layOutZeros(9e12))] })
  t.is(fault?.kind, 'volume-too-large')
})
