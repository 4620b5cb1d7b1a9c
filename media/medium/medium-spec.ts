/** What a medium is made of, before it is laid out; equal ones give equal octets. */

import type { MediumFile, MediumManifest } from '../../server/contract/medium.ts'
import type { ContentFile } from '../../server/site/content.ts'
import type { Layout } from '../layout/layout.ts'

export interface MediumSpec {
  readonly manifest: Omit<MediumManifest, 'files' | 'volume' | 'volumeOf' | 'image'>
  /** Of the boot image's content: kernel, initramfs and loaders, by their names in `site/boot-image.ts`. */
  readonly bootFiles: readonly ContentFile[]
  /** The boot image's own (`BootImage.kernelArguments`). */
  readonly kernelArguments: readonly string[]
  /** Of the site: 32 raw octets, base64. */
  readonly siteKey: string
  /** Octets that one disc may have (S7-014); absent: as many as it takes. */
  readonly volumeBytesMax?: number
}

/**
 * `iso`: a disc, which also starts written to a stick. `usb`: a stick with a FAT32 volume, which Windows shows as well. `disk`: a fixed
 * disk of a factory, whose rest stays free for the operating system; prestaged media alone.
 */
export const mediumFormats = ['iso', 'usb', 'disk'] as const
export type MediumFormat = (typeof mediumFormats)[number]

/** A file of a volume; extents of kind `source` name the SHA-256 of content. */
export interface PlannedFile extends MediumFile {
  readonly content: Layout
}

export interface PlannedVolume {
  /** From 1; the first one starts machines. */
  readonly number: number
  /** All but `Variables.dat`, the manifest and its signature; by path. */
  readonly files: readonly PlannedFile[]
}

export interface PlannedMedium {
  readonly kind: 'planned'
  readonly spec: MediumSpec
  readonly volumes: readonly PlannedVolume[]
  /** By SHA-256; empty where one volume has all. */
  readonly volumeOf: ReadonlyMap<string, number>
}

export interface RefusedMedium {
  readonly kind: 'refused'
  /** A sentence each, with what to do. */
  readonly faults: readonly string[]
}
