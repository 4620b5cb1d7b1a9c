/** Files by their hash, in long lists that are asked many times. */

import test from 'ava'
import { FilesByHash } from '../../server/http/find-content-file.ts'
import { sha256Of } from '../content/open-test-library.ts'

test('a file is found by its hash in the list that is asked, and in a list that took its place', (t) => {
  const file = (name: string) => ({ name, sha256: sha256Of(name), bytes: name.length })
  const byHash = new FilesByHash()
  const before = [{ files: [file('a'), file('b')] }, { files: [{ ...file('a'), name: 'deep/a' }] }]
  const after = [{ files: [file('b'), file('c')] }]
  for (const _ of [1, 2]) {
    t.is(byHash.find(before, sha256Of('a'))?.name, 'a')
    t.is(byHash.find(before, sha256Of('c')), undefined)
    t.is(byHash.find(after, sha256Of('c'))?.name, 'c')
    t.is(byHash.find(after, sha256Of('a')), undefined)
    t.is(byHash.find(before, '../etc/passwd'), undefined)
  }
})
