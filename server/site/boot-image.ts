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
