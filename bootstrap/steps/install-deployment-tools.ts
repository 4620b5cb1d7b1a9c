/** Install Deployment Tools (S2 table, row 26): sysprep comes with every Windows that is still deployed. */

import { StepFailed, type StepResult } from '../step-context.ts'

export async function installDeploymentTools(): Promise<StepResult> {
  throw new StepFailed(
    'Install Deployment Tools brings sysprep to Windows XP and Server 2003, which this is not: remove the step, Prepare Windows for Capture needs nothing of it',
  )
}
