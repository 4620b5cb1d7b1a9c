/** All step types, in the order of the Add menu (S2). A new one is a file in step-types/ and a line here. */

import { applyDataImage } from './step-types/apply-data-image.ts'
import { requestStateStore } from './step-types/request-state-store.ts'
import { captureUserState } from './step-types/capture-user-state.ts'
import { restoreUserState } from './step-types/restore-user-state.ts'
import { releaseStateStore } from './step-types/release-state-store.ts'
import { autoApplyDrivers } from './step-types/auto-apply-drivers.ts'
import { applyDriverPackage } from './step-types/apply-driver-package.ts'
import { captureNetworkSettings } from './step-types/capture-network-settings.ts'
import { captureWindowsSettings } from './step-types/capture-windows-settings.ts'
import { enableBitlocker } from './step-types/enable-bitlocker.ts'
import { disableBitlocker } from './step-types/disable-bitlocker.ts'
import { preProvisionBitlocker } from './step-types/pre-provision-bitlocker.ts'
import { convertDiskToDynamic } from './step-types/convert-disk-to-dynamic.ts'
import { applyNetworkSettings } from './step-types/apply-network-settings.ts'
import { applyOperatingSystemImage } from './step-types/apply-operating-system-image.ts'
import { applyWindowsSettings } from './step-types/apply-windows-settings.ts'
import { checkReadiness } from './step-types/check-readiness.ts'
import { connectToNetworkFolder } from './step-types/connect-to-network-folder.ts'
import { downloadPackageContent } from './step-types/download-package-content.ts'
import { formatAndPartitionDisk } from './step-types/format-and-partition-disk.ts'
import { installApplication } from './step-types/install-application.ts'
import { installPackage } from './step-types/install-package.ts'
import { installSoftwareUpdates } from './step-types/install-software-updates.ts'
import { joinDomainOrWorkgroup } from './step-types/join-domain-or-workgroup.ts'
import { captureOperatingSystemImage } from './step-types/capture-operating-system-image.ts'
import { installDeploymentTools } from './step-types/install-deployment-tools.ts'
import { prepareConfigMgrClientForCapture } from './step-types/prepare-configmgr-client-for-capture.ts'
import { prepareWindowsForCapture } from './step-types/prepare-windows-for-capture.ts'
import { restartComputer } from './step-types/restart-computer.ts'
import { runCommandLine } from './step-types/run-command-line.ts'
import { runPowershellScript } from './step-types/run-powershell-script.ts'
import { runTaskSequence } from './step-types/run-task-sequence.ts'
import { setDynamicVariables } from './step-types/set-dynamic-variables.ts'
import { setTaskSequenceVariable } from './step-types/set-task-sequence-variable.ts'
import { setupWindowsAndConfigMgr } from './step-types/setup-windows-and-configmgr.ts'
import { upgradeOperatingSystem } from './step-types/upgrade-operating-system.ts'
import type { ActionOf, StepType } from './step-type.ts'

export const stepTypes = {
  'run-command-line': runCommandLine,
  'run-powershell-script': runPowershellScript,
  'join-domain-or-workgroup': joinDomainOrWorkgroup,
  'connect-to-network-folder': connectToNetworkFolder,
  'restart-computer': restartComputer,
  'set-task-sequence-variable': setTaskSequenceVariable,
  'set-dynamic-variables': setDynamicVariables,
  'check-readiness': checkReadiness,
  'run-task-sequence': runTaskSequence,
  'install-application': installApplication,
  'install-package': installPackage,
  'install-software-updates': installSoftwareUpdates,
  'download-package-content': downloadPackageContent,
  'format-and-partition-disk': formatAndPartitionDisk,
  'convert-disk-to-dynamic': convertDiskToDynamic,
  'enable-bitlocker': enableBitlocker,
  'disable-bitlocker': disableBitlocker,
  'pre-provision-bitlocker': preProvisionBitlocker,
  'request-state-store': requestStateStore,
  'capture-user-state': captureUserState,
  'restore-user-state': restoreUserState,
  'release-state-store': releaseStateStore,
  'apply-operating-system-image': applyOperatingSystemImage,
  'apply-data-image': applyDataImage,
  'setup-windows-and-configmgr': setupWindowsAndConfigMgr,
  'install-deployment-tools': installDeploymentTools,
  'prepare-configmgr-client-for-capture': prepareConfigMgrClientForCapture,
  'prepare-windows-for-capture': prepareWindowsForCapture,
  'capture-operating-system-image': captureOperatingSystemImage,
  'upgrade-operating-system': upgradeOperatingSystem,
  'auto-apply-drivers': autoApplyDrivers,
  'apply-driver-package': applyDriverPackage,
  'capture-network-settings': captureNetworkSettings,
  'capture-windows-settings': captureWindowsSettings,
  'apply-network-settings': applyNetworkSettings,
  'apply-windows-settings': applyWindowsSettings,
} as const satisfies { readonly [Type in string]: StepType<Type> }

export type ActionType = keyof typeof stepTypes

/** What each step does, as data. Text may contain `%name%`, which the engine replaces before it is handed out (S1-060). */
export type Action<Type extends ActionType = ActionType> = Actions[Type]

type Actions = { readonly [Type in ActionType]: ActionOf<(typeof stepTypes)[Type]> }

export function isActionType(text: string): text is ActionType {
  return Object.hasOwn(stepTypes, text)
}

export function stepTypeOf(action: Action): StepType {
  return stepTypes[action.type]
}
