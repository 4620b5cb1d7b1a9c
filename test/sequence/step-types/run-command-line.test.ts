/** Run Command Line as a document: accounts, packages and variables. */

import test from 'ava'
import { defaultsOf, faultsOf, resolvesTo } from '../../support/action-macros.ts'

const command = { type: 'run-command-line', commandLine: 'true' }
const defaults = {
  shell: 'sh',
  workingDirectory: '',
  successCodes: [0, 3010],
  inTargetSystem: false,
  disable64BitRedirection: false,
  runAsUser: false,
}

test('S2-007: defaults', defaultsOf, command, defaults)
test(
  'S2-003: a package',
  defaultsOf,
  { ...command, packageId: 'RVL00001', workingDirectory: 'bin' },
  {
    ...defaults,
    workingDirectory: 'bin',
  },
)
test(
  'S2-002: a command line has 1 to 32,000 characters',
  faultsOf,
  { ...command, commandLine: 'x'.repeat(32_001) },
  'commandLine too-long',
)
test('S2-002: a blank command line', faultsOf, { ...command, commandLine: ' ' }, 'commandLine missing')
test(
  'S2-003: the folder has 255 characters',
  faultsOf,
  { ...command, workingDirectory: 'x'.repeat(256) },
  'workingDirectory too-long',
)
test(
  'S2-003: the folder stays in the package',
  faultsOf,
  { ...command, workingDirectory: 'a/../../b' },
  'workingDirectory bad-characters',
)
test('S2-003: a package has an id', faultsOf, { ...command, packageId: 'tools' }, 'packageId bad-package-id')
test('S2-006: an account is named', faultsOf, { ...command, runAsUser: true }, 'userName missing')
test(
  'S2-006: an account has a form',
  faultsOf,
  { ...command, runAsUser: true, userName: 'two words' },
  'userName bad-characters',
)
test(
  'S2-009: variables come before the step',
  resolvesTo,
  { ...command, runAsUser: true, userName: 'placeholder' },
  {
    WorkingDirectory: '/srv',
    SMSTSDisableWow64Redirection: 'TRUE',
    SMSTSRunCommandLineUserName: 'LAB\\deploy',
    SMSTSRunCommandLineUserPassword: 'swordfish',
  },
  { workingDirectory: '/srv', disable64BitRedirection: true, userName: 'LAB\\deploy', userPassword: 'swordfish' },
)
