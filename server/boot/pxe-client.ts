/** Who is asking for a boot, in whatever way it came: proxyDHCP, port 4011, full DHCP, an iPXE script, UEFI HTTP boot. */

import type { MacAddress } from '../address/mac-address.ts'
import type { SmbiosGuid } from '../address/smbios-guid.ts'

export interface PxeClient {
  readonly macAddress: MacAddress
  /** Of its other cards, as an agent tells them. */
  readonly otherMacAddresses?: readonly MacAddress[]
  /** Absent when it was not sent, had the wrong form, or is one of the values that name no machine. */
  readonly smbiosGuid?: SmbiosGuid
  readonly serialNumber?: string
  readonly platform: Platform
  readonly stage: BootStage
}

/** What the machine can execute, from option 93 (wire/client-architecture.ts) or from iPXE's own report. */
export interface Platform {
  readonly architecture: 'x86' | 'x64' | 'arm32' | 'arm64' | 'other'
  readonly firmware: 'bios' | 'uefi'
  /** BIOS only: whether the processor runs 64-bit code, as iPXE found out. Absent: option 93 cannot tell (select-boot-image.ts). */
  readonly longMode?: boolean
  /** How the firmware fetches its first file. */
  readonly transport: 'tftp' | 'http'
  /** The number as it was sent, for messages. */
  readonly code: number
}

/** `firmware`: a ROM; `ipxe`: someone's iPXE; `ours`: the loader we gave it, so no second chain load (PX-15). */
export type BootStage = 'firmware' | 'ipxe' | 'ours'
