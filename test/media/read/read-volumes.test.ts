/** What is written is read back the same, what others write is read too, and what was made to mislead is an error and nothing worse. */

import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import * as fc from 'fast-check'
import { layOutGptDisk, layOutMbrDisk } from '../../../media/disk/lay-out-disk.ts'
import { efiSystemPartition } from '../../../media/disk/guid.ts'
import {
  extentLength,
  extentsBetween,
  joinLayouts,
  type Layout,
  layOutBytes,
  layOutZeros,
} from '../../../media/layout/layout.ts'
import { findVolumes } from '../../../media/read/find-volumes.ts'
import { type OctetSource, pieceBytesMax, UnreadableImageError } from '../../../media/read/octet-source.ts'
import { makeFolder } from '../../bootstrap/loop-disk.ts'
import { fatOf } from '../../support/fat-judges.ts'
import { isoOf } from '../../support/iso-judges.ts'
import { makeSourceFolder, octetsOf } from '../../support/media-layouts.ts'
import { differences, mediaTrees } from '../../support/media-trees.ts'
import { contentsOf, volumesOf } from '../../support/read-volumes.ts'

const diskId = '6d2f8c1e-0000-4000-8000-000000000001'

test('any tree is read from a disc as it was written', async (t) => {
  const folder = makeSourceFolder(t)
  const property = fc.asyncProperty(mediaTrees, async (tree) => {
    const [volume] = await volumesOf(await octetsOf(isoOf({ entries: tree.entries }), folder))
    t.is(volume?.kind, 'ISO 9660')
    if (volume !== undefined) t.deepEqual(differences(await contentsOf(volume), tree.expected), [])
  })
  await fc.assert(property, { numRuns: 30 })
})

test('any tree is read from FAT as it was written, in a partition of either table and without one', async (t) => {
  const folder = makeSourceFolder(t)
  const sizes = fc.constantFrom(undefined, undefined, 6e6, 20e6, 40e6)
  const tables = fc.constantFrom('none', 'gpt', 'mbr')
  const property = fc.asyncProperty(mediaTrees, sizes, tables, async (tree, bytes, table) => {
    const fat = fatOf({ entries: tree.entries, ...(bytes === undefined ? {} : { bytes }) })
    const partition = { type: efiSystemPartition, id: diskId, name: 'x', content: fat.layout }
    const disk =
      table === 'gpt'
        ? layOutGptDisk({ id: diskId, partitions: [partition] })
        : table === 'mbr'
          ? layOutMbrDisk({ signature: 1, partitions: [{ type: 0x0c, isActive: true, content: fat.layout }] })
          : fat.layout
    const volumes = await volumesOf(await octetsOf(disk, folder))
    t.deepEqual(
      volumes.map(({ kind }) => kind),
      [`FAT${fat.bits}`],
    )
    for (const volume of volumes) t.deepEqual(differences(await contentsOf(volume), tree.expected), [])
  })
  await fc.assert(property, { numRuns: 30 })
})

test('a file over 4 GiB is whole on a disc', async (t) => {
  const ending = Buffer.from('big.wim ends')
  const bytes = 2 ** 32 + 12_345
  const content = joinLayouts([layOutZeros(bytes - ending.length), layOutBytes(ending)])
  const [volume] = await findVolumes(sourceOfLayout(isoOf({ entries: [{ kind: 'file', path: 'big.wim', content }] })))
  const file = volume?.files.get('big.wim')
  t.is(file?.bytes, bytes)
  let [length, last] = [0, '']
  for await (const piece of file?.read() ?? []) {
    length += piece.length
    last = Buffer.from(piece.subarray(-ending.length)).toString('latin1')
  }
  t.deepEqual([length, last], [bytes, 'big.wim ends'])
})

const zeros = new Uint8Array(pieceBytesMax)

/** Without the work of copying gigabytes of zeros. */
function sourceOfLayout(layout: Layout): OctetSource {
  const read = async (offset: number, length: number): Promise<Uint8Array> => {
    const extents = extentsBetween(layout, offset, offset + length)
    if (extents.every(({ kind }) => kind === 'zeros')) return zeros.subarray(0, length)
    return Buffer.concat(
      extents.map((extent) => (extent.kind === 'bytes' ? extent.bytes : zeros.subarray(0, extentLength(extent)))),
    )
  }
  return { start: 0, length: layout.length, read }
}

/** Names and depths that make others use what we do not: moved folders, continued names, lower case flags. */
function makeForeignTree(folder: string): Map<string, Uint8Array> {
  const names = ['README.TXT', 'lower.txt', 'Mixed Case and long name.tar.gz', 'ä ö ü.txt', `${'n'.repeat(90)}.bin`]
  const deep = Array.from({ length: 12 }, (_, index) => `level${index}`).join('/')
  const paths = [
    ...names,
    `${deep}/deepest.txt`,
    'sub/empty',
    ...Array.from({ length: 90 }, (_, index) => `many/${index}`),
  ]
  const found = new Map<string, Uint8Array>()
  for (const [index, path] of paths.entries()) {
    const octets = new Uint8Array(path.endsWith('empty') ? 0 : index * 977 + 1).fill(index + 1)
    mkdirSync(join(folder, path, '..'), { recursive: true })
    writeFileSync(join(folder, path), octets)
    found.set(path, octets)
  }
  return found
}

for (const [title, words] of [
  ['with Rock Ridge', ['-R', '-J', '-joliet-long']],
  ['with moved folders', ['-R', '-hide-rr-moved']],
  ['with Joliet alone', ['-J', '-joliet-long', '-D']],
] as const) {
  test(`a disc that xorriso made is read, ${title}`, async (t) => {
    const folder = makeFolder(t)
    const expected = makeForeignTree(join(folder, 'tree'))
    const image = join(folder, 'x.iso')
    // Without Rock Ridge, -J is all that keeps the names.
    const rockRidge = title === 'with Joliet alone' ? ['--norock'] : []
    execFileSync('xorriso', ['-as', 'mkisofs', '-quiet', ...rockRidge, ...words, '-o', image, join(folder, 'tree')], {
      stdio: 'ignore',
    })
    const [volume] = await volumesOf(readFileSync(image))
    t.not(volume, undefined)
    if (volume !== undefined) t.deepEqual(differences(await contentsOf(volume), expected), [])
  })
}

for (const [bits, mebibytes, sectorsPerCluster] of [
  [12, 6, 4],
  [16, 32, 1],
  [32, 64, 1],
] as const) {
  test(`a FAT${bits} volume of mkfs.vfat and mtools is read`, async (t) => {
    const folder = makeFolder(t)
    const expected = makeForeignTree(join(folder, 'tree'))
    const image = join(folder, 'fat.img')
    execFileSync(
      'mkfs.vfat',
      ['-C', '-F', `${bits}`, '-s', `${sectorsPerCluster}`, '-n', 'STICK', image, `${mebibytes * 1024}`],
      {
        stdio: 'ignore',
      },
    )
    cpSync(join(folder, 'tree'), join(folder, 'copy'), { recursive: true })
    const environment = { ...process.env, LC_ALL: 'C.UTF-8' }
    for (const name of new Set([...expected.keys()].map((path) => path.split('/')[0] ?? ''))) {
      execFileSync('mcopy', ['-s', '-i', image, join(folder, 'copy', name), '::/'], { env: environment })
    }
    const [volume] = await volumesOf(readFileSync(image))
    t.deepEqual([volume?.kind, volume?.label], [`FAT${bits}`, 'STICK'])
    if (volume !== undefined) t.deepEqual(differences(await contentsOf(volume), expected), [])
    rmSync(image)
  })
}

test('altered octets of an image give an error or other files, and never more than the image could hold', async (t) => {
  const folder = makeSourceFolder(t)
  const changes = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 12 })
  const kinds = fc.constantFrom('iso', 'fat')
  const property = fc.asyncProperty(mediaTrees, kinds, changes, fc.nat(), async (tree, kind, altered, cut) => {
    const layout = kind === 'iso' ? isoOf({ entries: tree.entries }) : fatOf({ entries: tree.entries }).layout
    const image = await octetsOf(layout, folder)
    // What tells others where to go on is at the front.
    for (const [at, octet] of altered)
      image[(kind === 'iso' ? 32_768 : 0) + (at % Math.min(image.length - 32_768, 65_536))] = octet
    const short = cut % 5 === 0 ? image.subarray(0, cut % image.length) : image
    try {
      for (const { files } of await volumesOf(short)) {
        for (const { bytes, read } of files.values()) {
          // A file may claim 4 GiB; whoever verifies has read its true length in the manifest.
          if (bytes > 4 * image.length) continue
          let length = 0
          for await (const piece of read()) length += piece.length
          t.true(length <= bytes)
        }
      }
    } catch (error) {
      if (!(error instanceof UnreadableImageError)) throw error
    }
    t.pass()
  })
  await fc.assert(property, { numRuns: 150 })
})

test('folders that are in themselves, clusters in a circle and images that end too early are errors', async (t) => {
  const folder = makeSourceFolder(t)
  const entries = [
    { kind: 'folder', path: 'outer/inner' },
    { kind: 'file', path: 'outer/a', content: layOutZeros(100_000) },
  ] as const
  const fat = await octetsOf(fatOf({ entries, bytes: 8_000_000 }).layout, folder)
  await t.throwsAsync(volumesOf(fat.subarray(0, fat.length - 512)), { message: /and only \d+ are there/ })
  const iso = await octetsOf(isoOf({ entries }), folder)
  await t.throwsAsync(volumesOf(iso.subarray(0, iso.length - 2_048)), { message: /and only \d+ are there/ })
  // The record of `outer` in the root says that it lies where the root does.
  const view = new DataView(iso.buffer, iso.byteOffset)
  const root = view.getUint32(16 * 2_048 + 158, true) * 2_048
  let record = root
  for (let skip = 0; skip < 2; skip++) record += view.getUint8(record)
  view.setUint32(record + 2, root / 2_048, true)
  await t.throwsAsync(volumesOf(iso), { instanceOf: UnreadableImageError, message: /lies where another one does/ })
})
