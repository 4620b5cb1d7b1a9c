/**
 * The command line of the setup of Windows for an upgrade in place (S2-065), and what its return codes say (S2-066). Text
 * and tables only; nothing here runs it. The product key stands in the command line because the setup takes it nowhere
 * else, so the line is a secret as a whole.
 */

import type { UpgradeOperatingSystem } from '../server/sequence/step-types/upgrade-operating-system.ts'

export interface UpgradePlaces {
  /** The folder with setup.exe. */
  readonly source: string
  /** Undefined: no drivers are given. */
  readonly drivers: string | undefined
  /** Scripts that go on with the run after success and after a rollback. */
  readonly scripts: string
  /** `OSDSetupAdditionalUpgradeOptions`, as it is; the setup judges it. */
  readonly additionalOptions: string
}

export function upgradeCommandLine(action: UpgradeOperatingSystem, places: UpgradePlaces): string {
  const { editionIndex, productKey, scanOnly, ignoreDismissibleMessages, dynamicUpdate } = action
  const { source, drivers, scripts, additionalOptions } = places
  const words = [
    quoted(`${source.replace(/\\+$/, '')}\\setup.exe`),
    ...(editionIndex === 0 ? [] : ['/ImageIndex', String(editionIndex)]),
    '/Auto Upgrade /Quiet /NoReboot',
    // "Windows Setup Command-Line Options": each test has an option of its own.
    ...(scanOnly ? ['/Compat ScanOnly'] : []),
    ...(ignoreDismissibleMessages ? ['/Compat IgnoreWarning'] : []),
    ...(scanOnly
      ? []
      : [
          `/PostOOBE ${quoted(`${scripts}\\SetupComplete.cmd`)}`,
          `/PostRollback ${quoted(`${scripts}\\SetupRollback.cmd`)}`,
        ]),
    ...(drivers === undefined ? [] : [`/InstallDrivers ${quoted(drivers)}`]),
    ...(productKey === '' ? [] : [`/PKey ${productKey}`]),
    `/DynamicUpdate ${dynamicUpdate ? 'Enable' : 'Disable'}`,
    ...(additionalOptions.trim() === '' ? [] : [additionalOptions.trim()]),
  ]
  return words.join(' ')
}

/** A folder may end with a backslash, which would escape the quote. */
function quoted(path: string): string {
  return `"${path.replaceAll('"', '').replace(/\\+$/, '')}"`
}

export interface UpgradeVerdict {
  readonly succeeded: boolean
  readonly meaning: string
}

/** S2-066. Codes as unsigned numbers, as `_SMSTSOSUpgradeActionReturnCode` has them. */
export const scanCodes = {
  noIssues: 0xc1900210,
  actionableIssues: 0xc1900208,
  migrationChoice: 0xc1900204,
  notEligible: 0xc1900200,
  noDiskSpace: 0xc190020e,
} as const

const meanings: Readonly<Record<number, string>> = {
  [scanCodes.noIssues]: 'no issues were found',
  [scanCodes.actionableIssues]: 'there are issues that somebody has to settle first',
  [scanCodes.migrationChoice]: 'the chosen kind of migration is not possible with this edition or language',
  [scanCodes.notEligible]: 'this computer does not meet the requirements',
  [scanCodes.noDiskSpace]: 'there is not enough room on the disk',
}

/** A return code may come as a signed number of 32 bits. */
export function judgeUpgrade(exitCode: number, scanOnly: boolean): UpgradeVerdict & { readonly code: number } {
  const code = exitCode >>> 0
  const succeeded = code === 0 || code === 3010 || (scanOnly && code === scanCodes.noIssues)
  return {
    code,
    succeeded,
    meaning: meanings[code] ?? (succeeded ? 'the setup has done its part' : 'the setup failed'),
  }
}
