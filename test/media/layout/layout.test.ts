/** Extents cover an image without gaps, and every range of it is found. */

import test from 'ava'
import * as fc from 'fast-check'
import {
  emptyLayout,
  extentLength,
  extentsBetween,
  joinLayouts,
  layOutBytes,
  layOutSource,
  layOutZeros,
  type Layout,
  placeLayouts,
} from '../../../media/layout/layout.ts'
import { layouts, sourceOctets } from '../../support/media-layouts.ts'

/** What the extents stand for, without any reader. */
function resolve(layout: Layout, from = 0, to = layout.length): Buffer {
  return Buffer.concat(
    extentsBetween(layout, from, to).map((extent) => {
      if (extent.kind === 'bytes') return extent.bytes
      if (extent.kind === 'zeros') return new Uint8Array(extent.length)
      return sourceOctets[extent.source]?.subarray(extent.offset, extent.offset + extent.length) ?? new Uint8Array()
    }),
  )
}

function isWhole(layout: Layout): boolean {
  let end = 0
  return (
    layout.starts.length === layout.extents.length &&
    layout.extents.every((extent, index) => {
      const isInPlace = layout.starts[index] === end && extentLength(extent) > 0
      end += extentLength(extent)
      return isInPlace
    }) &&
    end === layout.length
  )
}

test('what is joined follows each other without gaps, and stands for the octets of its parts', (t) => {
  fc.assert(
    fc.property(layouts, ({ layout, octets }) => {
      t.true(isWhole(layout))
      t.deepEqual(resolve(layout), Buffer.from(octets))
    }),
  )
})

test('any range has the extents that make it up, and no others', (t) => {
  fc.assert(
    fc.property(layouts, fc.nat(), fc.nat(), ({ layout, octets }, a, b) => {
      const [from = 0, to = 0] = [a % (layout.length + 1), b % (layout.length + 1)].sort((x, y) => x - y)
      const extents = extentsBetween(layout, from, to)
      t.deepEqual(resolve(layout, from, to), Buffer.from(octets.subarray(from, to)))
      t.true(extents.every((extent) => extentLength(extent) > 0))
      t.true(extents.length <= layout.extents.length)
    }),
  )
})

test('what is placed stands in its place whatever the order, with zeros around it', (t) => {
  const parts = fc.array(fc.record({ gap: fc.nat(50), part: layouts }), { maxLength: 5 })
  fc.assert(
    fc.property(parts, fc.nat(50), fc.boolean(), (parts, behind, turned) => {
      const expected: Uint8Array[] = []
      let end = 0
      const placements = parts.map(({ gap, part }) => {
        expected.push(new Uint8Array(gap), part.octets)
        const offset = end + gap
        end = offset + part.layout.length
        return { offset, layout: part.layout }
      })
      const layout = placeLayouts(end + behind, turned ? placements.reverse() : placements)
      t.true(isWhole(layout))
      t.deepEqual(resolve(layout), Buffer.concat([...expected, new Uint8Array(behind)]))
    }),
  )
})

test('neighbours that are one are one extent', (t) => {
  t.is(joinLayouts([layOutZeros(3), emptyLayout, layOutZeros(4)]).extents.length, 1)
  t.deepEqual(joinLayouts([layOutSource('a', 10), layOutSource('a', 5, 10), layOutSource('a', 5, 16)]).extents, [
    { kind: 'source', source: 'a', offset: 0, length: 15 },
    { kind: 'source', source: 'a', offset: 16, length: 5 },
  ])
  t.is(joinLayouts([layOutSource('a', 10), layOutSource('b', 5, 10)]).extents.length, 2)
})

test('parts that overlap, or stand behind the end, are our mistake', (t) => {
  const part = layOutBytes(new Uint8Array(10))
  const two = [
    { offset: 0, layout: part },
    { offset: 9, layout: part },
  ]
  t.throws(() => placeLayouts(30, two), { message: /begins before 10/ })
  t.throws(() => placeLayouts(9, [{ offset: 0, layout: part }]), { message: /behind the end/ })
  t.throws(() => extentsBetween(part, 3, 11), { message: /no range/ })
})

test('a range in an image of a terabyte is a search, and numbers stay exact', (t) => {
  const gigabyte = 2 ** 30
  const layout = joinLayouts(Array.from({ length: 1_024 }, (_, index) => layOutSource(`${index}`, gigabyte)))
  t.is(layout.length, 2 ** 40)
  t.deepEqual(extentsBetween(layout, 1_000 * gigabyte - 1, 1_000 * gigabyte + 1), [
    { kind: 'source', source: '999', offset: gigabyte - 1, length: 1 },
    { kind: 'source', source: '1000', offset: 0, length: 1 },
  ])
})
