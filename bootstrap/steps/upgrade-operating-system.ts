/**
 * Upgrade Operating System (S2-065 to S2-067). The command line and the meaning of its codes are windows-upgrade.ts; only
 * Windows can run it. A Linux system is upgraded by its own package manager, and how differs with each distribution and
 * release, so this step does not guess: Run Command Line says it, with the success codes it needs.
 */

import type { UpgradeOperatingSystem } from '../../server/sequence/step-types/upgrade-operating-system.ts'
import { type StepContext, type StepResult, variable } from '../step-context.ts'
import { scanCodes } from '../windows-upgrade.ts'

export async function upgradeOperatingSystem(
  _action: UpgradeOperatingSystem,
  _context: StepContext,
): Promise<StepResult> {
  return {
    exitCode: scanCodes.notEligible,
    message:
      'this system is not Windows, whose setup upgrades it: upgrade Linux with its package manager in a Run Command Line step, such as apt-get --yes full-upgrade after its sources name the new release',
    variables: [variable('_SMSTSOSUpgradeActionReturnCode', String(scanCodes.notEligible))],
  }
}
