/** The rules of Set Dynamic Variables, over a machine that is told. */

import test from 'ava'
import { evaluateDynamicVariables, type MachineFacts } from '../../server/sequence/evaluate-dynamic-variables.ts'
import { actionOf, environmentOf } from '../support/actions.ts'

const machine: MachineFacts = {
  make: 'DELL',
  model: 'DELL-ABC-9001',
  serialNumber: 'SN-7',
  assetTag: '',
  uuid: '12345678-1234-1234-1234-1234567890ab',
  macAddresses: ['52:54:00:00:00:01', '52:54:00:00:00:02'],
  ipAddresses: ['10.0.0.7'],
  defaultGateways: ['10.0.0.1'],
}

function evaluate(rules: readonly object[], variables: Readonly<Record<string, string>> = {}, secrets: string[] = []) {
  const action = actionOf({ type: 'set-dynamic-variables', rules })
  return evaluateDynamicVariables(action, machine, environmentOf(variables, secrets))
}

test('S2-021: what the machine is becomes variables', (t) => {
  t.deepEqual(
    evaluate([]).variables.map(({ name, value }) => `${name}=${value}`),
    [
      '_SMSTSMake=DELL',
      '_SMSTSModel=DELL-ABC-9001',
      '_SMSTSSerialNumber=SN-7',
      '_SMSTSAssetTag=',
      '_SMSTSUUID=12345678-1234-1234-1234-1234567890ab',
      '_SMSTSMacAddresses=52:54:00:00:00:01,52:54:00:00:00:02',
      '_SMSTSIPAddresses=10.0.0.7',
      '_SMSTSDefaultGateways=10.0.0.1',
    ],
  )
})

const held = test.macro((t, when: object, expected: boolean, variables: Readonly<Record<string, string>> = {}) => {
  t.deepEqual(evaluate([{ when, variables: [{ variable: 'A', value: '1' }] }], variables).held, [expected])
})

test('S2-023: a serial number, whatever its case', held, { kind: 'computer', serialNumbers: ['other', 'sn-7'] }, true)
test(
  'S2-023: one of several kinds is enough',
  held,
  { kind: 'computer', serialNumbers: ['other'], macAddresses: ['52-54-00-00-00-02'] },
  true,
)
test(
  'S2-023: another computer',
  held,
  { kind: 'computer', serialNumbers: ['SN-70'], macAddresses: ['525400000003'] },
  false,
)
test('S2-023: a UUID in braces', held, { kind: 'computer', uuids: ['{12345678-1234-1234-1234-1234567890AB}'] }, true)
test(
  'S2-023: what the machine does not tell is the same as nothing',
  held,
  { kind: 'computer', assetTags: ['%Unset%', ' x'] },
  false,
)
test('S2-023: a gateway', held, { kind: 'location', defaultGateways: ['10.0.0.2', '10.0.0.1'] }, true)
test('S2-023: another gateway', held, { kind: 'location', defaultGateways: ['10.0.0.11'] }, false)
test('S2-023: a model by a pattern', held, { kind: 'make-and-model', make: 'dell', model: 'DELL*900?' }, true)
test('S2-023: make and model must both match', held, { kind: 'make-and-model', make: 'HP*', model: 'DELL*900?' }, false)
test('S2-023: a variable', held, { kind: 'variable', variable: 'Ring', operator: 'less', value: '10' }, true, {
  Ring: '9',
})
test('S2-023: a variable that is not set', held, { kind: 'variable', variable: 'Ring', operator: 'exists' }, false)

test('S2-022: rules go in order, a later one sees what an earlier one set, and none is always', (t) => {
  const { variables, held: which } = evaluate([
    { when: { kind: 'location', defaultGateways: ['10.0.0.1'] }, variables: [{ variable: 'Site', value: 'Lab' }] },
    { when: { kind: 'variable', variable: 'Site', value: 'Home' }, variables: [{ variable: 'Name', value: 'no' }] },
    {
      when: { kind: 'variable', variable: 'Site', value: 'lab' },
      variables: [{ variable: 'Name', value: '%Site%-%_SMSTSSerialNumber%' }],
    },
    {
      variables: [
        { variable: 'Name', value: '%Name%!' },
        { variable: 'Again', value: '%Name%' },
      ],
    },
  ])
  t.deepEqual(which, [true, false, true, true])
  t.deepEqual(
    variables.slice(8).map(({ name, value }) => `${name}=${value}`),
    ['Site=Lab', 'Name=Lab-SN-7', 'Name=Lab-SN-7!', 'Again=Lab-SN-7!'],
  )
})

test('S2-024, S1-071: what is marked secret is, and what a secret goes into', (t) => {
  const { variables } = evaluate(
    [
      {
        variables: [
          { variable: 'A', value: 'x', secret: true },
          { variable: 'B', value: '-%A%-' },
          { variable: 'C', value: '%Pin%' },
          { variable: 'D', value: 'y' },
        ],
      },
    ],
    { Pin: '7777' },
    ['Pin'],
  )
  t.deepEqual(
    variables.slice(8).map(({ name, secret }) => `${name} ${secret}`),
    ['A true', 'B true', 'C true', 'D false'],
  )
})
