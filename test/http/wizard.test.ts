/** The wizard over the API: what it makes, and what it refuses. */

import test from 'ava'
import { operatingSystemImage, saved } from '../store/site-builders.ts'
import { openTestSite } from './test-site.ts'

test('S4-020: a task sequence is made from the answers of the wizard, for the system in the image', async (t) => {
  const site = await openTestSite()
  t.teardown(() => site.close())
  const boot = await site.api('POST', '/boot-images', { name: 'Boot', architecture: 'x64', kind: 'linux' })
  const image = saved(await site.store.operatingSystemImages.create(operatingSystemImage({ format: 'wim' })))
  const answers = {
    type: 'install-existing-image',
    name: 'Install it',
    bootImageId: boot.json['id'],
    imageId: image.id,
    localAdminPassword: 'canary-4712',
    userState: { keep: 'none' },
  }
  const made = await site.api('POST', '/task-sequences/wizard', answers)
  t.is(made.status, 201, made.body.toString())
  t.is(made.headers.location, `/api/v1/task-sequences/${String(made.json['id'])}`)
  t.is(made.json['bootImageId'], boot.json['id'])
  t.deepEqual(made.json['faults'], [])
  t.regex(made.body.toString(), /"Partition Disk 0 - UEFI".*"use":"msr"/)
  t.false(made.body.toString().includes('canary'))
  t.true(JSON.stringify(await site.store.taskSequences.list()).includes('canary-4712'))
})

test('S4-002: what the wizard cannot make is refused with its place', async (t) => {
  const site = await openTestSite()
  t.teardown(() => site.close())
  const missing = await site.api('POST', '/task-sequences/wizard', {
    type: 'build-and-capture',
    name: 'B',
    bootImageId: 'RVL0FFFE',
    imageId: 'RVL0FFFF',
  })
  t.is(missing.status, 422)
  t.like(missing.json, { faults: [{ path: 'imageId' }] })
  const unknown = await site.api('POST', '/task-sequences/wizard', { type: 'other', name: 'B' })
  t.is(unknown.status, 422)
  const long = await site.api('POST', '/task-sequences/wizard', { type: 'custom', name: 'x'.repeat(51) })
  t.is(long.status, 422)
  const custom = await site.api('POST', '/task-sequences/wizard', { type: 'custom', name: 'Mine' })
  t.like(custom.json, { name: 'Mine', sequence: { children: [] } })
})

test('S4-013: an upgrade is to a package of Windows or to a release of Debian, and a step that can do it is made', async (t) => {
  const site = await openTestSite()
  t.teardown(() => site.close())
  const asks = async (answers: object) =>
    site.api('POST', '/task-sequences/wizard', { type: 'upgrade', name: 'U', ...answers })
  const made = await asks({ release: 'trixie' })
  t.is(made.status, 201, made.body.toString())
  t.deepEqual(made.json['faults'], [])
  t.regex(made.body.toString(), /"type":"upgrade-operating-system"[^}]*"release":"trixie"/)
  t.like((await asks({})).json, { status: 422, faults: [{ path: 'upgradePackageId' }] })
  const both = await asks({ release: 'trixie', upgradePackageId: 'RVL0FFFE' })
  t.like(both.json, { status: 422, faults: [{ path: 'release' }] })
  t.is((await asks({ release: 'Debian 13' })).status, 422)
})
