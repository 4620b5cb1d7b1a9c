/** What a machine boots before it has an operating system: kernel and initramfs, or a WIM. */

import type { ContentVersion } from './content.ts'
import type { PackageId } from '../address/identifiers.ts'

export const bootArchitectures = ['x86', 'x64', 'arm64'] as const
export type BootArchitecture = (typeof bootArchitectures)[number]

export interface BootImage {
  readonly id: PackageId
  readonly name: string
  readonly description: string
  readonly architecture: BootArchitecture
  readonly kind: 'linux' | 'winpe'
  /** "Deploy this boot image from the PXE-enabled distribution point" (S6-008). */
  readonly enabledForPxe: boolean
  /** Extra kernel arguments, `key` or `key=value` each, checked when stored (security B08). */
  readonly kernelArguments: readonly string[]
  /** Absent until content was added. */
  readonly content?: ContentVersion
  readonly revision: number
}

/**
 * Names of the files a Linux boot image's content holds. Loaders are optional: an architecture whose
 * loader is missing is refused with that reason, never given another's (boot/network-boot-program.ts).
 */
export const bootImageFiles = {
  kernel: 'vmlinuz',
  initramfs: 'initrd.img',
  biosLoader: 'loader/undionly.kpxe',
  uefiX64Loader: 'loader/snponly-x64.efi',
  uefiX86Loader: 'loader/snponly-x86.efi',
  uefiArm64Loader: 'loader/snponly-arm64.efi',
} as const

/** Names of what media start from. Those of GRUB for BIOS and the signed chain of one architecture come together, or none of them. */
export const mediaLoaderFiles = {
  /** Where a disc begins, in front of the core. */
  biosDisc: 'media/cdboot.img',
  /** First sectors of a stick, with FAT on it and with the image of a disc on it. */
  biosStick: 'media/boot.img',
  biosHybrid: 'media/boot_hybrid.img',
  biosCore: 'media/core.img',
  /** Signed by Microsoft's authority, by Debian, by Debian. */
  uefiX64Shim: 'media/shimx64.efi',
  uefiX64Grub: 'media/grubx64.efi',
  uefiX64Keys: 'media/mmx64.efi',
  uefiArm64Shim: 'media/shimaa64.efi',
  uefiArm64Grub: 'media/grubaa64.efi',
  uefiArm64Keys: 'media/mmaa64.efi',
} as const
