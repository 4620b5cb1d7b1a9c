/** Images as content to send: any octets of any layout, in any order, and nothing is read that was not asked for. */

import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import test from 'ava'
import * as fc from 'fast-check'
import { joinLayouts, layOutBytes, layOutSource, layOutZeros } from '../../media/layout/layout.ts'
import { openLayout, tagOfLayout } from '../../server/http/layout-content.ts'
import { sendContent } from '../../server/http/send-content.ts'
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

test('over a connection any range is what the layout says, whether its octets lie in files or not', async (t) => {
  const folder = makeSourceFolder(t)
  const octets = randomBytes(700_000)
  await writeFile(join(folder, 'large'), octets)
  const large = (length: number, offset: number) => layOutSource('large', length, offset)
  const small = layOutBytes(Buffer.from('between two files'))
  const layout = joinLayouts([
    small,
    large(400_000, 7),
    layOutZeros(3_000),
    large(500, 1),
    large(300_000, 400_000),
    small,
  ])
  const expected = Buffer.concat([
    Buffer.from('between two files'),
    octets.subarray(7, 400_007),
    Buffer.alloc(3_000),
    octets.subarray(1, 501),
    octets.subarray(400_000),
    Buffer.from('between two files'),
  ])
  const server = createServer((request, response) => {
    const content = {
      bytes: layout.length,
      tag: tagOfLayout(layout),
      type: 'application/octet-stream',
      cacheControl: 'no-cache',
      open: async () => openLayout(layout, (source) => join(folder, source)),
    }
    sendContent(request, response, content).catch((error: unknown) => t.fail(String(error)))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const { port } = server.address() as AddressInfo
  const places = fc.nat(layout.length - 1)
  const ranges = fc.asyncProperty(places, places, async (one, other) => {
    const [first, last] = [Math.min(one, other), Math.max(one, other)]
    const answer = await fetch(`http://127.0.0.1:${port}/`, { headers: { range: `bytes=${first}-${last}` } })
    t.is(answer.status, 206)
    t.is(Buffer.from(await answer.arrayBuffer()).compare(expected, first, last + 1), 0, `${first} to ${last}`)
  })
  const examples: [number, number][] = [
    [0, layout.length - 1],
    [16, 400_017],
    [17, 400_016],
  ]
  await fc.assert(ranges, { numRuns: 60, examples })
  server.closeAllConnections()
})
