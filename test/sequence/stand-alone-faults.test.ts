/** What stand-alone media cannot do, by the step's name, and what keeps a step away from them. */

import test from 'ava'
import { parsePackageId } from '../../server/address/identifiers.ts'
import { findStandAloneFaults, type StandAloneMedium } from '../../server/sequence/stand-alone-faults.ts'
import { commandStep, sequenceOf } from '../support/sequences.ts'

const bootImageId = parsePackageId('RVL00001')
const withBootImage: StandAloneMedium = { variables: [], ...(bootImageId === undefined ? {} : { bootImageId }) }

const system = { name: 'Apply', action: { type: 'apply-operating-system-image', imageId: 'RVL00009' } }
const drivers = { name: 'Drivers', action: { type: 'auto-apply-drivers' } }
const updates = { name: 'Updates', action: { type: 'install-software-updates' } }
const exists = { kind: 'variable', variable: 'A', operator: 'exists' }
const fullMedia = { kind: 'variable', variable: '_SMSTSMediaType', operator: 'equals', value: 'fullmedia' }
const notFullMedia = { kind: 'none', conditions: [fullMedia] }
const fromSite = { variable: '_SMSTSMediaType', operator: 'not-equals', value: 'FullMedia' }

function faultsOf(children: readonly unknown[], medium: Partial<StandAloneMedium> = {}): readonly string[] {
  const sequence = sequenceOf({ name: 'Install', children })
  return findStandAloneFaults(sequence, { ...withBootImage, ...medium }).map(
    ({ severity, message }) => `${severity}: ${message}`,
  )
}

test('A7-05: Auto Apply Drivers and Install Software Updates without a media condition are named', (t) => {
  t.deepEqual(faultsOf([drivers, system, updates]), [
    'fault: Step "Drivers" (Auto Apply Drivers): which drivers fit is asked of the site (S7-025). Apply Driver Package works.',
    'fault: Step "Updates" (Install Software Updates): updates come over the network (S7-025).',
  ])
})

const away: readonly (readonly [string, object])[] = [
  ['its own condition', { ...drivers, condition: fromSite }],
  [
    'the condition of a group above it',
    { name: 'G', condition: fromSite, children: [{ name: 'H', children: [drivers] }] },
  ],
  ['other words of the same', { ...drivers, condition: { kind: 'all', conditions: [exists, notFullMedia] } }],
  ['a deployment that there is not', { ...drivers, condition: { variable: '_SMSTSAdvertID', operator: 'exists' } }],
  ['being disabled', { ...drivers, disabled: true }],
  ['a group that is disabled', { name: 'G', disabled: true, children: [drivers] }],
]
for (const [how, node] of away) {
  test(`A7-05 S7-027: a step is kept away from stand-alone media by ${how}`, (t) => {
    t.deepEqual(faultsOf([node, system]), [])
  })
}

const notAway: readonly (readonly [string, object])[] = [
  ['another variable', { variable: 'OSDPart', operator: 'equals', value: 'no' }],
  ['one of several that may hold', { kind: 'any', conditions: [notFullMedia, exists] }],
  ['the value of a variable', { ...fromSite, value: '%Kind%' }],
]
for (const [how, condition] of notAway) {
  test(`A7-05: a step is not kept away from stand-alone media by ${how}`, (t) => {
    t.is(faultsOf([{ ...drivers, condition }, system]).length, 1)
  })
}

test('S7-002: a sequence without a boot image is refused', (t) => {
  const sequence = sequenceOf({ name: 'Install', children: [system] })
  t.deepEqual(findStandAloneFaults(sequence, { variables: [] }), [
    {
      severity: 'fault',
      message: 'The task sequence "Install" has no boot image, which a stand-alone medium starts (S7-002).',
    },
  ])
})

test('S7-025: a sequence that applies no system is refused', (t) => {
  const [only] = faultsOf([commandStep('Look')])
  t.regex(only ?? '', /applies no operating system/)
  t.regex(faultsOf([{ ...system, disabled: true }])[0] ?? '', /applies no operating system/)
})

const application = { name: 'App', action: { type: 'install-application', applications: ['RVL00005'] } }
const refused: readonly (readonly [string, object, RegExp])[] = [
  ['Download Package Content', { type: 'download-package-content', content: [{ id: 'RVL00004' }] }, /not supported/],
  ['a list of applications', { type: 'install-application', baseVariable: 'App' }, /list of variables/],
  ['a list of packages', { type: 'install-package', baseVariable: 'Pkg' }, /list of variables/],
  [
    'the pre-production client',
    { type: 'setup-windows-and-configmgr', usePreProductionClient: true },
    /pre-production/,
  ],
  ['the state store of the site', { type: 'request-state-store', purpose: 'capture' }, /at the site/],
  ['an image for the site', { type: 'capture-operating-system-image' }, /sent to the site/],
  ['user affinity', { type: 'set-task-sequence-variable', variable: 'SMSTSUDAUsers', value: 'A\\b' }, /not assigned/],
]
for (const [what, action, reason] of refused) {
  test(`S7-025 S7-026: ${what} is refused by the step's name`, (t) => {
    const faults = faultsOf([system, { name: 'This one', action }])
    t.is(faults.length, 1)
    t.regex(faults[0] ?? '', /^fault: Step "This one"/)
    t.regex(faults[0] ?? '', reason)
  })
}

test('S7-025: software before the operating system is refused, and after it is not', (t) => {
  t.regex(faultsOf([application, system])[0] ?? '', /"App" \(Install Application\): software is installed after/)
  t.deepEqual(faultsOf([system, application]), [])
})

test('S7-026: a folder of the machine takes the place of the store of the site', (t) => {
  const request = { name: 'Store', action: { type: 'request-state-store', purpose: 'capture' } }
  const folder = { type: 'set-task-sequence-variable', variable: 'OSDStateStorePath', value: '/mnt/state' }
  t.deepEqual(faultsOf([{ name: 'Folder', action: folder }, request, system]), [])
  t.deepEqual(faultsOf([request, system], { variables: ['osdstatestorepath'] }), [])
  t.is(faultsOf([request, { name: 'Folder', action: folder }, system]).length, 1)
})

test('S7-026: what needs a network is a warning, because there may be one', (t) => {
  const join = { type: 'join-domain-or-workgroup', domainName: 'example.org', account: 'a', password: 'b' }
  const folder = { type: 'connect-to-network-folder', path: '\\\\server\\share' }
  t.deepEqual(faultsOf([{ name: 'Connect', action: folder }, system, { name: 'Join', action: join }]), [
    'warning: Step "Connect" (Connect To Network Folder): it fails where the folder cannot be reached over the network (S7-026).',
    'warning: Step "Join" (Join Domain or Workgroup): it fails where the domain cannot be reached over the network (S7-026).',
  ])
})

test('S7-025: user affinity among the variables of the medium is refused', (t) => {
  t.regex(faultsOf([system], { variables: ['SMSTSAssignUsersMode'] })[0] ?? '', /SMSTSAssignUsersMode is for the site/)
})
