/** Facts that a machine tells, or does not, in Check Readiness and in the rules of Set Dynamic Variables. */

import test from 'ava'
import { evaluateDynamicVariables, type MachineFacts } from '../../server/sequence/evaluate-dynamic-variables.ts'
import { compareDottedVersions, judgeReadiness, type ReadinessFacts } from '../../server/sequence/judge-readiness.ts'
import { searchScopes, searchSequence } from '../../server/sequence/search-sequence.ts'
import { actionOf } from '../support/actions.ts'
import { commandStep, sequenceOf } from '../support/sequences.ts'

const judges = test.macro((t, wanted: object, facts: ReadinessFacts, expected: string) => {
  const action = actionOf({
    type: 'check-readiness',
    minimumMemoryMegabytes: 0,
    minimumSpeedMegahertz: 0,
    ...wanted,
  })
  if (action.type !== 'check-readiness') throw new Error('another step')
  const results = judgeReadiness(action, facts)
  t.is(results.map(({ passed, message }) => `${passed ? 'passed' : 'failed'} ${message}`).join('; '), expected)
})

test(
  'S2-025: exactly the least that is wanted is enough',
  judges,
  { minimumOsVersion: '12.0', maximumOsVersion: '12.0.0' },
  { osVersion: '12' },
  'passed version of the system: 12, wanted at least 12.0; passed version of the system: 12, wanted at most 12.0.0',
)
test(
  'S2-025: older and newer than wanted',
  judges,
  { minimumOsVersion: '12.5', maximumOsVersion: '12.3' },
  { osVersion: '12.4' },
  'failed version of the system: 12.4, wanted at least 12.5; failed version of the system: 12.4, wanted at most 12.3',
)
test(
  'S2-025: the language itself is that language',
  judges,
  { osLanguage: 'de' },
  { osLanguage: 'DE' },
  'passed language of the system: DE, wanted de',
)
test(
  'S2-025: a country of the language is that language, whatever stands between them',
  judges,
  { osLanguage: 'de_AT' },
  { osLanguage: 'de-at' },
  'passed language of the system: de-at, wanted de_AT',
)
test(
  'S2-025: a language that begins alike is another',
  judges,
  { osLanguage: 'de' },
  { osLanguage: 'den' },
  'failed language of the system: den, wanted de',
)
test(
  'S2-025: what nobody knows fails every check that asks for it',
  judges,
  {
    minimumMemoryMegabytes: 1,
    osType: 'server',
    minimumClientVersion: '0.1',
    osLanguage: 'de',
    acPower: true,
    network: true,
  },
  {},
  'failed memory: not known, wanted at least 1 MB; failed kind of system: not known, wanted server; ' +
    'failed version of the client: not known, wanted at least 0.1; failed language of the system: not known, wanted de; ' +
    'failed runs on mains power: not known; failed network adapter connected: not known',
)

test('S2-025: versions are numbers between dots, however many there are', (t) => {
  t.true(compareDottedVersions('12', '12.0.1') < 0)
  t.true(compareDottedVersions('12.0.1', '12') > 0)
  t.true(compareDottedVersions('100.1', '20.1') > 0)
  t.is(compareDottedVersions(' 12.4-rc1 ', '12.4'), 0)
  t.is(compareDottedVersions('rc-12', '0'), 0)
  t.is(compareDottedVersions('', '0.0'), 0)
})

const machine: MachineFacts = {
  make: 'DELL',
  model: 'X',
  serialNumber: '',
  assetTag: 'Tag-7',
  uuid: '',
  macAddresses: [],
  ipAddresses: ['10.0.0.7', 'fe80::7'],
  defaultGateways: ['10.0.0.1', '10.0.0.2'],
}

const evaluate = (facts: MachineFacts, ...whens: readonly object[]) => {
  const rules = whens.map((when) => ({ when, variables: [{ variable: 'Found', value: 'yes' }] }))
  const action = actionOf({ type: 'set-dynamic-variables', rules })
  if (action.type !== 'set-dynamic-variables') throw new Error('another step')
  return evaluateDynamicVariables(action, facts)
}

test('S2-021: several addresses and gateways stand in one variable, and none of the facts is a secret', (t) => {
  const { variables } = evaluate(machine)
  const valueOf = (wanted: string) => variables.find(({ name }) => name === wanted)?.value
  t.is(valueOf('_SMSTSIPAddresses'), '10.0.0.7,fe80::7')
  t.is(valueOf('_SMSTSDefaultGateways'), '10.0.0.1,10.0.0.2')
  t.false(variables.some(({ secret }) => secret))
})

const holds = test.macro((t, when: object, expected: boolean, facts: Partial<MachineFacts> = {}) => {
  t.deepEqual(evaluate({ ...machine, ...facts }, when).held, [expected])
})

test('S2-023: an asset tag, without case', holds, { kind: 'computer', assetTags: ['tag-7'] }, true)
test('S2-023: white space around it means nothing', holds, { kind: 'computer', assetTags: [' Tag-7 '] }, true)
test('S2-023: another tag', holds, { kind: 'computer', assetTags: ['tag-8'] }, false)
test('S2-023: one of several tags', holds, { kind: 'computer', assetTags: ['tag-8', 'tag-7'] }, true)
test('S2-023: one gateway of several', holds, { kind: 'location', defaultGateways: ['10.0.0.2'] }, true)
test('S2-023: a gateway elsewhere', holds, { kind: 'location', defaultGateways: ['10.0.0.3'] }, false)

test('S1-098: numbers are found, texts are found however deep, and what is neither is not', (t) => {
  const condition = [{ kind: 'file', path: '/etc/deep', version: { operator: 'less', value: '2' } }]
  const sequence = sequenceOf({
    name: 'Searched',
    children: [
      { name: 'Disk', action: { type: 'convert-disk-to-dynamic', diskNumber: 73 } },
      commandStep('Asks', { condition }),
    ],
  })
  const find = (text: string) =>
    searchSequence(sequence, {
      text,
      scopes: searchScopes,
      nodes: 'both',
      onlyContinueOnError: false,
      onlyWithCondition: false,
    }).map(({ name, found }) => `${name}: ${found.join(' ')}`)
  t.deepEqual(find('73'), ['Disk: other'])
  t.deepEqual(find('deep'), ['Asks: condition'])
  t.deepEqual(find('true'), ['Asks: other'])
  t.deepEqual(find('object'), [])
})
