/**
 * The five kinds of task sequence that the wizard makes (S4): the published groups and steps in their order, with their
 * conditions. The result is a document like any other, which the caller checks (parse-sequence.ts) and people edit.
 */

import type {
  BuildAndCapture,
  CaptureAndRestoreUserState,
  InstallExistingImage,
  UpgradeOperatingSystemOptions,
  UpgradeTo,
  WizardOptions,
} from './wizard-options.ts'
import {
  applyDeviceDrivers,
  applyNetworkSettings,
  applyOperatingSystem,
  applyWindowsSettings,
  captureUserState,
  chosen,
  group,
  inInstalledSystem,
  installApplications,
  installUpdates,
  partitionDisk,
  restartInWindowsPe,
  restoreUserState,
  setupWindowsAndConfigMgr,
  step,
  type WizardNode,
} from './wizard-steps.ts'

export interface SequenceDocument {
  readonly name: string
  readonly description: string
  readonly children: readonly WizardNode[]
}

export function generateSequence(options: WizardOptions): SequenceDocument {
  const { name, description } = options
  return { name, description, children: childrenOf(options) }
}

function childrenOf(options: WizardOptions): readonly WizardNode[] {
  switch (options.type) {
    case 'install-existing-image':
      return installExistingImage(options)
    case 'build-and-capture':
      return buildAndCapture(options)
    case 'upgrade':
      return upgrade(options)
    case 'capture-and-restore-user-state':
      return userState(options)
    case 'custom':
      // S4-019: no steps.
      return []
    default:
      return options satisfies never
  }
}

/** S4, section 4.1. */
function installExistingImage(options: InstallExistingImage): readonly WizardNode[] {
  const { driverPackageId, captureWindowsSettings, captureNetworkSettings } = options
  const stateCapture = captureUserState(options.userState)
  const captures = chosen(
    captureWindowsSettings && step('Capture Windows Settings', { type: 'capture-windows-settings' }),
    captureNetworkSettings && step('Capture Network Settings', { type: 'capture-network-settings' }),
    stateCapture.length > 0 && group('Capture User Files and Settings', stateCapture),
  )
  const stateRestore = restoreUserState(options.userState)
  return chosen(
    captures.length > 0 && group('Capture File and Settings', captures, inInstalledSystem),
    group(
      'Install Operating System',
      chosen(
        restartInWindowsPe(),
        options.partitionDisk && partitionDisk(options),
        applyOperatingSystem(options),
        applyWindowsSettings(options),
        applyNetworkSettings(options.network),
        applyDeviceDrivers(),
        driverPackageId !== undefined &&
          step('Apply Driver Package', { type: 'apply-driver-package', packageId: driverPackageId }),
      ),
    ),
    group(
      'Setup Operating System',
      chosen(
        setupWindowsAndConfigMgr('Setup Windows and ConfigMgr', options),
        installUpdates(options),
        installApplications(options),
        stateRestore.length > 0 && group('Restore User Files and Settings', stateRestore),
      ),
    ),
  )
}

/** S4, section 4.2. A machine that is captured joins a workgroup, never a domain (S4-010). */
function buildAndCapture(options: BuildAndCapture): readonly WizardNode[] {
  const { destination, account, password, creator, version, description } = options.capture
  const workgroup = options.network.join === 'workgroup' ? options.network.workgroup : ''
  const capture = {
    type: 'capture-operating-system-image',
    destination,
    account,
    accountPassword: password,
    creator,
    version,
    description,
  }
  return [
    group(
      'Build the Reference Machine',
      chosen(
        restartInWindowsPe(),
        options.partitionDisk && partitionDisk(options),
        applyOperatingSystem(options),
        applyWindowsSettings(options),
        applyNetworkSettings({ join: 'workgroup', workgroup }),
        applyDeviceDrivers(),
        setupWindowsAndConfigMgr('Setup Windows and Configuration Manager', options),
        installUpdates(options),
        installApplications(options),
      ),
    ),
    group('Capture the Reference Machine', [
      step('Prepare Configuration Manager Client', { type: 'prepare-configmgr-client-for-capture' }),
      step('Prepare OS', { type: 'prepare-windows-for-capture' }),
      step('Capture the Reference Machine', capture),
    ]),
  ]
}

/** S4, section 4.3. Empty groups are places for the administrator's own steps. */
function upgrade(options: UpgradeOperatingSystemOptions): readonly WizardNode[] {
  const { to, ignoreDismissibleMessages } = options
  const empty = (name: string): WizardNode => group(name, [])
  const { kind, ...target } = to
  const setup = { type: 'upgrade-operating-system', ...target, ignoreDismissibleMessages }
  const rolledBack = { variable: '_SMSTSSetupRollback', operator: 'equals', value: 'true' } as const
  const notRolledBack = { ...rolledBack, operator: 'not-equals' } as const
  const succeeded = { variable: '_SMSTSLastActionSucceeded', operator: 'equals', value: 'true' } as const
  const failed = { ...succeeded, value: 'false' } as const
  return [
    group('Prepare for Upgrade', [
      step('Check Readiness', { type: 'check-readiness', ...readinessFor[kind] }),
      empty('Battery checks'),
      empty('Network/wired connection checks'),
      empty('Remove incompatible applications'),
      empty('Remove incompatible drivers'),
      empty('Remove/suspend third-party security'),
    ]),
    {
      ...group('Upgrade the Operating System', [
        step('Upgrade Operating System', setup),
        step('Restart Computer', { type: 'restart-computer', target: 'installed-system' }),
      ]),
      // S4-014: after a failure the groups for it come next.
      continueOnError: true,
    },
    group(
      'Post-Processing',
      chosen(
        empty('Apply setup-based drivers'),
        empty('Install/enable third-party security'),
        empty('Set Windows default apps and associations'),
        empty('Apply customizations and personalization'),
        installUpdates(options),
        installApplications(options),
      ),
      succeeded,
      notRolledBack,
    ),
    group('Rollback', [], rolledBack),
    group(
      'Run actions on failure',
      [
        empty('Collect logs'),
        empty('Run diagnostic tools'),
        // S1-031: the failure was absorbed above, and the run is to end with it.
        step('Report the failure', { type: 'run-command-line', commandLine: reportFailure }),
      ],
      failed,
    ),
  ]
}

/**
 * S2-028: room for an in-place upgrade of a 64-bit Windows, which is a client. A Debian is a server as a rule, and its
 * package manager finds out itself how much room the new release needs, before anything is changed.
 */
const readinessFor = {
  package: { minimumDiskMegabytes: 20_480, osType: 'client' },
  release: {},
} as const satisfies Record<UpgradeTo['kind'], object>

const reportFailure = 'echo "The upgrade failed with code %_SMSTSOSUpgradeActionReturnCode%." >&2; exit 1'

/** S4-017, S4-018. */
function userState({ part, userState: state }: CaptureAndRestoreUserState): readonly WizardNode[] {
  return part === 'capture'
    ? [group('Capture User Files and Settings', captureUserState(state))]
    : [group('Restore User Files and Settings', restoreUserState(state))]
}
