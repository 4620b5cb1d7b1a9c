/** What a caller may ask of the boot image builder, and what it gets back. */

import type { ContentFile } from '../../server/site/content.ts'

export const bootImageVariants = ['full', 'virtual'] as const
/** `full` for real machines; `virtual` is smaller, quicker to build, and drives virtual machines only. */
export type BootImageVariant = (typeof bootImageVariants)[number]
export type BootImageArchitecture = 'x64' | 'arm64'

export interface BootImageOptions {
  readonly architecture: BootImageArchitecture
  readonly variant: BootImageVariant
  /** The first module of the agent; it is bundled with all it imports. */
  readonly agentEntry: string
  /** Receives the files, each replaced at once, the manifest last. */
  readonly outputDirectory: string
  /** Downloads and finished layers, shared by all images; may be deleted at any time. */
  readonly cacheDirectory: string
  readonly onProgress: (message: string) => void
}

export interface BuiltBootImage {
  readonly files: readonly ContentFile[]
  readonly manifest: BootImageManifest
}

/** `boot-image.json` beside the files: what is in the image and of what it was made. */
export interface BootImageManifest {
  /** Of everything that determines the octets; a build with an equal one is not repeated. */
  readonly fingerprint: string
  readonly architecture: BootImageArchitecture
  readonly variant: BootImageVariant
  readonly kernelRelease: string
  readonly nodeVersion: string
  /** Symbols of the runtime are cut off by the builder itself, so the result does not depend on installed tools. */
  readonly nodeStripped: true
  readonly agentSha256: string
  readonly packages: readonly { readonly name: string; readonly version: string }[]
  /** Firmware packages that the machine's package sources do not offer (they are outside Debian's main section). */
  readonly absentFirmwarePackages: readonly string[]
  readonly uncompressedBytes: number
  readonly files: readonly ContentFile[]
}
