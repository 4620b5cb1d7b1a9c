/** Run PowerShell Script as a document. */

import test from 'ava'
import { defaultsOf, faultsOf, resolvesTo } from '../../support/action-macros.ts'

const type = 'run-powershell-script'
const defaults = {
  parameters: '',
  executionPolicy: 'all-signed',
  workingDirectory: '',
  successCodes: [0, 3010],
  runAsUser: false,
}

test('S2-010: code in the step', defaultsOf, { type, script: 'Get-Date' }, { ...defaults, scriptName: '' })
test(
  'S2-010: a script of a package',
  defaultsOf,
  { type, packageId: 'RVL00001', scriptName: 'a.ps1' },
  { ...defaults, script: '' },
)
test('S2-010: neither', faultsOf, { type }, 'script missing')
test(
  'S2-010: both',
  faultsOf,
  { type, packageId: 'RVL00001', scriptName: 'a.ps1', script: 'x' },
  'script contradiction',
)
test('S2-010: a package without a script', faultsOf, { type, packageId: 'RVL00001' }, 'scriptName missing')
test('S2-010: a script without its package', faultsOf, { type, scriptName: 'a.ps1', script: 'x' }, 'packageId missing')
test(
  'S2-010: a script is in the package',
  faultsOf,
  { type, packageId: 'RVL00001', scriptName: '../a.ps1' },
  'scriptName bad-characters',
)
test(
  'S2-011: the execution policies',
  faultsOf,
  { type, script: 'x', executionPolicy: 'unrestricted' },
  'executionPolicy not-allowed',
)
test(
  'S2-012: the folder has 127 characters',
  faultsOf,
  { type, script: 'x', workingDirectory: 'x'.repeat(128) },
  'workingDirectory too-long',
)
test('S2-012: an account is named', faultsOf, { type, script: 'x', runAsUser: true }, 'userName missing')
test(
  'S2-010: all the parameters may be one variable, and code keeps its percent signs',
  resolvesTo,
  { type, script: '1..3 | %{ $_ } # %A%', parameters: '%A%' },
  { A: "-Name 'x'", SMSTSRunPowerShellUserName: 'deploy' },
  { script: '1..3 | %{ $_ } # %A%', parameters: "-Name 'x'", userName: 'deploy' },
)
