/** `server/README.md` is the way in, so every file it names must be there. What it says about them is for readers. */

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { root } from '../scripts/root.ts'

const text = readFileSync(join(root, 'server/README.md'), 'utf8')
/** Names are written from here, or from the root. */
const places = ['', 'server']

test('every file and folder that server/README.md names is there', (t) => {
  const files = [...text.matchAll(/(?<![\w*/.-])(?:[\w-]+\/)*\w[\w.-]*\.(?:tsx?|json|md)\b/g)].map(([name]) => name)
  const folders = [...text.matchAll(/`((?:[\w-]+\/)+)`/g)].map(([, name = '']) => name)
  // In the figures files stand without an ending, in front of what they do.
  const drawn = [...text.matchAll(/^ *((?:[\w-]+\/)+[\w-]+) {2,}/gm)].map(([, name = '']) => `${name}.ts`)
  t.true(files.length > 60 && folders.length > 15 && drawn.length > 10)
  const missing = [...files, ...folders, ...drawn].filter(
    (name) => !places.some((place) => existsSync(join(root, place, name))),
  )
  t.deepEqual(missing, [])
})
