/** What the quick tests of FAT and ISO 9660 do with a few trees, with many: in portions, so that none takes long. */

import test from 'ava'
import { judgeFatVolumes } from '../support/fat-judges.ts'
import { judgeIsoImages } from '../support/iso-judges.ts'

const portions = 6
const treesOfPortion = 25

for (let portion = 1; portion <= portions; portion++) {
  test.serial(`FAT volumes hold any tree, portion ${portion}`, async (t) => {
    await judgeFatVolumes(t, treesOfPortion)
  })
  test.serial(`discs hold any tree, portion ${portion}`, async (t) => {
    await judgeIsoImages(t, treesOfPortion)
  })
}
