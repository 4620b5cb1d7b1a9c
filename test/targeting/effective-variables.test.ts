/** Collection and device variables: order, priority, unknown computers (configmgr-spec 1.6, S1-063 to S1-070). */

import test from 'ava'
import * as fc from 'fast-check'
import { deviceVariablesMax } from '../../server/site/device.ts'
import { effectiveVariables, explainVariables } from '../../server/targeting/effective-variables.ts'
import { collection, device, variable } from '../support/boot-fixtures.ts'

test('S1-063: collection variables are read first and device variables override them', (t) => {
  const site = collection('RVL10001', { variables: [variable('Role', 'desk'), variable('Site', 'north')] })
  const machine = device({ variables: [variable('Role', 'server')] })
  t.deepEqual(effectiveVariables([site], machine), [variable('Role', 'server'), variable('Site', 'north')])
})

test('S1-064: a device variable beats every collection, whatever its priority', (t) => {
  const site = collection('RVL10001', { variablePriority: 9, variables: [variable('Role', 'desk')] })
  t.deepEqual(effectiveVariables([site], device({ variables: [variable('Role', 'lab')] })), [variable('Role', 'lab')])
})

const priority = test.macro((t, first: [string, number], second: [string, number], winner: string) => {
  const collections = [first, second].map(([id, variablePriority]) =>
    collection(id, { variablePriority, variables: [variable('From', id)] }),
  )
  t.deepEqual(effectiveVariables(collections, undefined), [variable('From', winner)])
  t.deepEqual(effectiveVariables(collections.toReversed(), undefined), [variable('From', winner)])
})

test('S1-065: the higher priority number wins', priority, ['RVL10001', 5], ['RVL10002', 2], 'RVL10001')
test(
  'S1-065: equal priority, the higher collection identifier wins',
  priority,
  ['RVL10001', 1],
  ['RVL10002', 1],
  'RVL10002',
)

test('S1-066: an unknown computer gets the collection variables and no others', (t) => {
  const unknown = collection('RVL10002', { kind: 'all-unknown-computers', variables: [variable('Role', 'new')] })
  t.deepEqual(effectiveVariables([unknown], undefined), [variable('Role', 'new')])
})

test('S1-063: names are case-blind, and the entry that wins is kept whole', (t) => {
  const site = collection('RVL10001', { variables: [variable('password', 'old', true)] })
  const machine = device({ variables: [variable('PASSWORD', 'new', false)] })
  t.deepEqual(effectiveVariables([site], machine), [variable('PASSWORD', 'new', false)])
})

test('S1-064, S1-065, S1-071: secret values follow the same order, and stay secret', (t) => {
  const strong = collection('RVL10001', { variablePriority: 9, variables: [variable('Role', 'a', true)] })
  const weak = collection('RVL10002', { variables: [variable('Role', 'b', true), variable('Key', 'c', true)] })
  const machine = device({ variables: [variable('Key', 'd', true)] })
  t.deepEqual(effectiveVariables([strong, weak], machine), [variable('Role', 'a', true), variable('Key', 'd', true)])
})

test('S1-068: an empty value is kept, because it is asked for on the machine', (t) => {
  t.deepEqual(effectiveVariables([], device({ variables: [variable('OSDComputerName', '')] })), [
    variable('OSDComputerName', ''),
  ])
})

test('S1-069, S9-012: a device with all its thousand variables keeps them', (t) => {
  const variables = Array.from({ length: deviceVariablesMax }, (_, index) => variable(`V${index}`, String(index)))
  t.is(effectiveVariables([], device({ variables })).length, 1_000)
})

test('S1-070: the variables of a collection that is gone are gone', (t) => {
  t.deepEqual(effectiveVariables([], device()), [])
})

test('S1-065, S9-013: the order in which collections come never matters', (t) => {
  const anyCollections = fc.uniqueArray(
    fc.record({
      number: fc.integer({ min: 1, max: 15 }),
      rank: fc.integer({ min: 0, max: 3 }),
      name: fc.constantFrom('A', 'a', 'B'),
    }),
    { selector: ({ number }) => number, maxLength: 8 },
  )
  fc.assert(
    fc.property(anyCollections, (rows) => {
      const collections = rows.map(({ number, rank, name }) =>
        collection(`RVL1000${number.toString(16).toUpperCase()}`, {
          variablePriority: rank,
          variables: [variable(name, String(number))],
        }),
      )
      t.deepEqual(effectiveVariables(collections, undefined), effectiveVariables(collections.toReversed(), undefined))
    }),
  )
})

test('S1-063..S1-065, S9-013: what is explained is what is in effect', (t) => {
  const anyVariables = fc.array(fc.tuple(fc.constantFrom('A', 'a', 'B', 'C'), fc.string(), fc.boolean()), {
    maxLength: 3,
  })
  const anyCollections = fc.array(fc.tuple(fc.integer({ min: 1, max: 3 }), anyVariables), { maxLength: 5 })
  fc.assert(
    fc.property(anyCollections, anyVariables, (rows, own) => {
      const variables = (list: typeof own) => list.map(([name, value, secret]) => variable(name, value, secret))
      const collections = rows.map(([variablePriority, list], index) =>
        collection(`RVL1000${index + 1}`, { variablePriority, variables: variables(list) }),
      )
      const machine = device({ variables: variables(own) })
      const explained = explainVariables(collections, machine)
      const byName = (a: { name: string }, b: { name: string }) =>
        a.name.toLowerCase() < b.name.toLowerCase() ? -1 : 1
      t.deepEqual(
        explained.map((one) => one.variable),
        effectiveVariables(collections, machine).toSorted(byName),
      )
      const told = explained.reduce((sum, { overrides }) => sum + 1 + overrides.length, 0)
      t.is(told, own.length + rows.reduce((sum, [, list]) => sum + list.length, 0))
    }),
  )
})
