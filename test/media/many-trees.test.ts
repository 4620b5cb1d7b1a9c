/** What the quick tests of FAT and ISO 9660 do with a few trees, with many: in portions, so that none takes long. */

import test from 'ava'
import { judgeFatVolumes } from '../support/fat-judges.ts'
import { judgeIsoImages } from '../support/iso-judges.ts'
import { judgeLargeDiscs } from '../support/large-trees.ts'

/** 200 trees of each kind in a run. */
const portions = 8
const treesOfPortion = 25
/** Of them each has files of gigabytes, sparse as they are. */
const largeTreesOfPortion = 25

for (let portion = 1; portion <= portions; portion++) {
  test.serial(`FAT volumes hold any tree, portion ${portion}`, async (t) => {
    await judgeFatVolumes(t, treesOfPortion)
  })
  test.serial(`discs hold any tree, portion ${portion}`, async (t) => {
    await judgeIsoImages(t, treesOfPortion)
  })
  test.serial(`discs hold files around 4 GiB and beyond, portion ${portion}`, async (t) => {
    await judgeLargeDiscs(t, largeTreesOfPortion)
  })
}
