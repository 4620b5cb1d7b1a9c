/** Setup Windows and ConfigMgr as a document. */

import test from 'ava'
import { parseSequence } from '../../../server/sequence/parse-sequence.ts'
import { stepTypes } from '../../../server/sequence/step-types.ts'
import { actionOf, faultsIn } from '../../support/actions.ts'

const type = 'setup-windows-and-configmgr'

test('S2-061: a client package and installation properties may be given', (t) => {
  t.deepEqual(actionOf({ type }), { type, usePreProductionClient: false, installationProperties: '' })
  t.deepEqual(faultsIn({ type, clientPackageId: 'RVL00007', installationProperties: 'SMSMP=mp.example.org' }), [])
  t.is(stepTypes[type].fields.installationProperties.variable, 'SMSClientInstallProperties')
  t.deepEqual(faultsIn({ type, installationProperties: 'x'.repeat(4_001) }), ['installationProperties too-long'])
})

test('S1-032: Continue on error is said to have no effect', (t) => {
  const parsed = parseSequence({ name: 'One', children: [{ continueOnError: true, action: { type } }] })
  t.deepEqual(parsed.kind === 'valid' && parsed.warnings.map(({ path, code }) => `${path} ${code}`), [
    'children[0].continueOnError no-effect',
  ])
})
