/**
 * What the pages of the wizard "Create task sequence" ask for (S4-002, S4-009, S4-013, S4-017, S4-019). What the source
 * system asks about Windows only (product key, licences) is asked here too, and left out where the image is Linux.
 */

import type { PackageId } from '../../address/identifiers.ts'

export type WizardOptions =
  | InstallExistingImage
  | BuildAndCapture
  | UpgradeOperatingSystemOptions
  | CaptureAndRestoreUserState
  | CustomSequence

interface Named {
  readonly name: string
  readonly description: string
}

/** The pages that an installation has, whether its image is captured again or not. */
export interface Installation extends Named {
  readonly imageId: PackageId
  readonly imageIndex: number
  /** How the disk is divided follows from the system in the image. */
  readonly system: 'linux' | 'windows'
  readonly partitionDisk: boolean
  readonly productKey: string
  readonly serverLicenseMode: 'none' | 'per-seat' | 'per-server'
  readonly serverLicenseConnectionLimit: number
  /** Absent: a random password, and disabled. */
  readonly localAdminPassword?: string
  readonly network: WizardNetwork
  readonly clientPackageId?: PackageId
  readonly installationProperties: string
  readonly updates: 'none' | 'mandatory' | 'all'
  readonly applications: readonly PackageId[]
  readonly continueOnFailure: boolean
}

export type WizardNetwork =
  | { readonly join: 'workgroup'; readonly workgroup: string }
  | {
      readonly join: 'domain'
      readonly domain: string
      readonly organizationalUnit: string
      readonly account: string
      readonly password: string
    }

export interface InstallExistingImage extends Installation {
  readonly type: 'install-existing-image'
  readonly captureNetworkSettings: boolean
  readonly captureWindowsSettings: boolean
  readonly userState: UserState
  /** Chosen drivers of a package, besides those the site finds. */
  readonly driverPackageId?: PackageId
}

/** Where the files of users stay meanwhile (S4-003); `none`: they are not kept. */
export type UserState =
  | { readonly keep: 'none' }
  | { readonly keep: 'state-migration-point'; readonly packageId?: PackageId }
  | {
      readonly keep: 'locally'
      readonly packageId?: PackageId
      readonly folder: string
      readonly useHardLinks: boolean
    }

export interface BuildAndCapture extends Installation {
  readonly type: 'build-and-capture'
  readonly capture: {
    /** Empty: the image becomes one of the site. */
    readonly destination: string
    readonly account: string
    readonly password: string
    readonly creator: string
    readonly version: string
    readonly description: string
  }
}

export interface UpgradeOperatingSystemOptions extends Named {
  readonly type: 'upgrade'
  readonly to: UpgradeTo
  readonly ignoreDismissibleMessages: boolean
  readonly updates: Installation['updates']
  readonly applications: readonly PackageId[]
  readonly continueOnFailure: boolean
}

/** A Windows is upgraded by the setup of a package, a Debian and its kind by the release that it moves to. */
export type UpgradeTo =
  | {
      readonly kind: 'package'
      readonly upgradePackageId: PackageId
      readonly editionIndex: number
      readonly productKey: string
    }
  | { readonly kind: 'release'; readonly release: string }

export interface CaptureAndRestoreUserState extends Named {
  readonly type: 'capture-and-restore-user-state'
  readonly part: 'capture' | 'restore'
  readonly userState: Exclude<UserState, { readonly keep: 'none' }>
}

export interface CustomSequence extends Named {
  readonly type: 'custom'
}
