/** Install Software Updates as a document. */

import test from 'ava'
import { defaultsOf, faultsOf, resolvesTo } from '../../support/action-macros.ts'

const type = 'install-software-updates'

test(
  'S2-038: defaults',
  defaultsOf,
  { type },
  {
    target: 'mandatory',
    useCachedScan: true,
    scanTimeoutSeconds: 3_600,
    retryUnexpectedRestarts: 2,
  },
)
test('S2-038: the targets', faultsOf, { type, target: 'some' }, 'target not-allowed')
test(
  'S2-039: variables come before the step',
  resolvesTo,
  { type },
  { SMSInstallUpdateTarget: 'All', SMSTSSoftwareUpdateScanTimeout: '1800' },
  { target: 'all', scanTimeoutSeconds: 1_800 },
)
