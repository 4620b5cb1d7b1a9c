/** Accounts of people, their folders, and the paths that settings files choose. */

import test from 'ava'
import { readPaths } from '../../bootstrap/chosen-paths.ts'
import { homeBelow, isAccountName, readLocalAccounts } from '../../bootstrap/local-accounts.ts'

const passwd = `root:x:0:0:root:/root:/bin/bash
ann:x:1000:1000:Ann,,,:/home/ann:/bin/bash
bob:x:1001:100::/srv/bob:
nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin
../up:x:1002:1002::/home/up:/bin/sh
broken
`
const group = 'sudo:x:27:ann\naudio:x:29:bob,ann\nusers:x:100:\n'

test('S2-050: people are those whose numbers begin at 1000', (t) => {
  t.deepEqual(readLocalAccounts(passwd, group), [
    {
      name: 'ann',
      uid: 1_000,
      gid: 1_000,
      comment: 'Ann,,,',
      home: '/home/ann',
      shell: '/bin/bash',
      groups: ['sudo', 'audio'],
    },
    { name: 'bob', uid: 1_001, gid: 100, comment: '', home: '/srv/bob', shell: '', groups: ['audio'] },
  ])
})

test('names become arguments and paths', (t) => {
  t.deepEqual(['ann', 'a-b.c', '-rf', 'a/b', '..', 'a b', ''].map(isAccountName), [
    true,
    true,
    false,
    false,
    false,
    false,
    false,
  ])
})

test('a folder is below the root and not the root', (t) => {
  t.deepEqual(['/home/ann', '/home//ann/', '/', '', 'home', '/home/../etc'].map(homeBelow), [
    'home/ann',
    'home/ann',
    undefined,
    undefined,
    undefined,
    undefined,
  ])
})

test('S2-050: a settings file has a path on each line', (t) => {
  t.deepEqual(readPaths('# mail\n.thunderbird\r\n~/Documents/ # all of it\n\n/Pictures\n'), [
    '.thunderbird',
    'Documents',
    'Pictures',
  ])
  t.throws(() => readPaths('a/../../b'), { message: /no path below/ })
})
