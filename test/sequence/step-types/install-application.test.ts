/** Install Application as a document, and the lists that variables hold. */

import test from 'ava'
import { readDynamicList } from '../../../server/sequence/step-types/dynamic-list.ts'
import { defaultsOf, faultsOf } from '../../support/action-macros.ts'

const type = 'install-application'
const defaults = { continueOnFailure: false, clearContent: false, retryUnexpectedRestarts: 2 }

test('S2-033: a fixed list stops at a failure', defaultsOf, { type, applications: ['RVL00001', 'RVL00002'] }, defaults)
test('S2-032: a dynamic list', defaultsOf, { type, baseVariable: 'App' }, { ...defaults, applications: [] })
test('S2-032: neither', faultsOf, { type }, 'applications missing')
test('S2-032: both', faultsOf, { type, applications: ['RVL00001'], baseVariable: 'App' }, 'baseVariable contradiction')
test(
  'S1-019: up to five more tries',
  faultsOf,
  { type, baseVariable: 'App', retryUnexpectedRestarts: 6 },
  'retryUnexpectedRestarts out-of-range',
)
test('S1-019: or none', faultsOf, { type, baseVariable: 'App', retryUnexpectedRestarts: 0 })

test('S2-032: a dynamic list counts from 01 and ends at the first gap', (t) => {
  const variables: Readonly<Record<string, string>> = { App01: 'One', App02: 'Two', App04: 'Four' }
  t.deepEqual(
    readDynamicList('App', 2, (name) => variables[name] ?? ''),
    [
      { variable: 'App01', value: 'One' },
      { variable: 'App02', value: 'Two' },
    ],
  )
  t.deepEqual(
    readDynamicList('Other', 2, (name) => variables[name] ?? ''),
    [],
  )
  t.is(readDynamicList('Full', 2, () => 'x').length, 99)
})
