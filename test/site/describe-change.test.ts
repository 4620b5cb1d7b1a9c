/** What the audit says of a change, and what it never says. */

import test from 'ava'
import * as fc from 'fast-check'
import { describeChange } from '../../server/site/describe-change.ts'

test('a change is told field by field, and lists of names by what came and what went', (t) => {
  const before = { id: 'RVL10003', revision: 1, name: 'Lab', members: ['1', '2'], limits: { max: 1 } }
  const after = { id: 'RVL10003', revision: 2, name: 'Laboratory', members: ['2', '3'], limits: { max: 1 } }
  t.deepEqual(describeChange(before, after), [
    { field: 'name', before: 'Lab', after: 'Laboratory' },
    { field: 'members', before: ['1'], after: ['3'] },
  ])
  t.deepEqual(describeChange(undefined, { name: 'Lab' }), [{ field: 'name', after: 'Lab' }])
  t.deepEqual(describeChange({ name: 'Lab' }, undefined), [{ field: 'name', before: 'Lab' }])
  t.deepEqual(describeChange(before, before), [])
})

test('what is too long to read is told by its length', (t) => {
  const [change] = describeChange(undefined, { text: 'x'.repeat(30_000) })
  t.deepEqual(change, { field: 'text', after: '(30002 characters)' })
})

test('A08, property: no secret value is told, wherever it stands, and that it changed is', (t) => {
  const secret = fc.string({ minLength: 8 }).map((text) => `canary-${text}`)
  const nested = (value: string) =>
    fc.constantFrom<unknown>({ name: 'P', value, secret: true }, [{ name: 'P', value, secret: true }], {
      deep: [{ deeper: { name: 'P', value, secret: true } }],
    })
  fc.assert(
    fc.property(
      fc.tuple(secret, secret).chain(([one, other]) => fc.tuple(nested(one), nested(other), fc.constant([one, other]))),
      ([was, is, values]) => {
        const told = describeChange({ variables: was }, { variables: is })
        t.is(told.length, JSON.stringify(was) === JSON.stringify(is) ? 0 : 1)
        for (const value of values) t.false(JSON.stringify(told).includes(JSON.stringify(value).slice(1, -1)))
      },
    ),
  )
})
