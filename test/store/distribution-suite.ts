/** What every store must do with distribution points, with what goes to them, and with what they report. */

import test from 'ava'
import { parseIpv4Subnet } from '../../server/address/ipv4-address.ts'
import { assert } from '../../server/assert.ts'
import type { DistributionPoint } from '../../server/site/distribution-point.ts'
import type { Draft } from '../../server/store/ports.ts'
import type { OpenSite } from './open-test-store.ts'
import { collection, file, hash, packageId, saved, softwarePackage } from './site-builders.ts'

const network = parseIpv4Subnet('10.1.0.0/16')
assert(network !== undefined, 'a network of a fixture')

const point = (fields: Partial<Draft<DistributionPoint>> = {}): Draft<DistributionPoint> => ({
  name: 'Hall',
  description: '',
  baseUrl: 'http://hall:8080',
  networks: [network],
  isDefault: false,
  prestagedContentOnly: false,
  ...fields,
})

export function distributionSuite(open: OpenSite): void {
  test('points, groups and tokens come back as they were given, after a restart too', async (t) => {
    const { store, reopen } = await open(t)
    const hall = saved(await store.distributionPoints.create(point()))
    const other = saved(
      await store.distributionPoints.create(point({ name: 'Other', isDefault: true, prestagedContentOnly: true })),
    )
    const draft = { name: 'All', description: 'both', members: [hall.id, other.id] }
    const group = saved(await store.distributionPointGroups.create(draft))
    const lab = saved(await store.collections.create(collection({ defaultDistributionPointGroups: [group.id] })))
    saved(await store.makePointToken(hall.id, hash('1')))
    const again = await reopen()
    t.deepEqual(await again.distributionPoints.list(), [hall, other])
    t.deepEqual(await again.distributionPointGroups.get(group.id), group)
    t.deepEqual((await again.collections.get(lab.id))?.defaultDistributionPointGroups, [group.id])
    t.deepEqual(await again.pointOfToken(hash('1')), hall)
    saved(await again.makePointToken(hall.id, hash('2')))
    t.is(await again.pointOfToken(hash('1')), undefined, 'a point has one token')
    t.deepEqual(await again.makePointToken(other.id, hash('2')).catch(() => 'refused'), 'refused')
    t.like(await again.distributionPoints.remove(hall.id, undefined), { kind: 'refused' })
    t.like(await again.distributionPointGroups.remove(group.id, undefined), { kind: 'refused' })
  })

  test('S8-004, S8-007: what is assigned is the newest version, at once, and follows the members of groups', async (t) => {
    const { store } = await open(t)
    const hall = saved(await store.distributionPoints.create(point()))
    const late = saved(await store.distributionPoints.create(point({ name: 'Late' })))
    const draft = { name: 'All', description: '', members: [hall.id] }
    const group = saved(await store.distributionPointGroups.create(draft))
    const { id } = saved(await store.packages.create(softwarePackage()))
    const versions = async (of: DistributionPoint) => (await store.assignedContent(of.id)).map(({ version }) => version)
    saved(await store.assignContent([id], { points: [], groups: [group.id] }))
    t.deepEqual(await versions(hall), [], 'it has no files yet')
    saved(await store.addContent(id, [file('a')]))
    t.deepEqual(await versions(hall), [1])
    saved(await store.addContent(id, [file('a'), file('b')]))
    t.deepEqual(await versions(hall), [2])
    saved(await store.distributionPointGroups.replace(group.id, { ...draft, members: [late.id] }, undefined))
    t.deepEqual([await versions(hall), await versions(late)], [[2], [2]])
    await store.requestValidation(id, [hall.id])
    await store.requestValidation(id, [hall.id])
    t.is((await store.assignedContent(hall.id))[0]?.validation, 2)
    t.is((await store.newestContent([id])).get(id)?.validations.get(hall.id), 2)
    t.like(await store.removeAssignedContent(id, { points: [late.id], groups: [] }), { kind: 'refused' })
    saved(await store.removeAssignedContent(id, { points: [hall.id], groups: [group.id] }))
    t.deepEqual([await versions(hall), await versions(late)], [[], []])
    const unknown = packageId('RVL0FFFF')
    t.like(await store.assignContent([id, unknown], { points: [late.id], groups: [] }), { kind: 'refused' })
    t.deepEqual(await store.contentTargets([id, unknown]), new Map(), 'all of it or nothing')
  })

  test('S8-012: a report takes the place of the one before, and is gone with its point or its content', async (t) => {
    const { store, clock } = await open(t)
    const hall = saved(await store.distributionPoints.create(point()))
    const { id } = saved(await store.packages.create(softwarePackage()))
    const other = packageId('RVL00009')
    const said = { id, version: 1, state: 'failed', reason: 'no room', validation: 0 } as const
    await store.keepPointReport(hall.id, [said, { id: other, version: 3, state: 'in-progress', validation: 0 }])
    t.is((await store.reportedContent()).length, 2)
    clock.nowMs += 1_000
    const better = { id, version: 1, state: 'installed', validation: 1, verifiedAtMs: 7 } as const
    await store.keepPointReport(hall.id, [better])
    t.deepEqual(await store.reportedContent(), [{ ...better, pointId: hall.id, heardAtMs: clock.nowMs }])
    t.deepEqual(await store.reportedContent([other]), [])
    saved(await store.assignContent([id], { points: [hall.id], groups: [] }))
    saved(await store.packages.remove(id, undefined))
    t.deepEqual(await store.contentTargets([id]), new Map())
    saved(await store.distributionPoints.remove(hall.id, undefined))
    t.deepEqual(await store.reportedContent(), [])
    await store.keepPointReport(hall.id, [better])
    t.deepEqual(await store.reportedContent(), [], 'a point that is gone says nothing')
  })
}
