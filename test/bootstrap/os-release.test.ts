/** What a client tells of the system it runs in. */

import test from 'ava'
import { readOperatingSystem } from '../../bootstrap/os-release.ts'
import { makeTree } from './make-tree.ts'

test('S1-079: a client tells the name and the version of its system, as os-release has them', async (t) => {
  const debian = await makeTree(t, { 'etc/os-release': 'PRETTY_NAME="Debian"\nID=debian\nVERSION_ID="12"\n' })
  t.deepEqual(await readOperatingSystem(debian), { name: 'debian', version: '12' })
  const rolling = await makeTree(t, { 'usr/lib/os-release': "ID='arch'\n" })
  t.deepEqual(await readOperatingSystem(rolling), { name: 'arch' })
  const nothing = await makeTree(t, { 'etc/os-release': 'NAME=x\n' })
  t.is(await readOperatingSystem(nothing), undefined)
})
