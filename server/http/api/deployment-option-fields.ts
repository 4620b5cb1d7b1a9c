/** The options of a deployment as the API takes and shows them; one that is not sent stays as it is (S5-028, S5-030, S5-036). */

import { z } from 'zod'
import {
  contentOptions,
  defaultDeploymentOptions,
  type DeploymentOptions,
  optionsOf,
} from '../../site/deployment-options.ts'

export const instant = z.number().int().nonnegative().max(8_640_000_000_000_000)
const percent = z.number().int().min(1).max(99)

const successAlert = z.strictObject({ belowPercent: percent, atMs: instant })
const failureAlert = z.strictObject({ abovePercent: percent })

const switches = {
  sendWakeUpPackets: 'Wake its machines when a required one is due (S5-016)',
  allowMeteredConnection: 'Clients start a required one over a metered connection, too',
  runIndependentlyOfAssignments: 'Somebody at the machine may start a required one before it is due',
  showTaskSequenceProgress: 'Whoever works at the machine can follow its steps',
  softwareInstallationOutsideWindow: 'Clients start a required one outside maintenance windows, too',
  systemRestartOutsideWindow: 'It may restart the installed system outside maintenance windows, too',
  timesByClientClock:
    'availableAtMs and expiresAtMs are times of each client’s own clock, written as if it stood in UTC: the same hour everywhere',
  useRemoteDistributionPoint: 'Distribution points that its machines are not near to serve them, too (S5-032)',
  useDefaultSiteDistributionPoint: 'So do the default ones of the site, when none is near; its own server always does',
  useDefaultDistributionPointGroups:
    'When it is made, its content goes to the default groups of its collection (S5-002)',
  distributeDependencies:
    'When it is made, what its content depends on goes there, too; without default groups, to wherever its content is',
  allowInternetClients: 'Clients start it from networks that are not the site’s own, too',
} as const

const notFromAShare = `is one of ${contentOptions.join(' and ')}; nothing is read from a share as it is used, because what is read so is never checked`

const draftSwitch = (description: string) => z.boolean().exactOptional().meta({ description })

/** Options of the wizard that a task sequence never has (S5-004), or that have no meaning here: each is refused with the reason. */
const neverHere = {
  deployWhetherOrNotUserIsLoggedOn:
    'a task sequence has no such option: what is required starts whether or not anybody is logged on',
  requireAdministratorApproval:
    'a task sequence has no such option: nobody requests it. For a second person’s approval of deployments to many machines see /start-guard/limits',
  commitChangesOnWriteFilterDevices:
    'there are no write filters on the systems whose clients start it: what it changes stays',
} as const

const refusedAlways = (reason: string) =>
  z
    .never({ error: reason })
    .exactOptional()
    .meta({ description: `Refused: ${reason}` })

export const refusedOptionDraft = {
  deployWhetherOrNotUserIsLoggedOn: refusedAlways(neverHere.deployWhetherOrNotUserIsLoggedOn),
  requireAdministratorApproval: refusedAlways(neverHere.requireAdministratorApproval),
  commitChangesOnWriteFilterDevices: refusedAlways(neverHere.commitChangesOnWriteFilterDevices),
} as const

export const deploymentOptionDraft = {
  sendWakeUpPackets: draftSwitch(switches.sendWakeUpPackets),
  allowMeteredConnection: draftSwitch(switches.allowMeteredConnection),
  runIndependentlyOfAssignments: draftSwitch(switches.runIndependentlyOfAssignments),
  showTaskSequenceProgress: draftSwitch(switches.showTaskSequenceProgress),
  softwareInstallationOutsideWindow: draftSwitch(switches.softwareInstallationOutsideWindow),
  systemRestartOutsideWindow: draftSwitch(switches.systemRestartOutsideWindow),
  allowInternetClients: draftSwitch(switches.allowInternetClients),
  timesByClientClock: draftSwitch(switches.timesByClientClock),
  useRemoteDistributionPoint: draftSwitch(switches.useRemoteDistributionPoint),
  useDefaultSiteDistributionPoint: draftSwitch(switches.useDefaultSiteDistributionPoint),
  useDefaultDistributionPointGroups: draftSwitch(switches.useDefaultDistributionPointGroups),
  distributeDependencies: draftSwitch(switches.distributeDependencies),
  contentOption: z.enum(contentOptions, { error: notFromAShare }).exactOptional().meta({
    description:
      'When clients fetch its content: each before the step that needs it, or all of it before the first step',
  }),
  successAlert: successAlert.nullable().exactOptional().meta({
    description: 'Alert when fewer than so many in a hundred have succeeded by then. Null: none',
  }),
  failureAlert: failureAlert.nullable().exactOptional().meta({
    description: 'Alert as soon as more than so many in a hundred have failed. Null: none',
  }),
} as const

const drafts = z.object(deploymentOptionDraft)

export const deploymentOptionView = {
  sendWakeUpPackets: z.boolean(),
  allowMeteredConnection: z.boolean(),
  runIndependentlyOfAssignments: z.boolean(),
  showTaskSequenceProgress: z.boolean(),
  softwareInstallationOutsideWindow: z.boolean(),
  systemRestartOutsideWindow: z.boolean(),
  allowInternetClients: z.boolean(),
  timesByClientClock: z.boolean(),
  contentOption: z.enum(contentOptions),
  useRemoteDistributionPoint: z.boolean(),
  useDefaultSiteDistributionPoint: z.boolean(),
  useDefaultDistributionPointGroups: z.boolean(),
  distributeDependencies: z.boolean(),
  successAlert: z.object({ belowPercent: z.number(), atMs: z.number() }).optional(),
  failureAlert: z.object({ abovePercent: z.number() }).optional(),
} as const

/** What was not sent is as it was, or as a new one has it. */
export function completedOptions(
  sent: z.output<typeof drafts>,
  current: DeploymentOptions = defaultDeploymentOptions,
): DeploymentOptions {
  return optionsOf({ ...current, ...sent })
}
