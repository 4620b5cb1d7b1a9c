/** Capture Operating System Image and the steps that prepare it, as documents. */

import test from 'ava'
import { mentionsOf } from '../../../server/sequence/mentions.ts'
import { stepTypes } from '../../../server/sequence/step-types.ts'
import { actionOf, faultsIn } from '../../support/actions.ts'

const type = 'capture-operating-system-image'

test('S2-064: everything may be left out', (t) => {
  t.deepEqual(actionOf({ type }), {
    type,
    destination: '',
    imageName: '',
    description: '',
    version: '',
    creator: '',
    account: '',
    accountPassword: '',
  })
})

test('S2-064: destination, description and creator have 255 characters, the version 32', (t) => {
  const long = 'x'.repeat(256)
  t.deepEqual(faultsIn({ type, destination: long, description: long, creator: long, version: 'x'.repeat(33) }), [
    'destination too-long',
    'description too-long',
    'version too-long',
    'creator too-long',
  ])
  const full = 'x'.repeat(255)
  t.deepEqual(faultsIn({ type, destination: full, description: full, creator: full, version: 'x'.repeat(32) }), [])
})

test('S2-064: the password is a secret, and belongs to an account', (t) => {
  t.deepEqual(faultsIn({ type, accountPassword: 'hunter22' }), ['account missing'])
  const action = actionOf({ type, destination: '/mnt/images', account: 'lab', accountPassword: 'hunter22' })
  t.deepEqual(mentionsOf(action), [{ kind: 'secret', text: 'hunter22', path: 'accountPassword' }])
})

test('S2-064: variables decide what the step says', (t) => {
  const variables = Object.values(stepTypes[type].fields).map(({ variable }) => variable)
  t.deepEqual(variables, [
    'OSDCaptureDestination',
    undefined,
    'OSDImageDescription',
    'OSDImageVersion',
    'OSDImageCreator',
    'OSDCaptureAccount',
    'OSDCaptureAccountPassword',
  ])
})

test('S2-062: Prepare ConfigMgr Client for Capture has no properties', (t) => {
  const prepare = 'prepare-configmgr-client-for-capture'
  t.deepEqual(actionOf({ type: prepare }), { type: prepare })
  t.deepEqual(faultsIn({ type: prepare, remove: true }), ['remove unknown-field'])
})

test('S2-063: Prepare Windows for Capture builds no list and resets the activation by default', (t) => {
  const prepare = 'prepare-windows-for-capture'
  t.deepEqual(actionOf({ type: prepare }), { type: prepare, buildMassStorageList: false, doNotResetActivation: false })
})

test('Install Deployment Tools may name a package', (t) => {
  const tools = 'install-deployment-tools'
  t.deepEqual(actionOf({ type: tools }), { type: tools })
  t.deepEqual(faultsIn({ type: tools, packageId: 'RVL00004' }), [])
})
