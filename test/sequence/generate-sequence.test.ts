/** The five kinds of task sequence, as trees: the label, the type of the step, and its conditions. */

import test from 'ava'
import { parsePackageId, type PackageId } from '../../server/address/identifiers.ts'
import type { Condition } from '../../server/sequence/condition.ts'
import type { Action } from '../../server/sequence/step-types.ts'
import { parseSequence } from '../../server/sequence/parse-sequence.ts'
import { flattenNodes } from '../../server/sequence/progress.ts'
import { generateSequence } from '../../server/sequence/wizards/generate-sequence.ts'
import type {
  BuildAndCapture,
  Installation,
  UpgradeOperatingSystemOptions,
  WizardOptions,
} from '../../server/sequence/wizards/wizard-options.ts'
import { sequenceOf } from '../support/sequences.ts'

const installation: Installation = {
  name: 'Generated',
  description: '',
  imageId: id('RVL00004'),
  imageIndex: 1,
  system: 'linux',
  partitionDisk: true,
  productKey: '',
  serverLicenseMode: 'none',
  serverLicenseConnectionLimit: 5,
  network: { join: 'workgroup', workgroup: '' },
  installationProperties: '',
  updates: 'none',
  applications: [],
  continueOnFailure: false,
}

const install: WizardOptions = {
  ...installation,
  type: 'install-existing-image',
  captureNetworkSettings: true,
  captureWindowsSettings: true,
  userState: { keep: 'state-migration-point' },
}

const build: BuildAndCapture = {
  ...installation,
  type: 'build-and-capture',
  capture: { destination: '', account: '', password: '', creator: 'me', version: '1', description: 'Reference' },
}

const upgrade: UpgradeOperatingSystemOptions = {
  type: 'upgrade',
  name: 'Generated',
  description: '',
  to: { kind: 'package', upgradePackageId: id('RVL00007'), editionIndex: 1, productKey: '' },
  ignoreDismissibleMessages: false,
  updates: 'none',
  applications: [],
  continueOnFailure: false,
}

const generates = test.macro((t, options: WizardOptions, tree: string) => {
  t.is(`${printTree(options)}\n`, tree)
})

test(
  'S4-001 to S4-008: install an existing image, with everything chosen',
  generates,
  { ...install, updates: 'all', applications: [id('RVL00009')], driverPackageId: id('RVL00008') },
  `Capture File and Settings if _SMSTSInWinPE equals false
  Capture Windows Settings: capture-windows-settings
  Capture Network Settings: capture-network-settings
  Capture User Files and Settings
    Request User State Storage: request-state-store
    Capture User Files and Settings: capture-user-state
    Release User State Storage: release-state-store
Install Operating System
  Restart in Windows PE: restart-computer if _SMSTSInWinPE equals false
  Partition Disk 0 - BIOS: format-and-partition-disk if _SMSTSClientCache not-exists and _SMSTSBootUEFI not-equals true
  Partition Disk 0 - UEFI: format-and-partition-disk if _SMSTSClientCache not-exists and _SMSTSBootUEFI equals true
  Apply Operating System: apply-operating-system-image
  Apply Windows Settings: apply-windows-settings
  Apply Network Settings: apply-network-settings
  Apply Device Drivers: auto-apply-drivers if _SMSTSMediaType not-equals FullMedia
  Apply Driver Package: apply-driver-package
Setup Operating System
  Setup Windows and ConfigMgr: setup-windows-and-configmgr
  Install Updates: install-software-updates if _SMSTSMediaType not-equals FullMedia
  Install Applications: install-application
  Restore User Files and Settings
    Request User State Storage: request-state-store
    Restore User Files and Settings: restore-user-state
    Release User State Storage: release-state-store
`,
)
test(
  'S4-007: what was not chosen is left out',
  generates,
  {
    ...install,
    partitionDisk: false,
    captureNetworkSettings: false,
    captureWindowsSettings: false,
    userState: { keep: 'none' },
  },
  `Install Operating System
  Restart in Windows PE: restart-computer if _SMSTSInWinPE equals false
  Apply Operating System: apply-operating-system-image
  Apply Windows Settings: apply-windows-settings
  Apply Network Settings: apply-network-settings
  Apply Device Drivers: auto-apply-drivers if _SMSTSMediaType not-equals FullMedia
Setup Operating System
  Setup Windows and ConfigMgr: setup-windows-and-configmgr
`,
)
test(
  'S4-009 to S4-012: build and capture',
  generates,
  { ...build, network: { join: 'domain', domain: 'a.org', organizationalUnit: '', account: 'a', password: 'b' } },
  `Build the Reference Machine
  Restart in Windows PE: restart-computer if _SMSTSInWinPE equals false
  Partition Disk 0 - BIOS: format-and-partition-disk if _SMSTSClientCache not-exists and _SMSTSBootUEFI not-equals true
  Partition Disk 0 - UEFI: format-and-partition-disk if _SMSTSClientCache not-exists and _SMSTSBootUEFI equals true
  Apply Operating System: apply-operating-system-image
  Apply Windows Settings: apply-windows-settings
  Apply Network Settings: apply-network-settings
  Apply Device Drivers: auto-apply-drivers if _SMSTSMediaType not-equals FullMedia
  Setup Windows and Configuration Manager: setup-windows-and-configmgr
Capture the Reference Machine
  Prepare Configuration Manager Client: prepare-configmgr-client-for-capture
  Prepare OS: prepare-windows-for-capture
  Capture the Reference Machine: capture-operating-system-image
`,
)
test(
  'S4-013, S4-014: upgrade, whose groups depend on how it went',
  generates,
  upgrade,
  `Prepare for Upgrade
  Check Readiness: check-readiness
  Battery checks
  Network/wired connection checks
  Remove incompatible applications
  Remove incompatible drivers
  Remove/suspend third-party security
Upgrade the Operating System
  Upgrade Operating System: upgrade-operating-system
  Restart Computer: restart-computer
Post-Processing if _SMSTSLastActionSucceeded equals true and _SMSTSSetupRollback not-equals true
  Apply setup-based drivers
  Install/enable third-party security
  Set Windows default apps and associations
  Apply customizations and personalization
Rollback if _SMSTSSetupRollback equals true
Run actions on failure if _SMSTSLastActionSucceeded equals false
  Collect logs
  Run diagnostic tools
  Report the failure: run-command-line
`,
)
test(
  'S4-017: capture of user state into a folder of the machine',
  generates,
  {
    type: 'capture-and-restore-user-state',
    name: 'Generated',
    description: '',
    part: 'capture',
    userState: { keep: 'locally', folder: '/var/state', useHardLinks: true },
  },
  `Capture User Files and Settings
  Set Local State Location: set-task-sequence-variable
  Capture User Files and Settings: capture-user-state
`,
)
test(
  'S4-017, S4-018: restore of user state from the state migration point',
  generates,
  {
    type: 'capture-and-restore-user-state',
    name: 'Generated',
    description: '',
    part: 'restore',
    userState: { keep: 'state-migration-point' },
  },
  `Restore User Files and Settings
  Request User State Storage: request-state-store
  Restore User Files and Settings: restore-user-state
  Release User State Storage: release-state-store
`,
)
test('S4-019: a custom sequence has no steps', generates, { type: 'custom', name: 'Generated', description: '' }, '\n')

test('S4-010: a machine that is captured joins a workgroup, whatever was chosen', (t) => {
  const domain = { join: 'domain', domain: 'a.org', organizationalUnit: '', account: 'a', password: 'b' } as const
  const actions = flattenNodes(sequenceOf(generateSequence({ ...build, network: domain }))).flatMap(({ node }) =>
    node.kind === 'step' && node.action.type === 'apply-network-settings' ? [node.action] : [],
  )
  t.deepEqual(
    actions.map(({ joinType, domainName, password }) => [joinType, domainName, password]),
    [['workgroup', '', '']],
  )
})

test('S4-005: Windows gets the partitions that it starts from, and is applied to its own', (t) => {
  const actions = flattenNodes(sequenceOf(generateSequence({ ...install, system: 'windows' }))).flatMap(({ node }) =>
    node.kind === 'step' ? [node.action] : [],
  )
  const disks = actions.filter((action) => action.type === 'format-and-partition-disk')
  t.deepEqual(
    disks.map(({ diskType, partitions }) => [diskType, ...partitions.map(({ name, use }) => `${name} ${use}`)]),
    [
      ['mbr', 'System Reserved primary', 'Windows primary'],
      ['gpt', 'EFI efi', 'MSR msr', 'Windows primary'],
    ],
  )
  t.like(
    actions.find(({ type }) => type === 'apply-operating-system-image'),
    { destinationVariable: 'OSDisk' },
  )
})

test('S4-005: without partitioning, the image is told to take the place of the existing system', (t) => {
  for (const system of ['linux', 'windows'] as const) {
    const options = { ...install, system, partitionDisk: false }
    const apply = actionsOf(options).find(({ type }) => type === 'apply-operating-system-image')
    t.like(apply, { destinationVariable: '_OSDDetectedWinDrive' })
    const parsed = parseSequence(generateSequence(options))
    t.deepEqual(parsed.kind === 'valid' ? parsed.warnings : parsed.faults, [])
  }
})

test('S4-013: a Debian is upgraded to a release, in the same groups', (t) => {
  const release: UpgradeOperatingSystemOptions = { ...upgrade, to: { kind: 'release', release: 'trixie' } }
  t.is(printTree(release), printTree(upgrade))
  const [readiness, setup] = actionsOf(release)
  // S2-028: neither a client, nor in need of the room that a setup of Windows takes.
  t.like(readiness, { type: 'check-readiness', osType: 'not-checked', minimumDiskMegabytes: 0 })
  t.like(setup, { type: 'upgrade-operating-system', release: 'trixie', upgradePackageId: undefined })
  const [forWindows, ofPackage] = actionsOf(upgrade)
  t.like(forWindows, { osType: 'client', minimumDiskMegabytes: 20_480 })
  t.like(ofPackage, { release: '', upgradePackageId: id('RVL00007'), editionIndex: 1 })
})

test('S4-020: whatever is chosen makes a valid document, without a warning', (t) => {
  for (const system of ['linux', 'windows'] as const) {
    for (const options of [install, build].map((one) => ({ ...one, system }))) {
      const parsed = parseSequence(generateSequence(options))
      t.deepEqual(parsed.kind === 'valid' ? parsed.warnings : parsed.faults, [])
    }
  }
})

function actionsOf(options: WizardOptions): readonly Action[] {
  return flattenNodes(sequenceOf(generateSequence(options))).flatMap(({ node }) =>
    node.kind === 'step' ? [node.action] : [],
  )
}

function printTree(options: WizardOptions): string {
  return flattenNodes(sequenceOf(generateSequence(options)))
    .map(({ node, depth }) => {
      const type = node.kind === 'step' ? `: ${node.action.type}` : ''
      const condition = node.condition === undefined ? '' : ` if ${printCondition(node.condition)}`
      return `${'  '.repeat(depth)}${node.name}${type}${condition}`
    })
    .join('\n')
}

function printCondition(condition: Condition): string {
  if (condition.kind === 'variable') return `${condition.variable} ${condition.operator} ${condition.value}`.trim()
  return 'conditions' in condition
    ? condition.conditions.map((one) => printCondition(one)).join(' and ')
    : condition.kind
}

function id(text: string): PackageId {
  const parsed = parsePackageId(text)
  if (parsed === undefined) throw new Error(`${text} is no package id`)
  return parsed
}
