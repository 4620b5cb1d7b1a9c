/**
 * Images that were made to keep their reader busy: folders that lie over each other, records that count for nothing, volumes without
 * number. They are refused, and what was read of them until then is no more than what a large medium takes.
 */

import test from 'ava'
import { layOutGptDisk } from '../../../media/disk/lay-out-disk.ts'
import { efiSystemPartition } from '../../../media/disk/guid.ts'
import { layOutZeros } from '../../../media/layout/layout.ts'
import { readFatShape } from '../../../media/read/fat-table.ts'
import { findVolumes } from '../../../media/read/find-volumes.ts'
import { type OctetSource, sourceOf, UnreadableImageError } from '../../../media/read/octet-source.ts'
import { assert } from '../../../server/assert.ts'
import { fatOf } from '../../support/fat-judges.ts'
import { isoOf } from '../../support/iso-judges.ts'
import { makeSourceFolder, octetsOf } from '../../support/media-layouts.ts'

const block = 2_048
const mebibyte = 1024 * 1024
/** Folders of all kinds, and a little besides. */
const readBytesMax = 300 * mebibyte

function foldersNamed(count: number) {
  return Array.from({ length: count }, (_, index) => ({ kind: 'folder', path: `folder ${index}` }) as const)
}

/** `tail` follows the octets, and is as long as wanted: zeros, or one block again and again. */
function counting(octets: Uint8Array, bytes: number, tail = new Uint8Array(block)) {
  const counted = { bytes: 0 }
  const source: OctetSource = {
    start: 0,
    length: bytes,
    read: async (offset, length) => {
      counted.bytes += length
      const read = new Uint8Array(length)
      for (let at = 0; at < length; at += block) {
        const from = offset + at
        const part = from < octets.length ? octets.subarray(from, from + block) : tail
        read.set(part.subarray(0, length - at), at)
      }
      return read
    },
  }
  return { source, counted }
}

/** Of each folder in the root of a disc, where its record is. */
function folderRecords(iso: Uint8Array): { readonly view: DataView; readonly records: readonly number[] } {
  const view = new DataView(iso.buffer, iso.byteOffset)
  const root = view.getUint32(16 * block + 158, true) * block
  const end = root + view.getUint32(16 * block + 166, true)
  const records: number[] = []
  for (let at = root; at < end; ) {
    const length = view.getUint8(at)
    if (length > 0 && view.getUint8(at + 32) > 1) records.push(at)
    at = length === 0 ? (Math.floor(at / block) + 1) * block : at + length
  }
  return { view, records }
}

test('folders of a disc that lie over each other are not read for ever', async (t) => {
  const folder = makeSourceFolder(t)
  const iso = await octetsOf(isoOf({ entries: foldersNamed(2_000) }), folder)
  const { view, records } = folderRecords(iso)
  t.is(records.length, 2_000)
  for (const [index, at] of records.entries()) {
    view.setUint32(at + 2, iso.length / block + index, true)
    view.setUint32(at + 10, 60 * mebibyte, true)
  }
  const { source, counted } = counting(iso, iso.length + 100 * mebibyte)
  await t.throwsAsync(findVolumes(source), { instanceOf: UnreadableImageError, message: /they lie over each other/ })
  t.true(counted.bytes < readBytesMax, `${counted.bytes}`)
})

test('records of a disc that are passed over count', async (t) => {
  const folder = makeSourceFolder(t)
  const iso = await octetsOf(isoOf({ entries: foldersNamed(300) }), folder)
  const { view, records } = folderRecords(iso)
  for (const [index, at] of records.entries()) {
    view.setUint32(at + 2, iso.length / block + index, true)
    view.setUint32(at + 10, (300 - index) * block, true)
  }
  // One record of 40 octets after the other, each of a folder that is said to stand elsewhere (RRIP 4.1.5).
  const tail = new Uint8Array(block)
  for (let at = 0; at + 40 <= block; at += 40) {
    tail.set([40], at)
    tail.set([1, 65, ...Buffer.from('RE'), 4, 1], at + 32)
  }
  const { source, counted } = counting(iso, iso.length + 300 * block, tail)
  await t.throwsAsync(findVolumes(source), { instanceOf: UnreadableImageError, message: /more than 500000 files/ })
  t.true(counted.bytes < readBytesMax, `${counted.bytes}`)
})

test('folders of FAT whose chains run into one are not read for ever', async (t) => {
  const folder = makeSourceFolder(t)
  const entries = [...foldersNamed(1_000), { kind: 'file', path: 'tail', content: layOutZeros(3 * mebibyte) } as const]
  const fat = await octetsOf(fatOf({ entries, bytes: 40 * mebibyte }).layout, folder)
  const shape = await readFatShape(sourceOf(fat))
  assert(shape?.bits === 32, 'a volume of this size has 32 bits')
  const [volume] = await findVolumes(sourceOf(fat))
  let tail: number | undefined
  for await (const { offset } of volume?.files.get('tail')?.places() ?? [])
    tail = (offset - shape.dataOffset) / shape.clusterBytes + 2
  assert(tail !== undefined, 'the file lies somewhere')
  // All folders are in front of it, each in a cluster; those of the root itself stay a chain.
  const view = new DataView(fat.buffer, fat.byteOffset)
  for (let cluster = tail - 1_000; cluster < tail; cluster++)
    view.setUint32(shape.tableOffset + cluster * 4, tail, true)
  const { source, counted } = counting(fat, fat.length)
  await t.throwsAsync(findVolumes(source), { instanceOf: UnreadableImageError, message: /they lie over each other/ })
  t.true(counted.bytes < readBytesMax, `${counted.bytes}`)
})

test('a table of many partitions, each of them a volume, is refused', async (t) => {
  const folder = makeSourceFolder(t)
  const content = fatOf({ entries: [] }).layout
  const partition = { type: efiSystemPartition, id: '6d2f8c1e-0000-4000-8000-000000000001', name: 'x', content }
  const disk = layOutGptDisk({ id: partition.id, partitions: Array.from({ length: 17 }, () => partition) })
  const octets = await octetsOf(disk, folder)
  await t.throwsAsync(findVolumes(sourceOf(octets)), { message: /more than 16 volumes/ })
})

test('folders deeper than any that are written are refused', async (t) => {
  const folder = makeSourceFolder(t)
  const entries = [{ kind: 'folder', path: Array.from({ length: 130 }, () => 'x').join('/') } as const]
  for (const layout of [isoOf({ entries }), fatOf({ entries }).layout])
    await t.throwsAsync(findVolumes(sourceOf(await octetsOf(layout, folder))), { message: /deeper than 128/ })
})
