/** All step types, in the order of the Add menu (S2). A new one is a file in step-types/ and a line here. */

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
import { formatAndPartitionDisk } from './step-types/format-and-partition-disk.ts'
import { restartComputer } from './step-types/restart-computer.ts'
import { runCommandLine } from './step-types/run-command-line.ts'
import { setTaskSequenceVariable } from './step-types/set-task-sequence-variable.ts'
import { setupWindowsAndConfigMgr } from './step-types/setup-windows-and-configmgr.ts'
import type { ActionOf, StepType } from './step-type.ts'

export const stepTypes = {
  'run-command-line': runCommandLine,
  'restart-computer': restartComputer,
  'set-task-sequence-variable': setTaskSequenceVariable,
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
  'setup-windows-and-configmgr': setupWindowsAndConfigMgr,
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
