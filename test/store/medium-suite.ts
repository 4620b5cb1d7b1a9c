/** What every store must do with media: keep them as they were made, and remember in bounds who started from them. */

import test from 'ava'
import { parseMediumId } from '../../server/contract/medium.ts'
import { assert } from '../../server/assert.ts'
import { mediumUsesMax } from '../../server/site/medium.ts'
import type { Medium } from '../../server/store/media-port.ts'
import { type OpenSite, startMs } from './open-test-store.ts'
import { deploymentId, file, hash, packageId, saved, session } from './site-builders.ts'

export function medium(digit: string, fields: Partial<Medium> = {}): Medium {
  const id = parseMediumId(digit.repeat(32))
  assert(id !== undefined, 'an id of a fixture')
  return {
    id,
    kind: 'bootable',
    label: 'Reveille',
    description: '',
    createdAtMs: startMs,
    bootImage: { id: packageId('RVL00001'), version: 1, architecture: 'x64', files: [file('a')] },
    kernelArguments: [`reveille.media=${id}`],
    contents: [{ id: packageId('RVL00002'), name: 'P', version: 2, kind: 'package', files: [file('b', 'b')] }],
    unattended: true,
    passwordRequired: true,
    serverSelection: 'site-based',
    servers: ['http://192.0.2.1:8080'],
    variables: [{ name: 'Key', value: '', secret: true }],
    deploymentId: deploymentId('RVL20001'),
    deployments: [deploymentId('RVL20001')],
    unknownComputers: true,
    userDeviceAffinity: 'pending',
    sizeLimit: '4-gb',
    mediumKey: 'key',
    siteKey: 'site',
    prestart: { commandLine: 'sh choose.sh' },
    boundTo: hash('c'),
    ...fields,
  }
}

export function mediumSuite(open: OpenSite): void {
  test('media come back as they were made, with the octets of their variables, after a restart too', async (t) => {
    const { store, reopen } = await open(t)
    const first = medium('1', { startsAtMs: 1, expiresAtMs: 2, createdBy: 'admin' })
    const second = medium('2', { createdAtMs: startMs + 1 })
    const octets = Uint8Array.from({ length: 256 }, (_, index) => index)
    await store.addMedium(first, octets)
    await store.addMedium(second, new Uint8Array())
    const again = await reopen()
    t.deepEqual(await again.media({ offset: 0, limit: 10 }), { items: [second, first], total: 2 })
    t.deepEqual(await again.media({ offset: 1, limit: 10 }), { items: [first], total: 2 })
    t.deepEqual(await again.media({ offset: 0, limit: 1 }), { items: [second], total: 2 })
    t.deepEqual(await again.medium(first.id), first)
    t.deepEqual(new Uint8Array((await again.mediumVariables(first.id)) ?? []), octets)
    t.is(await again.medium(medium('3').id), undefined)
    t.is(await again.mediumVariables(medium('3').id), undefined)
  })

  test('B12: a medium is published and withdrawn, and revoked once and for good', async (t) => {
    const { store, clock } = await open(t)
    const made = medium('1')
    await store.addMedium(made, new Uint8Array())
    t.deepEqual(await store.changeMedium(medium('2').id, { kind: 'revoke' }), { kind: 'not-found' })
    const published = saved(await store.changeMedium(made.id, { kind: 'publish', untilMs: 7 }))
    t.deepEqual(published, { ...made, publishedUntilMs: 7 })
    t.deepEqual(saved(await store.changeMedium(made.id, { kind: 'unpublish' })), made)
    saved(await store.changeMedium(made.id, { kind: 'publish', untilMs: 8 }))
    const revoked = saved(await store.changeMedium(made.id, { kind: 'revoke' }))
    t.deepEqual(revoked, { ...made, revoked: { atMs: startMs } })
    clock.nowMs += 1
    t.deepEqual(saved(await store.changeMedium(made.id, { kind: 'revoke' })), revoked)
    t.like(await store.changeMedium(made.id, { kind: 'publish', untilMs: 9 }), { kind: 'refused' })
    const described = saved(await store.changeMedium(made.id, { kind: 'describe', description: 'Lost' }))
    t.deepEqual(described, { ...revoked, description: 'Lost' })
    t.deepEqual(await store.medium(made.id), described)
  })

  test('a medium is removed when it was revoked or has expired, and who started from it with it', async (t) => {
    const { store, clock } = await open(t)
    const made = medium('1', { expiresAtMs: startMs + 10 })
    const { id } = made
    await store.addMedium(made, new Uint8Array())
    const seen = { mediumId: id, lane: 'a', machineName: 'PC', ipAddress: '192.0.2.9', identityKey: 'k', atMs: 1 }
    await store.noteMediumUse(seen)
    t.like(await store.removeMedium(id), { kind: 'refused' })
    clock.nowMs += 10
    t.deepEqual(saved(await store.removeMedium(id)), made)
    t.deepEqual(await store.mediumUses(id), [])
    t.deepEqual(await store.removeMedium(id), { kind: 'not-found' })
  })

  test('one start is counted once, however often its agent is heard, and no medium remembers too many machines', async (t) => {
    const { store } = await open(t)
    const { id: mediumId } = medium('1')
    const seen = { mediumId, machineName: 'PC', ipAddress: '192.0.2.9' }
    for (let index = 0; index < mediumUsesMax + 5; index += 1) {
      await store.noteMediumUse({ ...seen, lane: `lane ${index}`, identityKey: 'k', atMs: index })
    }
    const uses = await store.mediumUses(mediumId)
    t.is(uses.length, mediumUsesMax)
    t.is(uses[0]?.lane, `lane ${mediumUsesMax + 4}`)
    const lane = 'lane 500'
    await store.noteMediumUse({ ...seen, lane, identityKey: 'k', atMs: 5_000 })
    await store.noteMediumUse({ ...seen, lane, identityKey: 'other', atMs: 6_000, machineName: 'PC2' })
    const [latest] = await store.mediumUses(mediumId)
    t.deepEqual(latest, { ...seen, machineName: 'PC2', lane, firstAtMs: 500, lastAtMs: 6_000, starts: 2 })
  })

  test('content that a medium is made of is kept until it is revoked or removed', async (t) => {
    const { store, clock } = await open(t)
    const [revoked, expired] = [medium('1'), medium('2', { expiresAtMs: startMs + 1 })]
    await store.addMedium(revoked, new Uint8Array())
    await store.addMedium(expired, new Uint8Array())
    const kept = async () => (await store.keptContent()).size
    saved(await store.changeMedium(revoked.id, { kind: 'revoke' }))
    clock.nowMs += 10
    t.is(await kept(), 2, 'the one that expired has them still')
    saved(await store.removeMedium(expired.id))
    t.is(await kept(), 0)
  })

  test('a session keeps the medium it was started from and what is preferred, of the hello that was heard last', async (t) => {
    const { store } = await open(t)
    const { id: mediumId } = medium('1')
    const asked = session({ startedFrom: 'media', mediumId, preferred: { medium: 'RVL20001', prestart: '' } })
    t.deepEqual(await store.addSession(asked, 1), asked)
    const { mediumId: _, preferred: __, ...without } = asked
    const next = { ...without, startedFrom: 'boot-image' as const }
    t.deepEqual(await store.addSession(next, 2), next)
  })
}
