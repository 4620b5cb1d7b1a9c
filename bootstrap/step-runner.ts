/**
 * From the type of an action to what performs it, and from whatever happens there to the one event that the engine
 * expects. A fault of the world (a disk, a program, the network) is a failed step with its reason; a fault of ours
 * (an assertion) is not caught.
 */

import { AssertionError } from '../server/assert.ts'
import type { Action, ActionType } from '../server/sequence/step-types.ts'
import type { Effect } from '../server/sequence/effect.ts'
import type { SequenceEvent } from '../server/sequence/event.ts'
import { type StepContext, StepFailed, type StepResult, type StepRunner, stepSucceeded } from './step-context.ts'
import { applyDataImage } from './steps/apply-data-image.ts'
import { applyNetworkSettings } from './steps/apply-network-settings.ts'
import { applyOperatingSystemImage } from './steps/apply-operating-system-image.ts'
import { applyWindowsSettings } from './steps/apply-windows-settings.ts'
import { checkReadiness } from './steps/check-readiness.ts'
import { connectToNetworkFolder } from './steps/connect-to-network-folder.ts'
import { downloadPackageContent } from './steps/download-package-content.ts'
import { formatAndPartitionDisk } from './steps/format-and-partition-disk.ts'
import { installApplication } from './steps/install-application.ts'
import { installPackage } from './steps/install-package.ts'
import { installSoftwareUpdates } from './steps/install-software-updates.ts'
import { joinDomainOrWorkgroup } from './steps/join-domain-or-workgroup.ts'
import { captureOperatingSystemImage } from './steps/capture-operating-system-image.ts'
import { installDeploymentTools } from './steps/install-deployment-tools.ts'
import { prepareConfigMgrClientForCapture } from './steps/prepare-configmgr-client-for-capture.ts'
import { prepareWindowsForCapture } from './steps/prepare-windows-for-capture.ts'
import { runCommandLine } from './steps/run-command-line.ts'
import { runPowershellScript } from './steps/run-powershell-script.ts'
import { setDynamicVariables } from './steps/set-dynamic-variables.ts'
import { setupWindowsAndConfigMgr } from './steps/setup-windows-and-configmgr.ts'
import { upgradeOperatingSystem } from './steps/upgrade-operating-system.ts'

/** The engine performs `set-task-sequence-variable` and `restart-computer` itself; nothing is left to do for them. */
const nothingToDo = async (): Promise<StepResult> => stepSucceeded

/** The steps of the other task sequence stand in its place when a run starts. */
const neverPerformed = async (): Promise<StepResult> => {
  throw new StepFailed('Run Task Sequence is replaced by the other sequence before a run starts, and here it was not')
}

type Table = { readonly [Type in ActionType]: StepRunner<Action<Type>> }

const table: Table = {
  'run-command-line': runCommandLine,
  'run-powershell-script': runPowershellScript,
  'join-domain-or-workgroup': joinDomainOrWorkgroup,
  'connect-to-network-folder': connectToNetworkFolder,
  'restart-computer': nothingToDo,
  'set-task-sequence-variable': nothingToDo,
  'set-dynamic-variables': setDynamicVariables,
  'check-readiness': checkReadiness,
  'run-task-sequence': neverPerformed,
  'install-application': installApplication,
  'install-package': installPackage,
  'install-software-updates': installSoftwareUpdates,
  'download-package-content': downloadPackageContent,
  'format-and-partition-disk': formatAndPartitionDisk,
  'apply-operating-system-image': applyOperatingSystemImage,
  'setup-windows-and-configmgr': setupWindowsAndConfigMgr,
  'apply-data-image': applyDataImage,
  'install-deployment-tools': installDeploymentTools,
  'prepare-configmgr-client-for-capture': prepareConfigMgrClientForCapture,
  'prepare-windows-for-capture': prepareWindowsForCapture,
  'capture-operating-system-image': captureOperatingSystemImage,
  'upgrade-operating-system': upgradeOperatingSystem,
  'apply-network-settings': applyNetworkSettings,
  'apply-windows-settings': applyWindowsSettings,
}

export type RunStep = Extract<Effect, { readonly kind: 'run-step' }>

/** `limit` fires at the step's time limit, and only then; the context's signal fires at it too. */
export async function runStep(step: RunStep, context: StepContext, limit: AbortSignal): Promise<SequenceEvent> {
  const result = await perform(step.action, context).catch((error: unknown) => failureOf(error, context))
  if (limit.aborted) return { kind: 'step-timed-out' }
  return { kind: 'step-ended', ...result }
}

async function perform<Type extends ActionType>(
  action: Action<Type> & { readonly type: Type },
  context: StepContext,
): Promise<StepResult> {
  const runner: StepRunner<Action<Type>> = table[action.type]
  return runner(action, context)
}

function failureOf(error: unknown, context: StepContext): StepResult {
  if (error instanceof AssertionError || !(error instanceof Error)) throw error
  const exitCode = error instanceof StepFailed ? error.exitCode : 1
  return { exitCode, message: context.redactor.redact(error.message), variables: [] }
}
