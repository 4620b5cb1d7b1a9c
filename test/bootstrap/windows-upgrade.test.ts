/** The command line of the setup of Windows, and its return codes, as text. */

import test from 'ava'
import { upgradeOperatingSystem } from '../../bootstrap/steps/upgrade-operating-system.ts'
import { judgeUpgrade, upgradeCommandLine } from '../../bootstrap/windows-upgrade.ts'
import { actionOf } from '../support/actions.ts'
import { makeContext, makeFolder } from './loop-disk.ts'

const action = actionOf({ type: 'upgrade-operating-system', sourcePath: 'C:\\Media' })
const places = {
  source: 'C:\\Media\\',
  drivers: undefined,
  scripts: 'C:\\Windows\\SMSTSPostUpgrade',
  additionalOptions: '',
}

test('S2-065: an upgrade of the system as it is', (t) => {
  t.is(
    upgradeCommandLine(action, places),
    '"C:\\Media\\setup.exe" /Auto Upgrade /Quiet /NoReboot /PostOOBE "C:\\Windows\\SMSTSPostUpgrade\\SetupComplete.cmd" /PostRollback "C:\\Windows\\SMSTSPostUpgrade\\SetupRollback.cmd" /DynamicUpdate Disable',
  )
})

test('S2-065, S2-067: everything that can be asked for', (t) => {
  const all = {
    ...action,
    editionIndex: 3,
    productKey: 'AAAAA-BBBBB-CCCCC-DDDDD-EEEEE',
    ignoreDismissibleMessages: true,
    dynamicUpdate: true,
  }
  t.is(
    upgradeCommandLine(all, { ...places, drivers: 'C:\\Drivers', additionalOptions: ' /MigrateDrivers all' }),
    '"C:\\Media\\setup.exe" /ImageIndex 3 /Auto Upgrade /Quiet /NoReboot /Compat IgnoreWarning /PostOOBE "C:\\Windows\\SMSTSPostUpgrade\\SetupComplete.cmd" /PostRollback "C:\\Windows\\SMSTSPostUpgrade\\SetupRollback.cmd" /InstallDrivers "C:\\Drivers" /PKey AAAAA-BBBBB-CCCCC-DDDDD-EEEEE /DynamicUpdate Enable /MigrateDrivers all',
  )
})

test('S2-065: a scan changes nothing, so nothing comes after it', (t) => {
  const scan = { ...action, scanOnly: true, ignoreDismissibleMessages: true }
  t.is(
    upgradeCommandLine(scan, places),
    '"C:\\Media\\setup.exe" /Auto Upgrade /Quiet /NoReboot /Compat ScanOnly /Compat IgnoreWarning /DynamicUpdate Disable',
  )
})

/** Return code, scan only, whether it is a success, what it says. */
const codes = [
  [0, false, true, /has done its part/],
  [3010, false, true, /has done its part/],
  [0xc1900210, true, true, /no issues/],
  [0xc1900210, false, false, /no issues/],
  [0xc1900208, true, false, /settle first/],
  [0xc1900204, true, false, /migration/],
  [0xc1900200, true, false, /requirements/],
  [0xc190020e, true, false, /room on the disk/],
  [1, true, false, /setup failed/],
] as const

for (const [exitCode, scanOnly, succeeded, meaning] of codes) {
  test(`S2-066: ${exitCode} ${scanOnly ? 'of a scan' : 'of an upgrade'} is ${succeeded ? 'a success' : 'a failure'}`, (t) => {
    for (const code of [exitCode, exitCode | 0]) {
      const verdict = judgeUpgrade(code, scanOnly)
      t.is(verdict.succeeded, succeeded)
      t.is(verdict.code, exitCode)
      t.regex(verdict.meaning, meaning)
    }
  })
}

test('S4-015, S2-066: the code of a scan without issues is the number that sequences compare with', (t) => {
  t.is(String(judgeUpgrade(-1_047_526_896, true).code), '3247440400')
})

test('S2-067: on another system the step ends with one error, and with the code that later steps look at', async (t) => {
  const result = await upgradeOperatingSystem(action, makeContext(makeFolder(t)))
  t.is(result.exitCode, 0xc1900200)
  t.regex(result.message, /this system is not Windows/)
  t.deepEqual(result.variables, [{ name: '_SMSTSOSUpgradeActionReturnCode', value: '3247440384', secret: false }])
})
