/** Every write of the store by name: what the main thread asks for, and the writer runs. */

import type { Lease } from '../../dhcp/lease.ts'
import { writeLeases } from '../rows/lease-rows.ts'
import { addSession, approveSession, useSession } from './agent-sessions.ts'
import { acknowledgeAlert, settleAlerts } from './alerts.ts'
import { approveDeployment } from './approve-deployment.ts'
import { resumeCanary } from './canary-rings.ts'
import { collectionKind } from './collection-edits.ts'
import { addContent } from './content-edits.ts'
import {
  applicationKind,
  driverPackageKind,
  operatingSystemUpgradePackageKind,
  packageKind,
} from './content-object-edits.ts'
import { addToken, removeToken, setAdministrator, useToken } from './credentials.ts'
import { addDebugCommand } from './debugged-runs.ts'
import { deploymentKind } from './deployment-edits.ts'
import { deploymentTemplateKind } from './deployment-template-edits.ts'
import {
  assignContent,
  keepPointReport,
  makePointToken,
  removeAssignedContent,
  requestValidation,
} from './distribution.ts'
import { distributionPointGroupKind, distributionPointKind } from './distribution-point-edits.ts'
import { keepInventory } from './device-inventories.ts'
import { clearRequiredPxeDeployments, deviceKind } from './device-edits.ts'
import { creating, removing, replacing } from './edit-object.ts'
import { discardEditLock, takeEditLock } from './edit-locks.ts'
import { importDevices } from './import-devices.ts'
import { listIdentifier, unlistIdentifier } from './listed-identifiers.ts'
import { mergeDevices } from './merge-devices.ts'
import { splitDevice } from './split-device.ts'
import { changeSiteSettings } from './site-settings.ts'
import { endOverdueRuns } from './end-overdue-runs.ts'
import { bootImageKind, operatingSystemImageKind } from './image-edits.ts'
import { observe } from './lanes.ts'
import { addMedium, changeMedium, noteMediumUse, removeMedium } from './media.ts'
import { addEvents } from './run-events.ts'
import { limitStarts, noteClientHeard, noteOccasions, turnStartSwitch } from './start-guard.ts'
import { noteRunTokenUse, resumeRun, startRun, useRunToken } from './runs.ts'
import {
  amendTaskSequence,
  copyTaskSequence,
  createTaskSequence,
  removeTaskSequence,
  replaceTaskSequence,
} from './task-sequence-edits.ts'
import { taskSequenceFolderKind } from './task-sequence-folder-edits.ts'
import { abandonSilentRuns } from './abandon-silent-runs.ts'
import { forgetExpired } from './forget-expired.ts'
import { forgetStrangers } from './forget-strangers.ts'
import { addStateStore, changeStateStore, forgetStateStores } from './state-stores.ts'
import { clearCollection } from './clear-collection-marks.ts'
import { clearUnknownComputer } from './unknown-computer-marks.ts'
import { noteWokenUp } from './wake-ups.ts'
import type { Writing } from './writing.ts'

export const commands = {
  createDevice: creating(deviceKind),
  replaceDevice: replacing(deviceKind),
  removeDevice: removing(deviceKind),
  importDevices,
  mergeDevices,
  splitDevice,
  keepInventory,
  createCollection: creating(collectionKind),
  replaceCollection: replacing(collectionKind),
  removeCollection: removing(collectionKind),
  createBootImage: creating(bootImageKind),
  replaceBootImage: replacing(bootImageKind),
  removeBootImage: removing(bootImageKind),
  createOperatingSystemImage: creating(operatingSystemImageKind),
  replaceOperatingSystemImage: replacing(operatingSystemImageKind),
  removeOperatingSystemImage: removing(operatingSystemImageKind),
  createTaskSequence,
  replaceTaskSequence,
  removeTaskSequence,
  amendTaskSequence,
  copyTaskSequence,
  takeEditLock,
  discardEditLock,
  createTaskSequenceFolder: creating(taskSequenceFolderKind),
  replaceTaskSequenceFolder: replacing(taskSequenceFolderKind),
  removeTaskSequenceFolder: removing(taskSequenceFolderKind),
  createOperatingSystemUpgradePackage: creating(operatingSystemUpgradePackageKind),
  replaceOperatingSystemUpgradePackage: replacing(operatingSystemUpgradePackageKind),
  removeOperatingSystemUpgradePackage: removing(operatingSystemUpgradePackageKind),
  createPackage: creating(packageKind),
  replacePackage: replacing(packageKind),
  removePackage: removing(packageKind),
  createDriverPackage: creating(driverPackageKind),
  replaceDriverPackage: replacing(driverPackageKind),
  removeDriverPackage: removing(driverPackageKind),
  createApplication: creating(applicationKind),
  replaceApplication: replacing(applicationKind),
  removeApplication: removing(applicationKind),
  createDeployment: creating(deploymentKind),
  replaceDeployment: replacing(deploymentKind),
  removeDeployment: removing(deploymentKind),
  createDeploymentTemplate: creating(deploymentTemplateKind),
  replaceDeploymentTemplate: replacing(deploymentTemplateKind),
  removeDeploymentTemplate: removing(deploymentTemplateKind),
  createDistributionPoint: creating(distributionPointKind),
  replaceDistributionPoint: replacing(distributionPointKind),
  removeDistributionPoint: removing(distributionPointKind),
  createDistributionPointGroup: creating(distributionPointGroupKind),
  replaceDistributionPointGroup: replacing(distributionPointGroupKind),
  removeDistributionPointGroup: removing(distributionPointGroupKind),
  makePointToken,
  assignContent,
  removeAssignedContent,
  requestValidation,
  keepPointReport,
  addContent,
  clearRequiredPxeDeployments,
  clearCollection,
  clearUnknownComputer,
  changeSiteSettings,
  listIdentifier,
  unlistIdentifier,
  turnStartSwitch,
  limitStarts,
  noteClientHeard,
  noteOccasions,
  resumeCanary,
  approveDeployment,
  noteWokenUp,
  saveLeases: ({ tx }: Writing, leases: readonly Lease[]) => writeLeases(tx, leases),
  setAdministrator,
  addToken,
  useToken,
  removeToken,
  addSession,
  useSession,
  approveSession,
  startRun,
  useRunToken,
  noteRunTokenUse,
  resumeRun,
  addEvents,
  observe,
  forgetExpired,
  forgetStrangers,
  abandonSilentRuns,
  endOverdueRuns,
  addStateStore,
  changeStateStore,
  forgetStateStores,
  addDebugCommand,
  settleAlerts,
  acknowledgeAlert,
  addMedium,
  changeMedium,
  removeMedium,
  noteMediumUse,
} as const

export type CommandName = keyof typeof commands
export type CommandInput<Name extends CommandName> = Parameters<(typeof commands)[Name]>[1]
export type CommandOutput<Name extends CommandName> = Awaited<ReturnType<(typeof commands)[Name]>>
