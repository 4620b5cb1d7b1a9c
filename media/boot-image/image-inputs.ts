/**
 * Everything that determines the octets of a boot image, and its fingerprint: packages with their versions, the
 * Node runtime, the agent, and the builder's own sources. Equal fingerprints, equal images.
 */

import { mkdir, readFile, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { bundleAgent } from './agent-bundle.ts'
import { sha256 } from './boot-image-manifest.ts'
import type { BootImageOptions } from './boot-image-options.ts'
import { offeredPackages, resolvePackages, type DebianPackage, type PackageSource } from './debian-packages.ts'
import { nodeRuntime, type NodeRuntime } from './node-runtime.ts'
import { firmwarePackages, otherPackages, packagedFiles } from './tool-selection.ts'

export interface ImageInputs {
  readonly options: BootImageOptions
  readonly source: PackageSource
  readonly packages: readonly DebianPackage[]
  readonly absentFirmwarePackages: readonly string[]
  readonly kernelRelease: string
  readonly node: NodeRuntime
  readonly agent: Uint8Array
}

/** Files that go into every image as they are: init and the settings of its helpers. */
export const overlayFolder = join(import.meta.dirname, 'root')

export async function gatherInputs(options: BootImageOptions): Promise<ImageInputs> {
  const debianArchitecture = options.architecture === 'x64' ? 'amd64' : 'arm64'
  const directory = join(options.cacheDirectory, `debian-${debianArchitecture}`)
  const source: PackageSource = { debianArchitecture, directory, onProgress: options.onProgress }
  await mkdir(directory, { recursive: true })
  const firmware = firmwarePackages[options.variant]
  const offered = await offeredPackages(source, firmware)
  const wanted = [
    ...packagedFiles(options.architecture, options.variant).map((each) => each.package),
    ...otherPackages[options.architecture],
    ...offered,
  ]
  const packages = usefulPackages(await resolvePackages(source, [...new Set(wanted)]), new Set(wanted))
  const [node, agent] = await Promise.all([
    nodeRuntime(options.architecture, options.cacheDirectory),
    bundleAgent(options.agentEntry),
  ])
  const absentFirmwarePackages = firmware.filter((name) => !offered.includes(name))
  return { options, source, packages, absentFirmwarePackages, kernelRelease: kernelRelease(packages), node, agent }
}

/** The base layer depends on all but the agent; `settings` are what else decides about its octets. */
export async function baseFingerprint(inputs: ImageInputs, settings: readonly number[]): Promise<string> {
  const { options, packages, node } = inputs
  const list = packages.map(({ name, version }) => `${name}=${version}`)
  const builder = await folderText(import.meta.dirname, false)
  return fingerprintOf([options.architecture, options.variant, ...settings.map(String), node.version, ...list, builder])
}

export async function imageFingerprint(inputs: ImageInputs, base: string): Promise<string> {
  return fingerprintOf([base, sha256(inputs.agent), await folderText(overlayFolder, true)])
}

/** Of what the packages wanted depend on, only libraries and the kernel matter: no script of a package runs. */
function usefulPackages(resolved: readonly DebianPackage[], wanted: ReadonlySet<string>): DebianPackage[] {
  return resolved
    .filter(({ name }) => wanted.has(name) || /^(lib(?!perl|python)|linux-image-\d|zlib1g)/.test(name))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}

function kernelRelease(packages: readonly DebianPackage[]): string {
  const release = packages.map(({ name }) => /^linux-image-(\d.*)$/.exec(name)?.[1]).find((each) => each !== undefined)
  if (release === undefined) throw new Error('the package sources of this machine have no kernel')
  return release
}

function fingerprintOf(parts: readonly string[]): string {
  return sha256(new TextEncoder().encode(JSON.stringify(parts))).slice(0, 32)
}

/** Names, modes and hashes of files. The builder's own sources count as its version, so nobody has to raise one. */
async function folderText(folder: string, recursive: boolean): Promise<string> {
  const lines: string[] = []
  for (const name of (await readdir(folder, { recursive })).sort()) {
    const status = await stat(join(folder, name))
    if (!status.isFile()) continue
    lines.push(`${name} ${(status.mode & 0o755).toString(8)} ${sha256(await readFile(join(folder, name)))}`)
  }
  return lines.join('\n')
}
