/** Devices and the lists of identifiers from the command line, against a real server. */

import test from 'ava'
import { openTestSite, type TestSite } from '../http/test-site.ts'
import { runReveille } from './reveille.ts'

let site: TestSite
test.before(async () => {
  site = await openTestSite()
})
test.after.always(() => site.close())

const reveille = (...args: readonly string[]) => runReveille(site, ...args)

test('S6-010, S6-011: identifiers are listed with a comment, shown with who listed them, and taken off', async (t) => {
  const added = await reveille('duplicate-identifier', 'add', '52-54-00-D0-C0-01', '--comment', 'the dock of desk 3')
  t.is(added.code, 0, added.err)
  const list = await reveille('duplicate-identifier', 'list')
  t.regex(list.out, /52:54:00:d0:c0:01 +administrator +administrator \(preset token\) +20\S+ +the dock of desk 3\n/)
  t.is((await reveille('duplicate-identifier', 'remove', '52:54:00:d0:c0:01')).code, 0)
  t.notRegex((await reveille('duplicate-identifier', 'list')).out, /d0:c0/)
  t.is((await reveille('ignored-mac', 'add', '52:54:00:00:00:66')).code, 0)
  t.regex((await reveille('ignored-mac', 'list')).out, /52:54:00:00:00:66 +administrator/)
})
