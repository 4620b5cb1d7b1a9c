/** An operating system to apply: for Linux an archive of its root file system, for Windows a WIM. */

import type { BootArchitecture } from './boot-image.ts'
import type { ContentVersion } from './content.ts'
import type { PackageId } from '../address/identifiers.ts'

export interface OperatingSystemImage {
  readonly id: PackageId
  readonly name: string
  readonly description: string
  readonly architecture: BootArchitecture
  /** `root-archive`: a tar file, plain or compressed with gzip, xz or zstd; `wim`: images of volumes (MS-WIM). */
  readonly format: 'root-archive' | 'wim'
  readonly content?: ContentVersion
  readonly revision: number
}

/** The one file of a root archive's content. */
export const rootArchiveFile = 'rootfs.tar'

/** The one file of a WIM's content. */
export const wimFile = 'image.wim'
