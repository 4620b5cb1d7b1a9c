/** Duplicate hardware identifiers and ignored addresses as objects of the site: edited while it runs, and heeded at every door. */

import test from 'ava'
import { defaultSiteCode } from '../../server/address/identifiers.ts'
import { bootImageFiles } from '../../server/site/boot-image.ts'
import { openStore } from '../../server/store/sqlite-store.ts'
import { openSqliteSite, startMs, temporaryDirectory } from '../store/open-test-store.ts'
import { client, device, guid, mac as address, saved } from '../store/site-builders.ts'
import { kindOf, mac, prepare } from './agent-site.ts'
import { askDoors } from './ask-doors.ts'
import { addContent, openTestSite, TestAgent, type TestSite } from './test-site.ts'

const smbiosGuid = '4C4C4544-0043-4810-8054-B4C04F4A3332'

async function itemsOf(site: TestSite, path: string): Promise<unknown> {
  return (await site.api('GET', path)).json['items']
}

test('S6-010, S6-011: entries have a comment, who put them there and when, and each edit is in the audit', async (t) => {
  const site = await openTestSite()
  t.teardown(() => site.close())
  const by = 'administrator (preset token)'
  const listedAtMs = site.clock.nowMs
  const path = '/duplicate-hardware-identifiers'
  const listed = await site.api('PUT', `${path}/52-54-00-D0-C0-01`, { comment: 'USB adapter' })
  const entry = { identifier: '52:54:00:d0:c0:01', comment: 'USB adapter', from: 'administrator', by, listedAtMs }
  t.deepEqual(listed.json, entry)
  t.deepEqual((await site.api('GET', `${path}/5254.00d0.c001`)).json, entry)
  await site.api('PUT', `${path}/${smbiosGuid}`, {})
  // The same GUID in the other order of octets is the same entry.
  await site.api('PUT', `${path}/44454C4C-4300-1048-8054-B4C04F4A3332`, { comment: 'a bad batch' })
  t.deepEqual(
    await itemsOf(site, path),
    [{ ...entry, identifier: smbiosGuid, comment: 'a bad batch' }, entry].toSorted((a, b) =>
      a.identifier < b.identifier ? -1 : 1,
    ),
  )
  await site.api('PUT', '/ignored-mac-addresses/52:54:00:00:00:66', { comment: 'a printer' })
  t.is((await site.api('PUT', `/ignored-mac-addresses/${smbiosGuid}`, {})).status, 404)
  t.is((await site.api('PUT', `${path}/nonsense`, {})).status, 404)
  t.is((await site.api('DELETE', `${path}/52:54:00:d0:c0:01`)).status, 204)
  t.is((await site.api('DELETE', `${path}/52:54:00:d0:c0:01`)).status, 404)
  const { items } = (await site.api('GET', '/audit?kind=duplicate-hardware-identifier')).json
  t.like(items, [
    { action: 'remove', id: '52:54:00:d0:c0:01', by },
    { action: 'change', id: smbiosGuid, changes: [{ field: 'comment', before: '', after: 'a bad batch' }] },
    { action: 'create', id: smbiosGuid },
    { action: 'create', id: '52:54:00:d0:c0:01' },
  ])
  t.like((await site.api('GET', '/audit?kind=ignored-mac-address')).json['items'], [{ action: 'create' }])
})

/** The device has a required deployment, and its boot image is complete. */
async function prepareToBoot(): Promise<TestSite> {
  const { site } = await prepare({}, { purpose: 'required' })
  const files = Object.values(bootImageFiles).map((name) => [name, Buffer.from(name)] as const)
  const [image] = await site.store.bootImages.list()
  await addContent(site, `/boot-images/${image?.id ?? ''}`, Object.fromEntries(files))
  return site
}

/** What each door says to a machine with a required deployment. */
async function servedAt(site: TestSite) {
  const { dhcp, script, preview } = await askDoors(site, mac)
  const { decision, deviceId } = preview.json
  return { offers: dhcp.length, starts: /kernel/.test(script), decision, deviceId }
}

test('S6-010, A6-04: an address that is put on the ignore list is served at no door from then on, and again once it is off', async (t) => {
  const site = await prepareToBoot()
  t.teardown(() => site.close())
  const { hello } = new TestAgent(mac)
  const otherCard = new TestAgent(mac, { hardware: { ...hello.hardware, macAddresses: ['52:54:00:00:00:99', mac] } })
  t.like(await servedAt(site), { decision: 'boot', starts: true, offers: 1 })
  t.is(kindOf(await otherCard.sayHello(site)), 'armed')
  await site.api('PUT', `/ignored-mac-addresses/${mac}`, {})
  t.deepEqual(await servedAt(site), { decision: 'ignore', starts: false, offers: 0, deviceId: undefined })
  t.is(kindOf(await otherCard.sayHello(site)), 'nothing-to-run')
  await site.api('DELETE', `/ignored-mac-addresses/${mac}`)
  t.like(await servedAt(site), { decision: 'boot', starts: true, offers: 1 })
  t.is(kindOf(await otherCard.sayHello(site)), 'armed')
})

test('S6-011, S12-007: an address that is put among the duplicates finds no device at any door from then on', async (t) => {
  const site = await prepareToBoot()
  t.teardown(() => site.close())
  await site.api('PUT', `/duplicate-hardware-identifiers/${mac}`, {})
  t.deepEqual(await servedAt(site), {
    decision: 'continue-to-local-disk',
    starts: false,
    offers: 0,
    deviceId: undefined,
  })
  await site.api('DELETE', `/duplicate-hardware-identifiers/${mac}`)
  t.like(await servedAt(site), { decision: 'boot', starts: true })
})

test('S6-011, S12-007: the agents of two devices tell one dock, and the site lists it by itself and says so', async (t) => {
  const { site } = await prepare()
  t.teardown(() => site.close())
  const dock = '52:54:00:d0:c0:01'
  const say = async (name: string, digit: string) => {
    const [own, guidOfIt] = [`52:54:00:00:00:a${digit}`, smbiosGuid.replace(/.$/, digit)]
    await site.api('POST', '/devices', { name, macAddresses: [own], smbiosGuid: guidOfIt })
    const hardware = { ...new TestAgent(own).hello.hardware, macAddresses: [own, dock], smbiosGuid: guidOfIt }
    return kindOf(await new TestAgent(own, { hardware, startedFrom: 'installed-system' }).sayHello(site))
  }
  await say('Desk 1', '1')
  t.deepEqual(await itemsOf(site, '/duplicate-hardware-identifiers'), [])
  await say('Desk 2', '2')
  t.like(await itemsOf(site, '/duplicate-hardware-identifiers'), [{ identifier: dock, from: 'site' }])
  t.true(site.logged.some(({ level, text }) => level === 'warn' && /seen on Desk 1 \(\d+\) and Desk 2/.test(text)))
  const audit = await site.store.auditEntries({ kind: 'duplicate-hardware-identifier', limit: 5 })
  t.deepEqual(
    audit.map(({ by, id }) => [by, id]),
    [[undefined, dock]],
  )
})

test('S6-010, S6-011: presets of the settings are shown and hold beside the site’s own, and only the settings take them away', async (t) => {
  const presets = {
    duplicateIdentifiers: new Set(['52:54:00:00:00:01']),
    ignoredMacAddresses: new Set(['52:54:00:00:00:02']),
  }
  const databaseFile = `${await temporaryDirectory(t)}/site.db`
  const store = await openStore({
    databaseFile,
    siteCode: defaultSiteCode,
    nowMs: () => startMs,
    identifierPresets: presets,
  })
  t.teardown(() => store.close())
  saved(await store.devices.create(device()))
  t.deepEqual((await store.about(client())).devices, [])
  const preset = { list: 'duplicate', identifier: '52:54:00:00:00:01' } as const
  t.deepEqual(await store.listedIdentifiers('duplicate'), [{ ...preset, comment: '', from: 'setting' }])
  t.like(await store.unlistIdentifier(preset), { kind: 'refused' })
  saved(await store.listIdentifier({ ...preset, comment: 'ours, too' }))
  t.like(await store.listedIdentifiers('duplicate'), [{ comment: 'ours, too', from: 'administrator' }])
  saved(await store.unlistIdentifier(preset))
  t.deepEqual((await store.about(client())).devices, [])
  t.deepEqual([...(await store.about(client())).identifierLists.ignoredMacAddresses], ['52:54:00:00:00:02'])
})

test('S6-061: the preview and the script know the serial number that iPXE tells: a dock of another device does not matter then', async (t) => {
  const site = await prepareToBoot()
  t.teardown(() => site.close())
  const made = await site.api('POST', '/devices', { name: 'Tablet', smbiosGuid, serialNumber: '5CG1234ABC' })
  const overDock = `mac=${mac}&uuid=${smbiosGuid}`
  const firmware = await site.api('GET', `/boot-preview?${overDock}`)
  t.regex(String(firmware.json['reason']), /belong to several devices, PC1 \(\d+\) and Tablet/)
  const iPxe = await site.api('GET', `/boot-preview?${overDock}&serial=5cg1234abc&stage=ours`)
  t.like(iPxe.json, { deviceId: made.json['id'], reason: 'nothing is deployed to device Tablet' })
  await site.ask('GET', `/boot/script.ipxe?${overDock}&platform=efi&buildarch=x86_64&serial=5CG1234ABC`)
  const decided = site.logged.find(({ text }) => text === 'boot script')
  t.like(decided?.fields, { reason: 'nothing is deployed to device Tablet' })
})

test('S6-011: what is listed is listed after a restart of the server', async (t) => {
  const site = await openSqliteSite(t)
  saved(await site.store.devices.create(device({ smbiosGuid: guid(smbiosGuid) })))
  saved(await site.store.listIdentifier({ list: 'duplicate', identifier: smbiosGuid, comment: '' }))
  const again = await site.reopen()
  const stranger = client({ macAddress: address('52:54:00:00:00:77'), smbiosGuid: guid(smbiosGuid) })
  t.deepEqual((await again.about(stranger)).devices, [])
})
