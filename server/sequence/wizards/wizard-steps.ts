/**
 * The steps that the wizard puts together, as documents (parse-sequence.ts makes task sequences of them), with the labels
 * of the source system (S4-001). What a page left at its default is left out.
 */

import type { Installation, UserState, WizardNetwork } from './wizard-options.ts'

/** A step or a group as it is written. */
export type WizardNode = Readonly<Record<string, unknown>>

interface ConditionDocument {
  readonly variable: string
  readonly operator: 'equals' | 'not-equals' | 'exists' | 'not-exists'
  readonly value?: string
}

export const inInstalledSystem: ConditionDocument = { variable: '_SMSTSInWinPE', operator: 'equals', value: 'false' }
/** S4-008: not from stand-alone media, which has no site to ask. */
const withSite: ConditionDocument = { variable: '_SMSTSMediaType', operator: 'not-equals', value: 'FullMedia' }
const withoutCache: ConditionDocument = { variable: '_SMSTSClientCache', operator: 'not-exists' }
const uefi: ConditionDocument = { variable: '_SMSTSBootUEFI', operator: 'equals', value: 'true' }
const bios: ConditionDocument = { variable: '_SMSTSBootUEFI', operator: 'not-equals', value: 'true' }

export function step(name: string, action: object, ...condition: readonly ConditionDocument[]): WizardNode {
  return { name, action, ...(condition.length === 0 ? {} : { condition }) }
}

export function group(
  name: string,
  children: readonly WizardNode[],
  ...condition: readonly ConditionDocument[]
): WizardNode {
  return { name, children, ...(condition.length === 0 ? {} : { condition }) }
}

/** The list with only those that were chosen (S4-007). */
export function chosen(...nodes: readonly (WizardNode | false | readonly WizardNode[])[]): readonly WizardNode[] {
  return nodes.flat().filter((node) => node !== false)
}

export function restartInWindowsPe(): WizardNode {
  return step('Restart in Windows PE', { type: 'restart-computer', target: 'boot-image' }, inInstalledSystem)
}

/** S4-005: a pair, of which each machine runs the one for its firmware. */
export function partitionDisk({ system }: Pick<Installation, 'system'>): readonly WizardNode[] {
  const [forBios, forUefi] = system === 'linux' ? linuxPartitions : windowsPartitions
  const partition = { type: 'format-and-partition-disk', diskNumber: 0 }
  return [
    step('Partition Disk 0 - BIOS', { ...partition, diskType: 'mbr', partitions: forBios }, withoutCache, bios),
    step('Partition Disk 0 - UEFI', { ...partition, diskType: 'gpt', partitions: forUefi }, withoutCache, uefi),
  ]
}

const linuxPartitions = [
  [{ name: 'System', use: 'primary', fileSystem: 'ext4', bootable: true }],
  [
    { name: 'EFI', use: 'efi', size: { megabytes: 512 } },
    { name: 'System', use: 'primary', fileSystem: 'ext4' },
  ],
] as const

/** Sizes of the source system's own templates. */
const windowsPartitions = [
  [
    { name: 'System Reserved', use: 'primary', fileSystem: 'ntfs', bootable: true, size: { megabytes: 500 } },
    { name: 'Windows', use: 'primary', fileSystem: 'ntfs', variable: 'OSDisk' },
  ],
  [
    { name: 'EFI', use: 'efi', size: { megabytes: 500 } },
    { name: 'MSR', use: 'msr', size: { megabytes: 128 } },
    { name: 'Windows', use: 'primary', fileSystem: 'ntfs', variable: 'OSDisk' },
  ],
] as const

/** A disk that is not divided anew has a system, and the image takes its place (S2-055). */
export function applyOperatingSystem({ imageId, imageIndex, system, partitionDisk: isNew }: Installation): WizardNode {
  const onNew = system === 'windows' ? { destinationVariable: 'OSDisk' } : {}
  const destination = isNew ? onNew : { destinationVariable: '_OSDDetectedWinDrive' }
  return step('Apply Operating System', { type: 'apply-operating-system-image', imageId, imageIndex, ...destination })
}

export function applyWindowsSettings(options: Installation): WizardNode {
  const { localAdminPassword, productKey, serverLicenseMode, serverLicenseConnectionLimit, system } = options
  const administrator = localAdminPassword === undefined ? {} : { randomAdminPassword: false, localAdminPassword }
  const licence = system === 'windows' ? { productKey, serverLicenseMode, serverLicenseConnectionLimit } : {}
  return step('Apply Windows Settings', { type: 'apply-windows-settings', ...licence, ...administrator })
}

export function applyNetworkSettings(network: WizardNetwork): WizardNode {
  const action = { type: 'apply-network-settings', joinType: network.join }
  if (network.join === 'workgroup') {
    return step('Apply Network Settings', { ...action, workgroupName: network.workgroup })
  }
  const { domain: domainName, organizationalUnit: ouName, account, password } = network
  return step('Apply Network Settings', { ...action, domainName, ouName, account, password })
}

export function applyDeviceDrivers(): WizardNode {
  return step('Apply Device Drivers', { type: 'auto-apply-drivers' }, withSite)
}

export function setupWindowsAndConfigMgr(
  name: string,
  { clientPackageId, installationProperties }: Pick<Installation, 'clientPackageId' | 'installationProperties'>,
): WizardNode {
  const client = clientPackageId === undefined ? {} : { clientPackageId }
  return step(name, { type: 'setup-windows-and-configmgr', ...client, installationProperties })
}

export function installUpdates({ updates }: Pick<Installation, 'updates'>): WizardNode | false {
  return updates !== 'none' && step('Install Updates', { type: 'install-software-updates', target: updates }, withSite)
}

export function installApplications({
  applications,
  continueOnFailure,
}: Pick<Installation, 'applications' | 'continueOnFailure'>): WizardNode | false {
  return (
    applications.length > 0 &&
    step('Install Applications', { type: 'install-application', applications, continueOnFailure })
  )
}

/** S4-017: with a state migration point it is asked for the store, and told when that is complete. */
export function captureUserState(userState: UserState): readonly WizardNode[] {
  if (userState.keep === 'none') return []
  const capture = {
    type: 'capture-user-state',
    ...packageOf(userState),
    ...(userState.keep === 'locally' ? { useHardLinks: userState.useHardLinks } : {}),
  }
  return withStore(userState, 'capture', step('Capture User Files and Settings', capture))
}

export function restoreUserState(userState: UserState): readonly WizardNode[] {
  if (userState.keep === 'none') return []
  const restore = step('Restore User Files and Settings', { type: 'restore-user-state', ...packageOf(userState) })
  return withStore(userState, 'restore', restore)
}

function withStore(
  userState: Exclude<UserState, { readonly keep: 'none' }>,
  purpose: 'capture' | 'restore',
  node: WizardNode,
): readonly WizardNode[] {
  if (userState.keep === 'locally') {
    const place = { type: 'set-task-sequence-variable', variable: 'OSDStateStorePath', value: userState.folder }
    return [step('Set Local State Location', place), node]
  }
  return [
    step('Request User State Storage', { type: 'request-state-store', purpose }),
    node,
    step('Release User State Storage', { type: 'release-state-store' }),
  ]
}

function packageOf({ packageId }: Exclude<UserState, { readonly keep: 'none' }>): object {
  return packageId === undefined ? {} : { packageId }
}
