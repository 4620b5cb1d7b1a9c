/**
 * What deployments have in common, saved under a name (S5-005). A template keeps no task sequence, no collection and no time, and not
 * whether software is installed outside of maintenance windows: who deploys says that each time. An alert at an instant is a time.
 */

import type { DeploymentTemplateId } from '../address/identifiers.ts'
import type { Deployment } from './deployment.ts'
import { type DeploymentOptions, optionsOf } from './deployment-options.ts'

/** Of the options, what the source system's templates leave out as well, and whose clock its times are of. */
type NotKept = 'softwareInstallationOutsideWindow' | 'successAlert' | 'timesByClientClock'

export type TemplateSettings = Pick<Deployment, 'purpose' | 'makeAvailableTo'> & Omit<DeploymentOptions, NotKept>

export interface DeploymentTemplate {
  readonly id: DeploymentTemplateId
  readonly name: string
  readonly description: string
  readonly settings: TemplateSettings
  readonly revision: number
}

export function templateSettings(
  deployment: Pick<Deployment, 'purpose' | 'makeAvailableTo'> & DeploymentOptions,
): TemplateSettings {
  const {
    softwareInstallationOutsideWindow: _,
    successAlert: __,
    timesByClientClock: ___,
    ...options
  } = optionsOf(deployment)
  return { purpose: deployment.purpose, makeAvailableTo: deployment.makeAvailableTo, ...options }
}
