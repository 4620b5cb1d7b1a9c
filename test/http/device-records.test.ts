/** Merging and splitting over the API: what is answered, and what is not told. */

import test from 'ava'
import { openTestSite } from './test-site.ts'

const [first, second] = ['52:54:00:00:00:01', '52:54:00:00:00:02'] as const

test('A01: a merge shows no secret, asks whose GUID is right, and a preview keeps nothing', async (t) => {
  const site = await openTestSite()
  t.teardown(() => site.close())
  const create = async (device: object) => String((await site.api('POST', '/devices', device)).json['id'])
  const guid = (digit: string) => `4C4C4544-0043-4810-8054-B4C04F4A333${digit}`
  const kept = await create({ name: 'PC-1', macAddresses: [first], smbiosGuid: guid('1') })
  const variables = [{ name: 'Password', value: 'canary-7741', secret: true }]
  const from = await create({ name: 'PC-2', macAddresses: [second], smbiosGuid: guid('2'), variables })
  const path = `/devices/${kept}/merge`
  const refused = await site.api('POST', path, { from })
  t.is(refused.status, 409)
  t.regex(
    String(refused.json['detail']),
    /PC-1 \(\d+\) and PC-2 \(\d+\) have different SMBIOS GUIDs.*force\.smbiosGuid/,
  )
  t.is((await site.api('POST', path, { from: '999' })).status, 404)
  const force = { smbiosGuid: 'other' }
  const preview = await site.api('POST', `${path}?preview=true`, { from, force })
  t.like(preview.json, { isPreview: true, device: { id: kept, smbiosGuid: guid('2'), macAddresses: [first, second] } })
  t.is((await site.store.devices.list()).length, 2)
  const merged = await site.api('POST', path, { from, force })
  t.like(merged.json, { isPreview: false, other: { id: from, name: 'PC-2' }, collections: [], runs: 0 })
  for (const { body } of [preview, merged]) t.false(body.toString().includes('canary-7741'))
  const [device] = await site.store.devices.list()
  t.like(device, { variables: [{ name: 'Password', value: 'canary-7741', secret: true }] })

  const all = { name: 'PC-3', macAddresses: [first, second], smbiosGuid: guid('2') }
  const nothingLeft = await site.api('POST', `/devices/${kept}/split`, all)
  t.regex(String(nothingLeft.json['detail']), /nothing would be left by which PC-1 \(\d+\) is found/)
  const split = await site.api('POST', `/devices/${kept}/split`, { name: 'PC-3', macAddresses: [second] })
  t.like(split.json, { device: { macAddresses: [first] }, other: { name: 'PC-3', macAddresses: [second] } })
  t.false(split.body.toString().includes('canary-7741'))
})
