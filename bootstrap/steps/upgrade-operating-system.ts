/**
 * Upgrade Operating System (S2-065 to S2-067). On Debian and its kind it is an upgrade to another release by the package
 * manager (upgrade-debian.ts). On Windows it is the setup of an upgrade package; its command line and the meaning of its
 * codes are windows-upgrade.ts, and only Windows can run it. Every result is in `_SMSTSOSUpgradeActionReturnCode`.
 */

import type { UpgradeOperatingSystem } from '../../server/sequence/step-types/upgrade-operating-system.ts'
import { type StepContext, type StepResult, variable } from '../step-context.ts'
import { upgradeDebian } from '../upgrade-debian.ts'
import { judgeUpgrade, scanCodes } from '../windows-upgrade.ts'

export async function upgradeOperatingSystem(
  action: UpgradeOperatingSystem,
  context: StepContext,
): Promise<StepResult> {
  const { code, message } = action.release === '' ? forWindowsAlone : await upgradeDebian(action, context)
  const { meaning } = judgeUpgrade(code, action.scanOnly)
  const isDone = message === ''
  if (isDone && code !== 0) context.output('log', action.scanOnly ? meaning : 'this system is of that release already')
  return {
    exitCode: isDone ? 0 : code,
    message: isDone ? '' : `${meaning}: ${message}`,
    variables: [variable('_SMSTSOSUpgradeActionReturnCode', String(code))],
  }
}

const forWindowsAlone = {
  code: scanCodes.notEligible,
  message:
    'this system is not Windows, whose setup upgrades from a package: on Debian and its kind give the release in the step, and upgrade others in a Run Command Line step',
} as const
