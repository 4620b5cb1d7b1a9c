/**
 * Disable BitLocker (S2-047). A LUKS volume has no state in which it opens by itself for some restarts: its key would have
 * to lie beside it. So this ends with an error here, and the command line of Windows is said.
 */

import type { DisableBitlocker } from '../../server/sequence/step-types/disable-bitlocker.ts'
import { type StepContext, StepFailed, type StepResult } from '../step-context.ts'
import { disableCommandLine } from '../windows-volumes.ts'

export async function disableBitlocker(action: DisableBitlocker, context: StepContext): Promise<StepResult> {
  const drive = action.drive.trim().toLowerCase() === 'os' ? '%SystemDrive%' : action.drive
  const override = context.variable('OSDBitLockerRebootCountOverride')
  const line = disableCommandLine(action, { drive, override })
  throw new StepFailed(
    `an encrypted Linux volume cannot open by itself for some restarts without its key lying beside it: disable this step here (on Windows it is: ${line})`,
  )
}
