/**
 * Builds a Linux boot image: kernel, initramfs with the agent, and network boot loaders, out of Debian packages and
 * the locked Node runtime. Needs no privilege. Equal packages, agent and builder give equal octets. What is in the
 * image and what its kernel command line understands is in media/README.md. Media (ISO, USB) are made elsewhere.
 */

import { readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { bootImageFiles } from '../../server/site/boot-image.ts'
import { agentFolder, baseLayerEntries } from './base-layer.ts'
import { readManifest, sha256, writeContent, writeManifest } from './boot-image-manifest.ts'
import type { BootImageManifest, BootImageOptions, BootImageVariant, BuiltBootImage } from './boot-image-options.ts'
import { downloadPackages, unpackPackages } from './debian-packages.ts'
import { baseFingerprint, gatherInputs, imageFingerprint, overlayFolder, type ImageInputs } from './image-inputs.ts'
import { ImageTree } from './image-tree.ts'
import { compressLayer } from './layer-compression.ts'
import { keepLoaders, loaderNames } from './loaders.ts'
import { encodeNewcArchive } from './newc-archive.ts'

/** All files of an image carry it: the day of Debian 12. No output depends on the time of the build. */
const sourceDateSeconds = 1_686_355_200
/** 19 makes the full image a ninth smaller than 12 would, for a minute and a half once per kernel update. */
const compressionLevels = { virtual: 3, full: 19 } as const satisfies Record<BootImageVariant, number>

export async function buildBootImage(options: BootImageOptions): Promise<BuiltBootImage> {
  const inputs = await gatherInputs(options)
  const baseName = await baseFingerprint(inputs, [compressionLevels[options.variant], sourceDateSeconds])
  const fingerprint = await imageFingerprint(inputs, baseName)
  const earlier = await readManifest(options.outputDirectory)
  if (earlier?.fingerprint === fingerprint) {
    options.onProgress('the boot image is up to date')
    return { files: earlier.files, manifest: earlier }
  }
  const base = await baseLayer(inputs, join(options.cacheDirectory, `base-${baseName}`))
  const tail = await agentLayer(inputs)
  options.onProgress('writing the boot image')
  const contents = new Map<string, Uint8Array>([
    [bootImageFiles.kernel, await readFile(join(base.directory, bootImageFiles.kernel))],
    [bootImageFiles.initramfs, joinLayers(await readFile(join(base.directory, 'base.zst')), tail.compressed)],
  ])
  for (const name of loaderNames(options.architecture)) {
    contents.set(name, await readFile(join(base.directory, name)))
  }
  const files = await Promise.all(
    [...contents].map(([name, data]) => writeContent(options.outputDirectory, name, data)),
  )
  const manifest: BootImageManifest = {
    fingerprint,
    architecture: options.architecture,
    variant: options.variant,
    kernelRelease: inputs.kernelRelease,
    nodeVersion: inputs.node.version,
    nodeStripped: true,
    agentSha256: sha256(inputs.agent),
    packages: inputs.packages.map(({ name, version }) => ({ name, version })),
    absentFirmwarePackages: inputs.absentFirmwarePackages,
    uncompressedBytes: base.uncompressedBytes + tail.uncompressedBytes,
    files,
  }
  await writeManifest(options.outputDirectory, manifest)
  return { files, manifest }
}

interface BaseLayer {
  readonly directory: string
  readonly uncompressedBytes: number
}

/** A folder of the cache, named by its inputs, so one that is there is right. */
async function baseLayer(inputs: ImageInputs, directory: string): Promise<BaseLayer> {
  if ((await stat(directory).catch(() => undefined)) === undefined) {
    const partial = `${directory}-partial-${process.pid}`
    try {
      await makeBaseLayer(inputs, partial)
      await rename(partial, directory)
    } finally {
      await rm(partial, { recursive: true, force: true })
    }
  }
  return { directory, uncompressedBytes: Number(await readFile(join(directory, 'uncompressed-bytes'), 'utf8')) }
}

async function makeBaseLayer(
  { options, source, packages, kernelRelease, node }: ImageInputs,
  directory: string,
): Promise<void> {
  const { architecture, variant, onProgress } = options
  const downloads = await downloadPackages(source, packages)
  const root = join(directory, 'unpacked')
  onProgress(`unpacking ${downloads.length} packages`)
  await unpackPackages(downloads, root)
  onProgress('choosing files')
  const entries = await baseLayerEntries({ architecture, variant, root, kernelRelease, nodeFile: node.file })
  const archive = encodeNewcArchive(entries, sourceDateSeconds)
  onProgress(`compressing ${Math.round(archive.length / 1_000_000)} MB`)
  await writeFile(join(directory, 'base.zst'), await compressLayer(archive, compressionLevels[variant]))
  await writeFile(join(directory, 'uncompressed-bytes'), String(archive.length))
  await rename(join(root, 'boot', `vmlinuz-${kernelRelease}`), join(directory, bootImageFiles.kernel))
  await keepLoaders(architecture, root, directory)
  await rm(root, { recursive: true })
}

interface AgentLayer {
  readonly compressed: Uint8Array
  readonly uncompressedBytes: number
}

async function agentLayer({ options, agent }: ImageInputs): Promise<AgentLayer> {
  const tree = new ImageTree()
  await tree.copy(overlayFolder, '/')
  tree.add(`${agentFolder}/agent.mjs`, { kind: 'file', mode: 0o644, data: agent })
  const name = `${options.architecture} ${options.variant} ${sha256(agent).slice(0, 12)}\n`
  tree.add('/etc/reveille-boot-image', { kind: 'file', mode: 0o644, data: new TextEncoder().encode(name) })
  const archive = encodeNewcArchive(tree.entries(), sourceDateSeconds)
  const compressed = await compressLayer(archive, compressionLevels[options.variant])
  return { compressed, uncompressedBytes: archive.length }
}

/** The kernel expects what follows an archive at a multiple of four, and skips zeros before it. */
function joinLayers(first: Uint8Array, second: Uint8Array): Uint8Array {
  return Buffer.concat([first, new Uint8Array(-first.length & 3), second])
}
