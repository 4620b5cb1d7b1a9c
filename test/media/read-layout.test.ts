/** A layout read and written: ranges, holes, devices, and files that are not what they were. */

import { open, readFile, stat, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import * as fc from 'fast-check'
import { joinLayouts, layOutBytes, layOutSource, layOutZeros } from '../../media/layout/layout.ts'
import { readLayout, SourceTooShortError, writeLayout } from '../../media/read-layout.ts'
import { makeLoopDisk } from '../bootstrap/loop-disk.ts'
import { layouts, makeSourceFolder, octetsOf } from '../support/media-layouts.ts'

test('any range is read as the octets it stands for', async (t) => {
  const folder = makeSourceFolder(t)
  const ranges = fc.asyncProperty(layouts, fc.nat(), fc.nat(), async ({ layout, octets }, a, b) => {
    const [from = 0, to = 0] = [a % (layout.length + 1), b % (layout.length + 1)].sort((x, y) => x - y)
    t.deepEqual(await octetsOf(layout, folder, { from, to }), new Uint8Array(octets.subarray(from, to)))
  })
  await fc.assert(ranges, { numRuns: 60 })
})

test('a written file has the image and nothing of what was there; progress ends with the whole', async (t) => {
  const folder = makeSourceFolder(t)
  const image = join(folder, 'image')
  const written = fc.asyncProperty(layouts, async ({ layout, octets }) => {
    await writeFile(image, Buffer.alloc(50_000, 0xee))
    const seen: number[] = []
    await using target = await open(image, 'r+')
    await writeLayout(layout, target, {
      pathOf: (source) => join(folder, source),
      onProgress: (done, total) => {
        t.is(total, layout.length)
        seen.push(done)
      },
    })
    t.deepEqual(new Uint8Array(await readFile(image)), new Uint8Array(octets))
    t.is(seen.at(-1), layout.length)
    t.deepEqual(
      seen,
      [...seen].sort((a, b) => a - b),
    )
  })
  await fc.assert(written, { numRuns: 40 })
})

test('zeros are holes in a file: 100 GB take no room', async (t) => {
  const folder = makeSourceFolder(t)
  const image = join(folder, 'image')
  const layout = joinLayouts([layOutBytes(Buffer.from('begin')), layOutZeros(100e9), layOutSource('a', 5_000)])
  await using target = await open(image, 'w')
  await writeLayout(layout, target, { pathOf: (source) => join(folder, source) })
  const { size, blocks } = await stat(image)
  t.is(size, layout.length)
  t.true(blocks * 512 < 1e6, `${blocks} blocks`)
})

test('what is longer than one piece arrives whole', async (t) => {
  const folder = makeSourceFolder(t)
  const octets = Buffer.alloc(3_500_000, 'a piece ends anywhere ')
  await writeFile(join(folder, 'long'), octets)
  const layout = joinLayouts([layOutSource('long', octets.length), layOutBytes(octets), layOutZeros(200_000)])
  const expected = Buffer.concat([octets, octets, Buffer.alloc(200_000)])
  t.true(expected.equals(await octetsOf(layout, folder)))
})

test('a source that is shorter than it was is named, not padded', async (t) => {
  const folder = makeSourceFolder(t)
  await truncate(join(folder, 'a'), 4_000)
  const error = await t.throwsAsync(octetsOf(layOutSource('a', 5_000), folder), { instanceOf: SourceTooShortError })
  t.is(error?.source, 'a')
  t.regex(error?.message ?? '', /fewer than 5000 octets/)
})

test('a source that is gone rejects, and a signal ends the reading', async (t) => {
  const folder = makeSourceFolder(t)
  await t.throwsAsync(octetsOf(layOutSource('gone', 5), folder), { code: 'ENOENT' })
  const end = new AbortController()
  const pathOf = (source: string): string => join(folder, source)
  const reading = readLayout(layOutZeros(1e9), { from: 0, to: 1e9 }, { pathOf, signal: end.signal })
  t.true((await reading.next()).value instanceof Uint8Array)
  end.abort(new Error('the client left'))
  await t.throwsAsync(reading.next(), { message: 'the client left' })
})

test('on a device zeros are written over what was there', async (t) => {
  const folder = makeSourceFolder(t)
  const { disk } = makeLoopDisk(t, 1_048_576)
  const layout = joinLayouts([layOutSource('a', 5_000), layOutZeros(300_000), layOutBytes(Buffer.from('end'))])
  await writeFile(disk.device, Buffer.alloc(disk.bytes, 0xee), { flag: 'r+' })
  await using target = await open(disk.device, 'r+')
  await writeLayout(layout, target, { pathOf: (source) => join(folder, source) })
  await target.sync()
  const octets = new Uint8Array(await readFile(disk.device))
  t.deepEqual(octets.subarray(0, layout.length), await octetsOf(layout, folder))
  t.true(octets.subarray(layout.length).every((octet) => octet === 0xee))
})
