/** Images as content to send: any octets of any layout, in any order, and nothing is read that was not asked for. */

import { join } from 'node:path'
import test from 'ava'
import * as fc from 'fast-check'
import { joinLayouts, layOutBytes, layOutZeros } from '../../media/layout/layout.ts'
import { openLayout, tagOfLayout } from '../../server/http/layout-content.ts'
import { layouts, makeSourceFolder, makeSparseSource } from '../support/media-layouts.ts'

test('octets of a layout are read from anywhere, in order or not', async (t) => {
  const folder = makeSourceFolder(t)
  const slices = fc.array(fc.record({ from: fc.nat(200_000), length: fc.nat(9_000) }), { maxLength: 6 })
  const property = fc.asyncProperty(layouts, slices, async ({ layout, octets }, asked) => {
    const content = openLayout(layout, (source) => join(folder, source))
    let end = 0
    for (const [index, { from, length }] of asked.entries()) {
      // Every second one goes on where the one before it ended.
      const start = index % 2 === 0 ? Math.min(from, octets.length) : end
      end = Math.min(start + length, octets.length)
      t.deepEqual(new Uint8Array(await content.read(start, end - start)), new Uint8Array(octets.subarray(start, end)))
    }
    await content.close()
  })
  await fc.assert(property, { numRuns: 60 })
})

test('of an image of a tebibyte a few octets are there at once', async (t) => {
  const folder = makeSourceFolder(t)
  const bytes = 2 ** 40
  const source = makeSparseSource(folder, 'large', bytes)
  const layout = joinLayouts([layOutBytes(Buffer.from('head')), layOutZeros(2 ** 32), source])
  const content = openLayout(layout, (name) => join(folder, name))
  t.teardown(() => content.close())
  t.is(Buffer.from(await content.read(0, 4)).toString(), 'head')
  t.is(Buffer.from(await content.read(4 + 2 ** 32, 12)).toString(), 'large begins')
  t.is(Buffer.from(await content.read(layout.length - 10, 10)).toString(), 'large ends')
})

test('the tag tells images apart by what they are made of', (t) => {
  const tags = [
    layOutBytes(Buffer.from('a')),
    layOutBytes(Buffer.from('b')),
    layOutZeros(1),
    joinLayouts([layOutBytes(Buffer.from('a')), layOutZeros(1)]),
  ].map(tagOfLayout)
  t.is(new Set(tags).size, tags.length)
  t.is<string | undefined, string | undefined>(tagOfLayout(layOutBytes(Buffer.from('a'))), tags[0])
})
