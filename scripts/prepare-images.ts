/** Builds the boot image and the demo's operating system where they are missing or old; instant when they are not. */

import { join } from 'node:path'
import type { BootImageVariant } from '../media/boot-image/boot-image-options.ts'
import { buildBootImage } from '../media/boot-image/build-boot-image.ts'
import { buildDebianRootArchive } from '../media/operating-system-image/build-debian-root-archive.ts'
import type { ContentFile } from '../server/site/content.ts'
import type { BuiltImage } from './lab/site-setup.ts'
import { root } from './root.ts'

const cacheDirectory = join(root, '.cache')
export const operatingSystemArchive = join(cacheDirectory, 'images/debian.tar.zst')

export function bootImageDirectory(variant: BootImageVariant): string {
  return join(cacheDirectory, 'images', `boot-image-x64-${variant}`)
}

/** `outputDirectory`: where the server looks for it; by default the cache, for tests and the demo. */
export async function prepareBootImage(
  variant: BootImageVariant,
  outputDirectory = bootImageDirectory(variant),
): Promise<BuiltImage> {
  const { files } = await buildBootImage({
    architecture: 'x64',
    variant,
    agentEntry: join(root, 'bootstrap/main.ts'),
    outputDirectory,
    cacheDirectory,
    onProgress: say,
  })
  return { directory: outputDirectory, files }
}

interface BuiltFiles {
  readonly files: readonly ContentFile[]
}

/** What `prepareBootImage` built before, without building. */
export async function readBuiltBootImage(directory: string): Promise<Omit<BuiltImage, 'files'> & BuiltFiles> {
  const { readFile } = await import('node:fs/promises')
  const { files } = JSON.parse(await readFile(join(directory, 'boot-image.json'), 'utf8')) as BuiltFiles
  return { directory, files }
}

/** For volumes of data, and their TPM: systemd looks for its libraries only when it needs them. */
const encryption = ['cryptsetup-bin', 'libtss2-esys-3.0.2-0', 'libtss2-rc0', 'libtss2-mu0', 'libtss2-tcti-device0']

export async function prepareOperatingSystem(): Promise<void> {
  await buildDebianRootArchive({
    outputFile: operatingSystemArchive,
    cacheDirectory,
    onProgress: say,
    additionalPackages: ['tzdata', ...encryption],
  })
}

function say(message: string): void {
  console.error(`reveille: ${message}`)
}
