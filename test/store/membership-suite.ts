/** What every store must know about who is in which collection: at once after each edit, and the same as by definition. */

import test from 'ava'
import type { ExecutionContext } from 'ava'
import * as fc from 'fast-check'
import type { CollectionId, DeviceId } from '../../server/address/identifiers.ts'
import type { Store } from '../../server/store/ports.ts'
import { unknownComputers } from '../../server/site/unknown-computer.ts'
import { isUnknownComputer } from '../../server/targeting/query-subject.ts'
import { isMemberByDefinition } from '../support/membership-by-definition.ts'
import type { OpenSite } from './open-test-store.ts'
import { collection, deployment, device, deviceId, inventory, saved, smallSite } from './site-builders.ts'

const whole = { offset: 0, limit: 100_000 }

async function namesIn(store: Store, id: CollectionId): Promise<readonly string[] | undefined> {
  return (await store.members(id, whole))?.items.map(({ machine }) => machine.name)
}

export function membershipSuite(open: OpenSite): void {
  test('S9-008: members and their count follow each edit at once', async (t) => {
    const { store } = await open(t)
    const { pc, lab } = await smallSite(store)
    const all = saved(await store.collections.create(collection({ name: 'All', queries: ['name like "PC%"'] })))
    t.deepEqual(await namesIn(store, all.id), ['PC-1'])
    const other = saved(await store.devices.create(device({ name: 'pc-0', macAddresses: [] })))
    t.deepEqual(await namesIn(store, all.id), ['pc-0', 'PC-1'])
    t.is(await store.memberCount(all.id), 2)
    saved(await store.devices.replace(other.id, device({ name: 'Other', macAddresses: [] }), undefined))
    t.is(await store.memberCount(all.id), 1)
    const rules = { name: 'All', includes: [lab.id], queries: ['model = "20XW"'] }
    saved(await store.collections.replace(all.id, collection(rules), undefined))
    await store.keepInventory(other.id, inventory())
    t.deepEqual(await namesIn(store, all.id), ['Other', 'PC-1'])
    saved(await store.devices.remove(pc.id, undefined))
    t.deepEqual(await namesIn(store, all.id), ['Other'])
    t.is(await store.memberCount(lab.id), 0)
    t.is(await store.members('RVL1FFFF' as CollectionId, whole), undefined)
  })

  test('S9-008: a page of members says why each is one', async (t) => {
    const { store } = await open(t)
    const { pc, lab } = await smallSite(store)
    const rules = { name: 'Both', directMembers: [pc.id], includes: [lab.id], queries: ['name is known'] }
    const both = saved(await store.collections.create(collection(rules)))
    saved(await store.devices.create(device({ name: 'Z', macAddresses: [] })))
    const because = [
      { rule: 'direct' },
      { rule: 'include', collectionId: lab.id },
      { rule: 'query', query: 'name is known' },
    ]
    t.deepEqual(await store.members(both.id, { offset: 0, limit: 1 }), {
      total: 2,
      items: [{ machine: pc, because }],
    } as never)
    t.deepEqual((await store.members(both.id, { offset: 1, limit: 1 }))?.items[0]?.because, [
      { rule: 'query', query: 'name is known' },
    ])
    const mine = await store.collectionsOfDevice(pc.id)
    t.deepEqual(
      mine?.memberships.map(({ collection: { name } }) => name),
      ['All Systems', 'Lab', 'Both'],
    )
    t.deepEqual(mine?.memberships.at(-1)?.because, because as never)
    t.is(await store.collectionsOfDevice(deviceId('99')), undefined)
  })

  test('S9-010: the three unknown computers count as members', async (t) => {
    const { store } = await open(t)
    const [systems, unknown] = await store.collections.list()
    if (systems === undefined || unknown === undefined) return t.fail()
    t.is(await store.memberCount(systems.id), 0)
    t.is(await store.memberCount(unknown.id), 3)
    t.deepEqual(
      (await store.collectionsOfUnknownComputer(unknownComputers[0])).map(({ collection: { id } }) => id),
      [unknown.id],
    )
    return t.pass()
  })

  test('S9-008: rules are tried without saving them', async (t) => {
    const { store } = await open(t)
    const { pc, lab } = await smallSite(store)
    const { id: _, revision: __, ...rules } = { ...lab, directMembers: [pc.id], excludes: [lab.id] }
    t.is((await store.previewMembers(rules, whole)).total, 0)
    const edited = await store.previewMembers({ ...lab, directMembers: [], queries: ['name = "pc-1"'] }, whole)
    t.deepEqual(edited.items, [{ machine: pc, because: [{ rule: 'query', query: 'name = "pc-1"' }] }])
    t.deepEqual(await store.collections.get(lab.id), lab)
    t.is(await store.memberCount(lab.id), 1)
  })

  test('S9-007, S9-008: what would make a cycle, or leads nowhere, is refused in the transaction too', async (t) => {
    const { store } = await open(t)
    const { lab } = await smallSite(store)
    const outer = saved(await store.collections.create(collection({ name: 'Outer', includes: [lab.id] })))
    const cyclic = collection({ excludes: [outer.id] })
    const [first, second] = await Promise.all([
      store.collections.replace(lab.id, cyclic, undefined),
      store.collections.create(collection({ name: 'Bad', queries: ['colour = "red"'] })),
    ])
    t.is(
      first.kind === 'refused' && first.reason,
      'its rules lead back to it: Lab (RVL10003) excludes Outer (RVL10004) includes Lab (RVL10003)',
    )
    t.regex(second.kind === 'refused' ? second.reason : '', /^at character 1: there is no property colour/)
  })

  test('S1-070, S9-008: a collection in use stays, with all its users named; removed, its variables are gone', async (t) => {
    const { store } = await open(t)
    const { sequence, lab, pc } = await smallSite(store)
    const secret = { name: 'Key', value: 'canary-11', secret: true }
    saved(await store.collections.replace(lab.id, { ...lab, variables: [secret] }, undefined))
    const deployed = saved(await store.deployments.create(deployment(sequence.id, lab.id)))
    const users = []
    for (const rules of [{ includes: [lab.id] }, { excludes: [lab.id] }, { limitingCollectionId: lab.id }]) {
      users.push(saved(await store.collections.create(collection({ name: `User ${users.length}`, ...rules }))))
    }
    const refusal = await store.collections.remove(lab.id, undefined)
    t.is(
      refusal.kind === 'refused' && refusal.reason,
      'deployment RVL20001 uses it; collections User 0 (RVL10004), User 1 (RVL10005) and User 2 (RVL10006) use it',
    )
    saved(await store.deployments.remove(deployed.id, undefined))
    for (const { id } of users) saved(await store.collections.remove(id, undefined))
    saved(await store.collections.remove(lab.id, undefined))
    t.deepEqual(
      (await store.collectionsOfDevice(pc.id))?.memberships.flatMap((one) => one.collection.variables),
      [],
    )
  })

  test('S1-100: debug mode is for members that are named one by one', async (t) => {
    const { store } = await open(t)
    const variables = [{ name: 'TSDebugMode', value: 'TRUE', secret: false }]
    const edit = await store.collections.create(collection({ variables, queries: ['name is known'] }))
    t.regex(edit.kind === 'refused' ? edit.reason : '', /the rules of Lab may bring any number/)
  })

  test('S9-008: after any edits, members are those of the definition', async (t) => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyEdit, { minLength: 1, maxLength: 25 }), async (edits) => {
        const { store } = await open(t)
        for (const name of ['1', '2', '3']) saved(await store.devices.create(device({ name, macAddresses: [] })))
        // A chain to begin with: what is edited in its middle is felt at its end.
        let includes: readonly CollectionId[] = []
        for (const name of ['A', 'B', 'C', 'D']) {
          includes = [saved(await store.collections.create(collection({ name, includes }))).id]
        }
        for (const edit of edits) {
          await carryOut(store, edit)
          if (edit.look) await compare(t, store)
        }
        await compare(t, store)
      }),
      { numRuns: 25 },
    )
  })
}

const anyEdit = fc.record({
  what: fc.constantFrom(
    'create-device',
    'rename',
    'remove-device',
    'hello',
    'create',
    'replace',
    'replace',
    'replace',
    'remove',
  ),
  one: fc.nat(99),
  other: fc.nat(99),
  third: fc.nat(99),
  flags: fc.nat(255),
  look: fc.boolean(),
})
type RandomEdit = typeof anyEdit extends fc.Arbitrary<infer T> ? T : never

const queries = ['name like "%1%"', 'model = "A"', 'not model = "A" and memoryBytes > 1 GiB', 'architecture = "x64"']
let names = 0

/** What the store refuses, such as a cycle, is a try as well. */
async function carryOut(store: Store, { what, one, other, third, flags }: RandomEdit): Promise<void> {
  const devices = await store.devices.list()
  const collections = await store.collections.list()
  const pc = devices[one % Math.max(devices.length, 1)]
  const chosen = collections[one % collections.length]
  names += 1
  const rules = () => {
    const pick = (number: number): CollectionId[] =>
      collections
        .slice(number % collections.length)
        .slice(0, 1)
        .map(({ id }) => id)
    const direct: DeviceId[] = devices.filter((_, index) => (flags >> (index % 8)) % 2 === 1).map(({ id }) => id)
    const [limitingCollectionId] = pick(one + third)
    return collection({
      name: `C ${names}`,
      directMembers: flags % 3 < 2 ? direct : [],
      queries: flags % 2 === 0 ? [queries[flags % queries.length] ?? ''] : [],
      includes: flags % 5 < 2 ? pick(other) : [],
      excludes: flags % 7 === 0 ? pick(third) : [],
      ...(flags % 4 === 0 && limitingCollectionId !== undefined ? { limitingCollectionId } : {}),
    })
  }
  switch (what) {
    case 'create-device':
      await store.devices.create(device({ name: `D ${names}`, macAddresses: [] }))
      break
    case 'rename':
      if (pc !== undefined)
        await store.devices.replace(pc.id, device({ name: `D ${names}`, macAddresses: [] }), undefined)
      break
    case 'remove-device':
      if (pc !== undefined) await store.devices.remove(pc.id, undefined)
      break
    case 'hello':
      if (pc !== undefined)
        await store.keepInventory(pc.id, inventory({ model: 'AB'.charAt(flags % 2), memoryBytes: flags * 2 ** 26 }))
      break
    case 'create':
      await store.collections.create(rules())
      break
    case 'replace':
      if (chosen !== undefined) await store.collections.replace(chosen.id, { ...rules(), kind: chosen.kind }, undefined)
      break
    default:
      if (chosen !== undefined) await store.collections.remove(chosen.id, undefined)
  }
}

async function compare(t: ExecutionContext, store: Store): Promise<void> {
  const devices = await store.devices.list()
  const collections = await store.collections.list()
  for (const { id } of collections) {
    const expected = [...unknownComputers, ...devices].filter((machine) =>
      isMemberByDefinition(collections, id, machine),
    )
    const page = await store.members(id, whole)
    const seen = page?.items.map(({ machine }) => (isUnknownComputer(machine) ? machine.name : machine.id))
    t.deepEqual(
      seen?.toSorted(),
      expected.map((machine) => (isUnknownComputer(machine) ? machine.name : machine.id)).toSorted(),
    )
    t.is(await store.memberCount(id), expected.length)
    t.true(page?.items.every(({ because }) => because.length > 0))
  }
  for (const pc of devices) {
    const mine = (await store.collectionsOfDevice(pc.id))?.memberships.map(({ collection: { id } }) => String(id))
    const expected = collections
      .filter(({ id }) => isMemberByDefinition(collections, id, pc))
      .map(({ id }) => String(id))
    t.deepEqual(mine?.toSorted(), expected.toSorted())
  }
}
