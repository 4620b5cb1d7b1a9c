/** Importing devices: all of them or none, and what becomes of those that the site has. */

import test from 'ava'
import { z } from 'zod'
import { openTestSite, TestAgent, type TestSite } from './test-site.ts'
import { kindOf } from './agent-site.ts'

const guid = (digit: string) => `${digit.repeat(8)}-1111-2222-3333-444444444444`
const mac = (number: number) => `52:54:00:00:00:${number.toString(16).padStart(2, '0')}`
const result = z.object({ isPreview: z.boolean(), rows: z.array(z.object({ outcome: z.string(), name: z.string() })) })

async function importInto(site: TestSite, body: object, query = '') {
  const answer = await site.api('POST', `/devices/import${query}`, body)
  const { success, data } = result.safeParse(answer.json)
  return {
    status: answer.status,
    text: answer.body.toString(),
    outcomes: success ? data.rows.map(({ outcome }) => outcome) : [],
  }
}

const names = async (site: TestSite) => (await site.store.devices.list()).map(({ name }) => name).toSorted()

test('S9-001, S9-004: devices are imported, into collections too, and the next network boot knows them', async (t) => {
  const site = await openTestSite()
  t.teardown(() => site.close())
  const lab = String((await site.api('POST', '/collections', { name: 'Lab' })).json['id'])
  const devices = [
    { name: 'PC-1', macAddresses: [mac(1)] },
    { name: 'PC-2', smbiosGuid: guid('a'), serialNumber: 'S2', variables: [{ name: 'Where', value: 'Bonn' }] },
  ]
  t.is(kindOf(await new TestAgent(mac(1)).sayHello(site)), 'nothing-to-run')
  const preview = await importInto(site, { devices, collections: [lab] }, '?preview=true')
  t.deepEqual([preview.status, preview.outcomes], [200, ['created', 'created']], preview.text)
  t.deepEqual(await names(site), [])
  const done = await importInto(site, { devices, collections: [lab] })
  t.deepEqual([done.status, done.outcomes], [200, ['created', 'created']], done.text)
  t.deepEqual(await names(site), ['PC-1', 'PC-2'])
  t.is((await site.api('GET', `/collections/${lab}`)).json['memberCount'], 2)
  t.like((await site.api('GET', `/boot-preview?mac=${mac(1)}`)).json, { deviceId: '16777217' })
})

test('S9-001: every row that is wrong is named, and nothing of the others is kept', async (t) => {
  const site = await openTestSite()
  t.teardown(() => site.close())
  await site.api('POST', '/devices', { name: 'Old', macAddresses: [mac(9)] })
  const devices = [
    { name: 'PC-1', macAddresses: [mac(1)] },
    { name: 'OLD', macAddresses: [mac(2)] },
    { name: 'PC-3', macAddresses: [mac(9)] },
    { name: 'PC-4', macAddresses: [mac(1)] },
  ]
  const refused = await importInto(site, { devices })
  t.is(refused.status, 422)
  for (const row of [1, 2, 3]) t.true(refused.text.includes(`devices[${row}]`), refused.text)
  t.false(refused.text.includes('devices[0]'))
  t.deepEqual(await names(site), ['Old'])
  for (const device of [
    { name: 'PC' },
    { name: 'PC', macAddresses: ['00:00:00:00:00:00'] },
    { macAddresses: [mac(1)] },
  ]) {
    t.is((await importInto(site, { devices: [device] })).status, 422)
  }
  t.regex((await importInto(site, { devices: devices.slice(0, 1), collections: ['RVL1FFFF'] })).text, /no collection/)
  t.deepEqual(await names(site), ['Old'])
})

test('S9-003, S9-004: what the site has is left, or its record is replaced, as the administrator says', async (t) => {
  const site = await openTestSite()
  t.teardown(() => site.close())
  const variables = [{ name: 'Where', value: 'Berlin' }]
  await site.api('POST', '/devices', { name: 'Old', macAddresses: [mac(9)], smbiosGuid: guid('b'), variables })
  const devices = [{ name: 'New name', macAddresses: [mac(8), mac(9)] }]
  t.deepEqual((await importInto(site, { devices, existing: 'skip' })).outcomes, ['skipped'])
  t.deepEqual(await names(site), ['Old'])
  t.deepEqual((await importInto(site, { devices, existing: 'overwrite' })).outcomes, ['overwritten'])
  const [device] = await site.store.devices.list()
  t.like(device, { name: 'New name', smbiosGuid: guid('B'), variables: [{ name: 'Where', value: 'Berlin' }] })
  t.deepEqual(device?.macAddresses.map(String), [mac(8), mac(9)])
  await site.api('POST', '/devices', { name: 'Other', macAddresses: [mac(7)] })
  const both = await importInto(site, { devices: [{ name: 'Other', macAddresses: [mac(8)] }], existing: 'overwrite' })
  t.regex(both.text, /those of several devices: Other .*New name|those of several devices: New name .*Other/)
})

test('S9-003: merged, a record keeps what it has and gets what it lacks; of another machine it takes nothing', async (t) => {
  const site = await openTestSite()
  t.teardown(() => site.close())
  const variables = [{ name: 'Where', value: 'Berlin' }]
  await site.api('POST', '/devices', { name: 'Old', macAddresses: [mac(9)], variables })
  const row = {
    name: 'New name',
    macAddresses: [mac(8), mac(9)],
    smbiosGuid: guid('b'),
    serialNumber: 'S-1234',
    variables: [
      { name: 'WHERE', value: 'Bonn' },
      { name: 'Role', value: 'desk' },
    ],
  }
  const id = String((await site.api('POST', '/collections', { name: 'Lab' })).json['id'])
  const preview = await site.api('POST', '/devices/import?preview=true', { devices: [row], existing: 'merge' })
  t.like(preview.json, { isPreview: true, rows: [{ outcome: 'merged', name: 'Old' }] })
  const { outcomes } = await importInto(site, { devices: [row], existing: 'merge', collections: [id] })
  t.deepEqual(outcomes, ['merged'])
  const [device] = await site.store.devices.list()
  t.like(device, { name: 'Old', smbiosGuid: guid('B'), serialNumber: 'S-1234', macAddresses: [mac(9), mac(8)] })
  t.deepEqual(
    device?.variables.map(({ name, value }) => [name, value]),
    [
      ['Where', 'Berlin'],
      ['Role', 'desk'],
    ],
  )
  t.deepEqual((await site.api('GET', `/collections/${id}`)).json['directMembers'], [device?.id])
  const other = { name: 'Old', macAddresses: [mac(7)], smbiosGuid: guid('c') }
  const refused = await importInto(site, { devices: [other], existing: 'merge' })
  t.regex(refused.text, /devices\[0\].*another than that of Old \(\d+\), so they are two machines/)
})

test('a thousand devices are one change, each with its entry in the audit', async (t) => {
  const site = await openTestSite()
  t.teardown(() => site.close())
  const devices = Array.from({ length: 1_000 }, (_, index) => ({
    name: `PC-${index}`,
    macAddresses: [
      `52:54:00:01:${(index >> 8).toString(16).padStart(2, '0')}:${(index & 255).toString(16).padStart(2, '0')}`,
    ],
  }))
  t.is((await importInto(site, { devices })).outcomes.length, 1_000)
  t.is((await site.api('GET', '/collections/RVL10001')).json['memberCount'], 1_000)
  t.is((await site.store.auditEntries({ kind: 'device', limit: 2_000 })).length, 1_000)
})

test('A12: a secret that was read as *** is typed again, and never imported as stars', async (t) => {
  const site = await openTestSite()
  t.teardown(() => site.close())
  const variables = [{ name: 'Password', value: 'canary-7713', secret: true }]
  await site.api('POST', '/devices', { name: 'Old', macAddresses: [mac(9)], variables })
  const masked = [
    { name: 'Old', macAddresses: [mac(9)], variables: [{ name: 'Password', value: '***', secret: true }] },
  ]
  const refused = await importInto(site, { devices: masked, existing: 'overwrite' })
  t.is(refused.status, 422)
  t.regex(refused.text, /devices\[0\]\.variables\[0\]\.value[^]*type this secret again/)
  t.is((await site.store.devices.list())[0]?.variables[0]?.value, 'canary-7713')
})
