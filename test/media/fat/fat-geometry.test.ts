/** The kind of a volume follows from the count of its clusters, and the tables have room for all of them. */

import test from 'ava'
import * as fc from 'fast-check'
import { geometryOf, smallestGeometry } from '../../../media/fat/fat-geometry.ts'

/** FAT specification 1.03, "FAT Type Determination". */
function kindOf(clusters: number): 12 | 16 | 32 {
  if (clusters < 4_085) return 12
  return clusters < 65_525 ? 16 : 32
}

const sizes = fc.oneof(
  fc.integer({ min: 60, max: 100_000 }),
  fc.integer({ min: 60, max: 2 ** 32 - 1 }),
  fc
    .constantFrom(4_000, 8_000, 32_000, 66_696, 532_480, 16_777_216, 33_554_432, 67_108_864)
    .chain((size) => fc.integer({ min: size - 70, max: size + 70 })),
)

test('any volume is of the kind that its clusters say, and its parts fit', (t) => {
  fc.assert(
    fc.property(sizes, fc.integer({ min: 1, max: 1_000 }), (sectors, rootEntries) => {
      const geometry = geometryOf(sectors, rootEntries)
      if (geometry === undefined) {
        t.true(sectors < 100)
        return
      }
      const { bits, clusters, sectorsPerCluster, firstDataSector } = geometry
      t.is(bits, kindOf(clusters))
      t.true(firstDataSector + clusters * sectorsPerCluster <= sectors)
      t.true(firstDataSector + (clusters + 1) * sectorsPerCluster > sectors, 'no cluster is lost')
      t.true(bits === 32 || geometry.rootEntries >= rootEntries)
      t.is(bits === 32 ? firstDataSector % 8 : 0, 0)
    }),
    { numRuns: 2_000 },
  )
})

test('the smallest volume for some clusters has them, and is of the same kind as any volume of its size', (t) => {
  fc.assert(
    fc.property(fc.oneof(fc.nat(140_000), fc.nat(60_000_000)), (half) => {
      const octets = half * 512
      const clusters = ({ sectorsPerCluster }: { readonly sectorsPerCluster: number }): number =>
        Math.ceil(octets / sectorsPerCluster / 512)
      const geometry = smallestGeometry({ clusters, rootEntries: 1 })
      if (geometry === undefined) throw new Error(`there is none for ${octets} octets`)
      t.deepEqual(geometryOf(geometry.sectors, 1), geometry)
      t.true(geometry.clusters >= clusters(geometry))
    }),
    { numRuns: 500 },
  )
})
