/** Install Package as a document. */

import test from 'ava'
import { defaultsOf, faultsOf } from '../../support/action-macros.ts'

const type = 'install-package'

test(
  'S2-035: one program',
  defaultsOf,
  { type, packageId: 'RVL00001', programName: 'Setup' },
  { continueOnFailure: false },
)
test('S2-036: a dynamic list', defaultsOf, { type, baseVariable: 'Pkg' }, { programName: '', continueOnFailure: false })
test('S2-036: neither', faultsOf, { type }, 'packageId missing')
test(
  'S2-036: both',
  faultsOf,
  { type, packageId: 'RVL00001', programName: 'x', baseVariable: 'Pkg' },
  'baseVariable contradiction',
)
test('S2-035: a package without a program', faultsOf, { type, packageId: 'RVL00001' }, 'programName missing')
test('S2-035: a program without its package', faultsOf, { type, programName: 'x' }, 'packageId missing')
test('S2-036: the base is a variable name', faultsOf, { type, baseVariable: '1st' }, 'baseVariable bad-variable-name')
