/** Who is in a collection (configmgr-spec 6.3, 9.2, 9.5). */

import test from 'ava'
import * as fc from 'fast-check'
import type { CollectionId } from '../../server/address/identifiers.ts'
import type { Collection } from '../../server/site/collection.ts'
import { unknownComputers } from '../../server/site/unknown-computer.ts'
import {
  collectionsOf,
  membershipsOf,
  placesBehind,
  placesThatFollow,
  planMembership,
  whyMember,
} from '../../server/targeting/membership.ts'
import type { Machine } from '../../server/targeting/query-subject.ts'
import { collection, collectionId, device, deviceId } from '../support/boot-fixtures.ts'
import { isMemberByDefinition } from '../support/membership-by-definition.ts'

const pc = deviceId('16777217')
const allSystems = collection('RVL10001', { kind: 'all-systems' })
const allUnknown = collection('RVL10002', { kind: 'all-unknown-computers' })
const builtIn = [allSystems, allUnknown]

function idsOf(collections: readonly Collection[], machine: Machine = device()): readonly string[] {
  const isDirect = (id: CollectionId) =>
    'id' in machine && collections.some((one) => one.id === id && one.directMembers.includes(machine.id))
  return collectionsOf(planMembership(collections), machine, isDirect)
    .map(({ id }) => String(id))
    .toSorted()
}

/** The user's collections, numbered from 3. */
const user = (...changes: readonly Partial<Collection>[]): readonly Collection[] => [
  ...builtIn,
  ...changes.map((change, index) => collection(`RVL1000${index + 3}`, change)),
]
const [three, four, five] = ['RVL10003', 'RVL10004', 'RVL10005'].map(collectionId) as [
  CollectionId,
  CollectionId,
  CollectionId,
]

test('S6-014: a known device is in All Systems and in the collections that name it', (t) => {
  t.deepEqual(idsOf(user({ directMembers: [pc] }, {})), ['RVL10001', 'RVL10003'])
})

test('S6-015: a known device that nothing names is not in All Unknown Computers', (t) => {
  t.deepEqual(idsOf(user({ directMembers: [pc] }), device({ id: deviceId('16777299') })), ['RVL10001'])
})

for (const unknown of unknownComputers) {
  test(`S6-014, S6-015, S6-016: ${unknown.name} is in All Unknown Computers and in no collection of devices`, (t) => {
    const everything = { includes: [allUnknown.id], queries: ['name is known'] }
    t.deepEqual(idsOf(user(everything), unknown), ['RVL10002'])
  })
}

test('S9-010, S9-020: unknown computers are told apart by architecture, by name or by query', (t) => {
  const limitingCollectionId = allUnknown.id
  const collections = user(
    { limitingCollectionId, unknownComputers: ['x64', 'arm64'] },
    { limitingCollectionId, queries: ['architecture = "arm64"'] },
    { limitingCollectionId, includes: [allUnknown.id], excludes: [four] },
  )
  const [x86, x64, arm64] = unknownComputers
  t.deepEqual(idsOf(collections, x86), ['RVL10002', 'RVL10005'])
  t.deepEqual(idsOf(collections, x64), ['RVL10002', 'RVL10003', 'RVL10005'])
  t.deepEqual(idsOf(collections, arm64), ['RVL10002', 'RVL10003', 'RVL10004'])
  t.deepEqual(idsOf(collections), ['RVL10001'])
})

test('S9-008: members of an included collection are members, through any number of collections', (t) => {
  t.deepEqual(idsOf(user({ includes: [four] }, { includes: [five] }, { directMembers: [pc] })), [
    'RVL10001',
    'RVL10003',
    'RVL10004',
    'RVL10005',
  ])
})

test('S9-008: exclusion wins over every other rule', (t) => {
  const taken = { directMembers: [pc], includes: [four], queries: ['name = "PC-A"'] }
  t.deepEqual(idsOf(user(taken, { directMembers: [pc] })), ['RVL10001', 'RVL10003', 'RVL10004'])
  t.deepEqual(idsOf(user({ ...taken, excludes: [four] }, { directMembers: [pc] })), ['RVL10001', 'RVL10004'])
})

test('S9-007: whoever is outside the limiting collection is no member, not even by name', (t) => {
  const inner = { directMembers: [pc], limitingCollectionId: four }
  t.deepEqual(idsOf(user(inner, {})), ['RVL10001'])
  t.deepEqual(idsOf(user(inner, { queries: ['name like "pc-%"'] })), ['RVL10001', 'RVL10003', 'RVL10004'])
})

test('S9-008: a query takes those who fit it, and nobody of whom it cannot be said', (t) => {
  const collections = user({ queries: ['not model like "Server%"'] }, { queries: ['model = "x"', 'name = "pc-a"'] })
  t.deepEqual(idsOf(collections), ['RVL10001', 'RVL10004'])
})

test('a collection whose rules lead back to it, or nowhere, has nobody', (t) => {
  const wanting = { directMembers: [pc] }
  t.deepEqual(idsOf(user({ ...wanting, includes: [four] }, { ...wanting, excludes: [three] }, wanting)), [
    'RVL10001',
    'RVL10005',
  ])
  t.deepEqual(idsOf(user({ ...wanting, excludes: [collectionId('RVL10009')] })), ['RVL10001'])
})

test('S9-008: why a machine is a member names each rule that takes it', (t) => {
  const rules = { directMembers: [pc], includes: [four, five], queries: ['name = "x"', 'name = "PC-A"'] }
  const plan = planMembership(user(rules, { directMembers: [pc] }, {}))
  const direct = { machine: device(), isDirect: (id: CollectionId) => id === three || id === four }
  const asked = { ...direct, is: membershipsOf(plan, direct) }
  t.deepEqual(whyMember(plan, plan.placeOf.get(three) ?? -1, asked), [
    { rule: 'direct' },
    { rule: 'include', collectionId: four },
    { rule: 'query', query: 'name = "PC-A"' },
  ])
  t.deepEqual(whyMember(plan, plan.placeOf.get(allSystems.id) ?? -1, asked), [{ rule: 'built-in' }])
  t.deepEqual(whyMember(plan, plan.placeOf.get(five) ?? -1, asked), [])
})

/** References go to lower numbers only, so none leads back. */
const anyCollections = fc
  .array(
    fc.record({
      direct: fc.boolean(),
      queried: fc.boolean(),
      unknown: fc.subarray(['x86', 'x64', 'arm64'] as const),
      includes: fc.array(fc.nat(99), { maxLength: 2 }),
      excludes: fc.array(fc.nat(99), { maxLength: 1 }),
      limit: fc.option(fc.nat(99), { nil: undefined }),
    }),
    { maxLength: 12 },
  )
  .map((rows) => {
    const made: Collection[] = [...builtIn]
    const pick = (number: number): CollectionId => made[number % made.length]?.id ?? allSystems.id
    for (const [index, row] of rows.entries()) {
      const rules = {
        directMembers: row.direct ? [pc] : [],
        queries: row.queried ? ['name = "PC-A"'] : [],
        unknownComputers: row.unknown,
        includes: row.includes.map(pick),
        excludes: row.excludes.map(pick),
        ...(row.limit === undefined ? {} : { limitingCollectionId: pick(row.limit) }),
      }
      made.push(collection(`RVL101${index.toString().padStart(2, '0')}`, rules))
    }
    return made
  })

test('S9-007, S9-008: a plan says what the rules say, whatever the order of collections', (t) => {
  fc.assert(
    fc.property(anyCollections, (collections) => {
      for (const machine of [device(), ...unknownComputers]) {
        const naive = collections
          .filter(({ id }) => isMemberByDefinition(collections, id, machine))
          .map(({ id }) => String(id))
        t.deepEqual(idsOf(collections, machine), naive.toSorted())
        t.deepEqual(idsOf(collections.toReversed(), machine), naive.toSorted())
      }
    }),
  )
})

test('S9-008: what is behind a collection is enough to answer for it, and what follows it is all that changes with it', (t) => {
  fc.assert(
    fc.property(anyCollections, fc.nat(), (collections, number) => {
      const plan = planMembership(collections)
      const place = number % plan.steps.length
      const asked = {
        machine: device(),
        isDirect: (id: CollectionId) => collections.some((one) => one.id === id && one.directMembers.length > 0),
      }
      const whole = membershipsOf(plan, asked)
      t.is(membershipsOf(plan, asked, placesBehind(plan, [place]))[place], whole[place])
      const changed = collections.map((one) =>
        one.id === plan.steps[place]?.collection.id && one.kind === 'user'
          ? { ...one, queries: ['name is known'] }
          : one,
      )
      const after = membershipsOf(planMembership(changed), asked)
      const moved = new Set(placesThatFollow(plan, [place]))
      for (const [at, is] of whole.entries()) if (!moved.has(at)) t.is(after[at], is)
    }),
  )
})
