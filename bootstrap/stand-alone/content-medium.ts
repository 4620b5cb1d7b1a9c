/**
 * Content of a stand-alone medium by its hash (S7-005, S7-014, S7-041): on this volume, or on another one of the set, which is
 * asked for then. Kernel and initramfs are taken from where the medium starts. Whoever reads judges by the hash.
 */

import type { MediumReader } from '../../media/signed/verify-medium.ts'
import { mediumContentPath, type MediumManifest } from '../../server/contract/medium.ts'
import type { Sha256 } from '../../server/site/content.ts'
import type { ContentOnMedium } from '../download.ts'

/** What a run needs of the medium it began from. */
export interface RunMedium {
  /** Of the first volume, verified. */
  readonly manifest: MediumManifest
  /** Of the volume that is in the drive. */
  readonly reader: MediumReader
  readonly volumeOf: (sha256: Sha256) => number
  /** Asks for that volume until it is there, verified; false: nobody is there to change it. */
  readonly requireVolume: (number: number) => Promise<boolean>
}

export function contentOf(medium: RunMedium): ContentOnMedium {
  const { manifest } = medium
  return {
    open: async ({ sha256 }) => {
      const here = manifest.files.find((file) => file.sha256 === sha256)
      const number = here === undefined ? medium.volumeOf(sha256) : manifest.volume.number
      if (!(await medium.requireVolume(number))) return undefined
      return medium.reader.read(here?.path ?? mediumContentPath(sha256))
    },
  }
}
