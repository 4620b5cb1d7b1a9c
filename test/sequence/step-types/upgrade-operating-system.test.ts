/** Upgrade Operating System as a document: defaults, limits, contradictions. */

import test from 'ava'
import { mentionsOf } from '../../../server/sequence/mentions.ts'
import { actionOf, faultsIn } from '../../support/actions.ts'

const type = 'upgrade-operating-system'

test('S2-065: defaults', (t) => {
  t.deepEqual(actionOf({ type, upgradePackageId: 'RVL00005' }), {
    type,
    upgradePackageId: 'RVL00005',
    sourcePath: '',
    release: '',
    edition: '',
    editionIndex: 0,
    productKey: '',
    driverPath: '',
    timeoutMinutes: 0,
    scanOnly: false,
    ignoreDismissibleMessages: false,
    dynamicUpdate: false,
  })
})

test('S2-065: the source is a package or a path, and so are the drivers', (t) => {
  t.deepEqual(faultsIn({ type }), ['upgradePackageId missing'])
  t.deepEqual(faultsIn({ type, sourcePath: '%Media%' }), [])
  t.deepEqual(faultsIn({ type, upgradePackageId: 'RVL00005', sourcePath: '%Media%' }), ['sourcePath contradiction'])
  const drivers = { driverPackageId: 'RVL00008', driverPath: 'C:\\Drivers' }
  t.deepEqual(faultsIn({ type, sourcePath: '%Media%', ...drivers }), ['driverPath contradiction'])
})

test('a release of Debian is a source too', (t) => {
  t.deepEqual(faultsIn({ type, release: 'trixie' }), [])
  t.deepEqual(faultsIn({ type, release: 'Debian 13' }), ['release bad-characters'])
})

test('S2-065: the product key is a secret', (t) => {
  const action = actionOf({ type, sourcePath: '%Media%', productKey: 'AAAAA-BBBBB-CCCCC-DDDDD-EEEEE' })
  t.deepEqual(mentionsOf(action), [{ kind: 'secret', text: 'AAAAA-BBBBB-CCCCC-DDDDD-EEEEE', path: 'productKey' }])
})

test('S2-065: the time-out is at most three days', (t) => {
  t.deepEqual(faultsIn({ type, sourcePath: '%Media%', timeoutMinutes: 4_321 }), ['timeoutMinutes out-of-range'])
})
