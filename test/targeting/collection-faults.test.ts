/** Rules of collections that are refused, each fault with its place (configmgr-spec 9.2). */

import test from 'ava'
import type { CollectionId } from '../../server/address/identifiers.ts'
import type { Collection } from '../../server/site/collection.ts'
import { findCollectionFaults } from '../../server/targeting/collection-faults.ts'
import { collection, collectionId, deviceId } from '../support/boot-fixtures.ts'

const ids = ['RVL10001', 'RVL10002', 'RVL10003', 'RVL10004', 'RVL10005'].map(collectionId)
const [systems, unknown, own, other, third] = ids as [
  CollectionId,
  CollectionId,
  CollectionId,
  CollectionId,
  CollectionId,
]
const pc = deviceId('16777217')

const site = (rules: Partial<Collection> = {}, furtherRules: Partial<Collection> = {}): readonly Collection[] => [
  collection(systems, { kind: 'all-systems', name: 'All Systems' }),
  collection(unknown, { kind: 'all-unknown-computers', name: 'All Unknown Computers' }),
  collection(own, { name: 'Own' }),
  collection(other, { name: 'Other', ...rules }),
  collection(third, { name: 'Third', ...furtherRules }),
]

interface Expected {
  readonly [place: string]: RegExp
}

const faults = test.macro((t, draft: Partial<Collection>, others: readonly Collection[], expected: Expected) => {
  const found = findCollectionFaults(collection(own, { name: 'Own', ...draft }), others)
  t.deepEqual(
    found.map(({ path }) => path.join('.')),
    Object.keys(expected),
    JSON.stringify(found),
  )
  for (const [index, message] of Object.values(expected).entries()) t.regex(found[index]?.message ?? '', message)
})

test(
  'S9-008: rules of every kind are taken',
  faults,
  {
    directMembers: [pc],
    includes: [other],
    excludes: [third],
    queries: ['name is known'],
    limitingCollectionId: other,
  },
  site(),
  {},
)
test('S9-008: a collection that includes itself', faults, { includes: [own] }, site(), {
  'includes.0': /Own \(RVL10003\) includes Own \(RVL10003\)$/,
})
test(
  'S9-008: a cycle of include, exclude and limiting rules is named',
  faults,
  { includes: [other] },
  site({ limitingCollectionId: third }, { excludes: [own] }),
  {
    'includes.0':
      /lead back to it: Own \(RVL10003\) includes Other \(RVL10004\) is limited to Third \(RVL10005\) excludes Own \(RVL10003\)$/,
  },
)
test(
  'S9-007, S9-008: each reference that leads back is named',
  faults,
  { excludes: [other], limitingCollectionId: third },
  site({ includes: [own] }, { limitingCollectionId: own }),
  { 'excludes.0': /excludes Other/, limitingCollectionId: /is limited to Third/ },
)
test(
  'S9-008: what was stored before does not count, the draft takes its place',
  faults,
  {},
  [...site({ includes: [own] }).filter(({ id }) => id !== own), collection(own, { includes: [other] })],
  {},
)
test(
  'S9-007: collections that do not exist, and entries that are there twice',
  faults,
  { includes: [other, other], excludes: [collectionId('RVL1FFFF')], directMembers: [pc, pc] },
  site(),
  { 'directMembers.1': /twice/, 'includes.1': /twice/, 'excludes.0': /RVL1FFFF does not exist/ },
)
test(
  'S9-010: a collection of devices has no unknown computers',
  faults,
  { unknownComputers: ['x64'], includes: [unknown] },
  site(),
  {
    unknownComputers: /a collection of devices/,
    'includes.0': /All Unknown Computers \(RVL10002\) is a collection of unknown computers/,
  },
)
test(
  'S9-010: a collection of unknown computers has no devices, however far away the limit is',
  faults,
  { directMembers: [pc], includes: [systems], limitingCollectionId: other },
  site({ limitingCollectionId: unknown }),
  { directMembers: /a collection of unknown computers/, 'includes.0': /All Systems/ },
)
test('S9-008: faults of queries say at which character', faults, { queries: ['name = "a"', 'name = 5'] }, site(), {
  'queries.1': /^at character 8: name is compared with/,
})
test(
  'S9-006: a built-in collection has no rules of its own',
  faults,
  { kind: 'all-systems', includes: [other], limitingCollectionId: other },
  site(),
  {
    includes: /built in: its members cannot be changed/,
    limitingCollectionId: /built in/,
  },
)
