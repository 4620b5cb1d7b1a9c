/**
 * What a device's agent told of the machine when it last said hello. Hints, never proof (security A06): queries of collections
 * read them, and they identify nobody.
 */

import type { ClientOperatingSystem } from '../address/client-platform.ts'
import type { BootArchitecture } from './boot-image.ts'

export interface Inventory {
  readonly architecture: BootArchitecture
  readonly firmware: 'bios' | 'uefi'
  readonly secureBoot: boolean
  /** Names of those whose loaders the firmware starts with Secure Boot on, such as Microsoft UEFI CA 2023. */
  readonly secureBootAuthorities?: readonly string[]
  /** The card the machine booted from comes first; as they were told. */
  readonly macAddresses: readonly string[]
  readonly smbiosGuid?: string
  readonly serialNumber?: string
  readonly manufacturer?: string
  readonly model?: string
  /** SMBIOS 3.7, section 7.4.1; such as 3 for a desktop. */
  readonly chassisType?: number
  /** Of the installed system the client ran in, by its os-release; absent: it ran in the boot image, or did not tell. */
  readonly operatingSystem?: ClientOperatingSystem
  /** Of the clock of that system, such as 60 for an hour before UTC. */
  readonly utcOffsetMinutes?: number
  /** Its addresses, each with the length of its prefix, such as `10.1.2.3/24`. */
  readonly ipv4Networks?: readonly string[]
  /** Whether what goes over its connection costs money, as that system sees it (S5-017); absent: nobody knows. */
  readonly meteredConnection?: boolean
  readonly memoryBytes: number
  readonly disks: readonly InventoryDisk[]
}

export interface InventoryDisk {
  /** Kernel name, such as `sda`. */
  readonly name: string
  readonly bytes: number
  readonly model?: string
  readonly removable: boolean
}

export interface KeptInventory extends Inventory {
  /** When it was told, to within ten minutes when nothing changed. Milliseconds since the epoch. */
  readonly heardAtMs: number
  readonly ipAddress: string
  readonly startedFrom: 'boot-image' | 'installed-system' | 'media'
}
