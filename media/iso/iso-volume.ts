/** What the image of a disc is made of. */

import type { CalendarTime } from '../layout/calendar-time.ts'
import type { MediaEntry } from '../layout/file-tree.ts'
import type { Layout } from '../layout/layout.ts'
import type { BiosLoader } from './el-torito.ts'

export interface IsoVolume {
  readonly entries: readonly MediaEntry[]
  /** Up to 32 characters of A to Z, 0 to 9, space and `_`; Joliet has the first 16. */
  readonly volumeId: string
  /** From 1900 to 2155. */
  readonly time: CalendarTime
  /** Absent: BIOS does not start from it. */
  readonly bios?: BiosStart
  /** A FAT volume with `EFI/BOOT`; absent: UEFI does not start from it. */
  readonly efi?: Layout
  /** Absent: for discs only. */
  readonly hybrid?: HybridDisk
}

export interface BiosStart {
  /** The loader, as its makers deliver it: it is told here where it lies. */
  readonly image: Uint8Array
  readonly loader: BiosLoader
  /** The same loader's first sector of a stick, which goes on with `image`. */
  readonly masterBootCode?: Uint8Array
}

/** GUIDs. */
export interface HybridDisk {
  readonly diskId: string
  readonly efiPartitionId: string
}
