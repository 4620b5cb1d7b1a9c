/** The line that says how far something is. */

import test from 'ava'
import { printProgress } from '../../server/cli/show-progress.ts'

test('how far it is, how fast, and how long it will take; without a total what is there and how fast', (t) => {
  const so = { done: 'written', octets: 250e6, elapsedMs: 2_000 }
  t.is(printProgress({ ...so, total: 1e9 }), '25 %  250.0 MB of 1.0 GB written, 125.0 MB/s, 0 min 6 s left')
  t.is(printProgress({ ...so, total: undefined }), '250.0 MB written, 125.0 MB/s')
  t.is(printProgress({ ...so, octets: 0, total: 0 }), '100 %  0 B of 0 B written, 0 B/s')
})
