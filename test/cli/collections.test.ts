/** Rules of collections, their members and variables in effect from the command line, against a real server. */

import test from 'ava'
import { openTestSite, type TestSite } from '../http/test-site.ts'
import { runReveille } from './reveille.ts'

let site: TestSite
test.before(async () => {
  site = await openTestSite()
})
test.after.always(() => site.close())

const reveille = (...args: readonly string[]) => runReveille(site, ...args)

test('S9-007, S9-008: a collection is created and edited by its rules, and its members are listed with reasons', async (t) => {
  const pc1 = (await reveille('device', 'create', '--name', 'PC-1', '--variable', 'Role=desk')).out.trim()
  await reveille('device', 'create', '--name', 'PC-2')
  const lab = (
    await reveille('collection', 'create', '--name', 'Lab', '--member', pc1, '--variable', 'Role=lab')
  ).out.trim()
  const made = await reveille(
    'collection',
    'create',
    '--name',
    'Rules',
    '--include',
    lab,
    '--query',
    'name like "PC-%"',
    '--limit-to',
    'RVL10001',
  )
  t.is(made.code, 0, made.err)
  const id = made.out.trim()
  const members = await reveille('collection', 'members', id)
  t.regex(members.out, /PC-1 +include RVL10003; query name like "PC-%"\n.*PC-2 +query name like "PC-%"\n/)
  t.is((await reveille('collection', 'edit', id, '--query', '', '--limit-to', lab)).code, 0)
  t.notRegex((await reveille('collection', 'members', id)).out, /PC-2/)
  t.regex((await reveille('collection', 'list')).out, new RegExp(`${id} +Rules +user +1\n`))
  t.is((await reveille('collection', 'edit', id, '--exclude', lab)).code, 0)
  t.regex((await reveille('collection', 'list')).out, new RegExp(`${id} +Rules +user +0\n`))
  const faulty = await reveille('collection', 'edit', id, '--query', 'colour = "red"')
  t.is(faulty.code, 1)
  t.regex(faulty.err, /queries\[0\].*at character 1: there is no property colour/)
  t.regex((await reveille('device', 'collections', pc1)).out, /Lab +direct\n/)
  t.regex((await reveille('device', 'variables', pc1)).out, /Role +desk +device +lab of Lab \(RVL10003\)\n/)
})
