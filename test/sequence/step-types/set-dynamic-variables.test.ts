/** Set Dynamic Variables as a document. */

import test from 'ava'
import { mapActionSecrets, mentionsOf } from '../../../server/sequence/mentions.ts'
import { defaultsOf, faultsOf } from '../../support/action-macros.ts'
import { actionOf } from '../../support/actions.ts'

const type = 'set-dynamic-variables'
const variables = [{ variable: 'A', value: '1' }]
const rule = (when: object) => ({ type, rules: [{ when, variables }] })

test('S2-021: a step without rules gathers only', defaultsOf, { type }, { rules: [] })
test(
  'S2-022: variables without a rule',
  defaultsOf,
  { type, rules: [{ variables }] },
  {
    rules: [{ variables: [{ variable: 'A', value: '1', secret: false }] }],
  },
)
test('S2-023: a rule of an unknown kind', faultsOf, rule({ kind: 'weather' }), 'rules[0].when.kind not-allowed')
test('S2-023: a rule without a kind', faultsOf, rule({}), 'rules[0].when.kind missing')
test(
  'S2-023: a computer has something to be known by',
  faultsOf,
  rule({ kind: 'computer' }),
  'rules[0].when.assetTags missing',
)
test(
  'S2-023: a location has a gateway',
  faultsOf,
  rule({ kind: 'location', defaultGateways: [] }),
  'rules[0].when.defaultGateways too-few',
)
test(
  'S2-023: make and model are both given',
  faultsOf,
  rule({ kind: 'make-and-model', make: 'DELL' }),
  'rules[0].when.model missing',
)
test(
  'S2-023: a rule has no members of another kind',
  faultsOf,
  rule({ kind: 'location', defaultGateways: ['10.0.0.1'], make: 'x' }),
  'rules[0].when.make unknown-field',
)
test(
  'S2-023: a variable has a name',
  faultsOf,
  rule({ kind: 'variable', variable: '1' }),
  'rules[0].when.variable bad-variable-name',
)
test(
  'S2-022: read-only names are not set',
  faultsOf,
  { type, rules: [{ variables: [{ variable: '_SMSTSMake', value: 'x' }] }] },
  'rules[0].variables[0].variable read-only-variable',
)
test(
  'S2-024: names that count are as good as any',
  defaultsOf,
  { type, rules: [{ variables: [{ variable: 'Drives0Letter', value: 'x', secret: true }] }] },
  {},
)

test('S2-024: secret values are found, and left out of exports', (t) => {
  const action = actionOf({
    type,
    rules: [
      {
        variables: [
          { variable: 'A', value: 'open' },
          { variable: 'B', value: 'swordfish', secret: true },
        ],
      },
    ],
  })
  t.deepEqual(
    mentionsOf(action).map((mention) => `${mention.kind} ${mention.path}`),
    [
      'sets-variable rules[0].variables[0].variable',
      'sets-variable rules[0].variables[1].variable',
      'secret rules[0].variables[1].value',
    ],
  )
  t.notRegex(JSON.stringify(mapActionSecrets(action, () => '')), /swordfish/)
  t.regex(JSON.stringify(mapActionSecrets(action, () => '')), /open/)
})
