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

test('settings of the site are shown and set', async (t) => {
  const lab = (await reveille('collection', 'create', '--name', 'New ones')).out.trim()
  const set = await reveille('settings', 'set', '--provision-unknown', 'false', '--provision-into', lab)
  t.is(set.code, 0, set.err)
  t.regex((await reveille('settings', 'show')).out, /provisionUnknown +false\n/)
  t.deepEqual(await site.store.siteSettings(), { provisionUnknown: false, provisionIntoCollections: [lab] })
  t.is((await reveille('settings', 'set', '--provision-into', '')).code, 0)
  t.deepEqual((await site.store.siteSettings()).provisionIntoCollections, [])
})

test('records are merged and split, after a preview that changes nothing', async (t) => {
  const macs = ['52:54:00:00:00:01', '52:54:00:00:00:02'] as const
  const kept = (await reveille('device', 'create', '--name', 'PC-1', '--mac', macs[0], '--serial', 'S-1234')).out.trim()
  const from = (await reveille('device', 'create', '--name', 'PC-2', '--mac', macs[1], '--serial', 'S-5678')).out.trim()
  const refused = await reveille('device', 'merge', kept, '--from', from)
  t.is(refused.code, 1)
  t.regex(refused.err, /different serial numbers, so they are two machines/)
  const merge = ['device', 'merge', kept, '--from', from, '--serial-of', from]
  t.regex((await reveille(...merge, '--preview')).out, /PC-1 +52:54:00:00:00:01 52:54:00:00:00:02 +S-5678\n/)
  t.is((await site.store.devices.list()).length, 2)
  t.is((await reveille(...merge)).code, 0)
  t.is((await site.store.devices.list()).length, 1)
  const split = await reveille('device', 'split', kept, '--mac-address', macs[1], '--name', 'PC-3')
  t.regex(split.out, /PC-1 +52:54:00:00:00:01 +S-5678\n\d+ +PC-3 +52:54:00:00:00:02\n/, split.err)
})

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
