/** CI boots the machines of every file, once. */

import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { machineLanes } from '../../scripts/machine-lanes.ts'
import { root } from '../../scripts/root.ts'

/** Its boot image is built outside of any private network. */
const outside = 'boot-image'

test('each file that boots machines is in one lane', (t) => {
  const names = readdirSync(join(root, 'test/end-to-end')).flatMap((file) => /^(.+)\.test\.ts$/.exec(file)?.[1] ?? [])
  t.deepEqual(machineLanes.flat().toSorted(), names.filter((name) => name !== outside).toSorted())
})
