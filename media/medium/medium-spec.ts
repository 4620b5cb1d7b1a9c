/** What a medium is made of, and in which formats there is an image of it. */

import type { MediumManifest } from '../../server/contract/medium.ts'
import type { ContentFile } from '../../server/site/content.ts'

export interface MediumSpec {
  // what determines the octets of a medium, but its Variables.dat
  readonly manifest: Omit<MediumManifest, 'files' | 'volume' | 'volumeOf'>
  /** Files of the boot image's content version (kernel, initramfs, media loaders), by name as in site/boot-image.ts bootImageFiles. */
  readonly bootFiles: readonly ContentFile[]
  readonly kernelArguments: readonly string[]
  /** Octets one ISO may have (S7-014); absent: no limit. */
  readonly volumeBytesMax?: number
}

export type MediumFormat = 'iso' | 'usb'
