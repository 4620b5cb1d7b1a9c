/** Devices from files, on the command line against a real server. */

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { makeFolder } from '../bootstrap/loop-disk.ts'
import { openTestSite } from '../http/test-site.ts'
import { runReveille } from './reveille.ts'

test('S9-002: a table in the basic order, one with headings, and a document', async (t) => {
  const site = await openTestSite()
  t.teardown(() => site.close())
  const folder = makeFolder(t)
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text)
    return join(folder, name)
  }
  const basic = file(
    'basic.csv',
    'NEWCOMP1,4C4C4544-0043-4810-8054-B4C04F4A3332,06:06:07:08:09:0A\r\n"Room 1, PC 2",,52:54:00:00:00:02\r\n',
  )
  const seen = await runReveille(site, 'device', 'import', basic, '--preview')
  t.regex(seen.out, /created +\d+ +NEWCOMP1\n[^]*Room 1, PC 2/, seen.err)
  t.is((await site.store.devices.list()).length, 0)
  t.is((await runReveille(site, 'device', 'import', basic)).code, 0)
  const again = await runReveille(site, 'device', 'import', basic)
  t.is(again.code, 1)
  t.regex(again.err, /devices\[0\].*the site has it: NEWCOMP1/)

  const headed = file('headed.csv', '\ufeffName,MAC,Serial,Where\nPC-3,52:54:00:00:00:03;52:54:00:00:00:04,S3,Bonn\n')
  const made = await runReveille(site, 'device', 'import', headed, '--headings')
  t.is(made.code, 0, made.err)
  const document = file('list.yaml', '- { name: PC-5, macAddresses: [52:54:00:00:00:05] }\n')
  t.is((await runReveille(site, 'device', 'import', document)).code, 0)
  const devices = await site.store.devices.list()
  t.deepEqual(devices.map(({ name }) => name).toSorted(), ['NEWCOMP1', 'PC-3', 'PC-5', 'Room 1, PC 2'])
  t.like(
    devices.find(({ name }) => name === 'PC-3'),
    { serialNumber: 'S3', variables: [{ name: 'Where', value: 'Bonn' }] },
  )
  const wide = await runReveille(site, 'device', 'import', file('wide.csv', 'PC-6,,52:54:00:00:00:06,extra\n'))
  t.regex(wide.err, /row 1 has more than name, SMBIOS GUID and MAC address: give --headings/)
  const ragged = await runReveille(site, 'device', 'import', file('ragged.csv', 'A,,52:54:00:00:00:07\nB\n'))
  t.is(ragged.code, 1)
  t.regex(ragged.err, /ragged\.csv: .*line 2/)
})
