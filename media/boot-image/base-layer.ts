/**
 * The large part of an initramfs that changes only with packages: kernel modules, programs, libraries and the
 * Node runtime. It is a compressed archive of its own, kept in the cache. The kernel unpacks archives that follow
 * one another, so the small layer with the agent is simply put behind it (kernel: "initramfs buffer format").
 */

import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { systemErrorCode } from '../../server/caught-error.ts'
import type { BootImageArchitecture, BootImageVariant } from './boot-image-options.ts'
import { withoutSymbols } from './elf.ts'
import { ImageTree } from './image-tree.ts'
import {
  decodeKernelModule,
  printModuleAliases,
  printModuleDependencies,
  selectModules,
  type KernelModule,
} from './kernel-modules.ts'
import { moduleSelections } from './module-selection.ts'
import type { ArchiveEntry } from './newc-archive.ts'
import { packagedFiles, unwantedPaths } from './tool-selection.ts'

export interface BaseLayerParts {
  readonly architecture: BootImageArchitecture
  readonly variant: BootImageVariant
  /** Folder with all packages unpacked. */
  readonly root: string
  readonly kernelRelease: string
  readonly nodeFile: string
}

const machineNames = {
  x64: { triplet: 'x86_64-linux-gnu', loader: 'ld-linux-x86-64.so.2', loaderFolder: '/usr/lib64' },
  arm64: { triplet: 'aarch64-linux-gnu', loader: 'ld-linux-aarch64.so.1', loaderFolder: '/usr/lib' },
} as const satisfies Record<BootImageArchitecture, object>

/** The agent, its runtime and its libraries: a folder that also works in an installed system of any distribution. */
export const agentFolder = '/usr/lib/reveille'

export async function baseLayerEntries(parts: BaseLayerParts): Promise<ArchiveEntry[]> {
  const runtime = await runtimeTree(parts)
  const tree = new ImageTree()
  addSkeleton(tree)
  for (const { paths } of packagedFiles(parts.architecture, parts.variant)) {
    for (const path of paths) {
      await tree.copy(parts.root, path, (each) => !unwantedPaths.some((pattern) => pattern.test(each)))
    }
  }
  const { triplet, loader, loaderFolder } = machineNames[parts.architecture]
  // The programs of the image share the libraries of the runtime.
  for (const { name } of runtime.filter(({ kind, name }) => kind === 'file' && name.includes('/lib/reveille/lib/'))) {
    const target = `/${name}`
    tree.add(`/usr/lib/${triplet}/${name.slice(name.lastIndexOf('/') + 1)}`, { kind: 'link', target })
  }
  tree.add(`${loaderFolder}/${loader}`, { kind: 'link', target: `${agentFolder}/lib/${loader}` })
  await tree.addLibraries(join(parts.root, 'usr/lib', triplet), `/usr/lib/${triplet}`)
  await addModules(tree, parts)
  tree.add('/etc/ssl/certs/ca-certificates.crt', { kind: 'file', mode: 0o644, data: await certificates(parts.root) })
  for (const entry of runtime) tree.add(`/${entry.name}`, entry)
  return tree.entries()
}

async function runtimeTree(parts: BaseLayerParts): Promise<ArchiveEntry[]> {
  const { triplet, loader } = machineNames[parts.architecture]
  const libraries = join(parts.root, 'usr/lib', triplet)
  const tree = new ImageTree()
  tree.add(`${agentFolder}/node`, { kind: 'file', mode: 0o755, data: withoutSymbols(await readFile(parts.nodeFile)) })
  tree.add(`${agentFolder}/lib/${loader}`, { kind: 'file', mode: 0o755, data: await readFile(join(libraries, loader)) })
  await tree.addLibraries(libraries, `${agentFolder}/lib`)
  return tree.entries()
}

function addSkeleton(tree: ImageTree): void {
  for (const name of [
    'dev',
    'etc',
    'mnt',
    'proc',
    'root',
    'run',
    'sys',
    'tmp',
    'usr/bin',
    'usr/sbin',
    'usr/lib',
    'usr/lib64',
    'var',
  ]) {
    tree.add(`/${name}`, { kind: 'directory', mode: name === 'tmp' ? 0o1777 : 0o755 })
  }
  for (const name of ['bin', 'sbin', 'lib', 'lib64']) tree.add(`/${name}`, { kind: 'link', target: `usr/${name}` })
  tree.add('/usr/bin/sh', { kind: 'link', target: 'dash' })
  tree.add('/var/run', { kind: 'link', target: '/run' })
  tree.add('/etc/mtab', { kind: 'link', target: '/proc/self/mounts' })
  // The kernel opens the console for the first program before that program could make the node.
  tree.add('/dev/console', { kind: 'character-device', mode: 0o600, major: 5, minor: 1 })
  tree.add('/dev/null', { kind: 'character-device', mode: 0o666, major: 1, minor: 3 })
}

async function addModules(tree: ImageTree, parts: BaseLayerParts): Promise<void> {
  const folder = `/usr/lib/modules/${parts.kernelRelease}`
  const source = join(parts.root, folder)
  const paths = (await readdir(source, { recursive: true })).filter((path) => path.endsWith('.ko')).sort()
  const all: KernelModule[] = []
  for (const path of paths) all.push(decodeKernelModule(path, await readFile(join(source, path))))
  const modules = selectModules(all, moduleSelections[parts.variant])
  for (const { path } of modules) await tree.copy(parts.root, `${folder}/${path}`)
  const text = (name: string, value: string): void =>
    tree.add(`${folder}/${name}`, { kind: 'file', mode: 0o644, data: new TextEncoder().encode(value) })
  text('modules.dep', printModuleDependencies(modules))
  text('modules.alias', printModuleAliases(modules))
  await tree.copy(parts.root, `${folder}/modules.builtin`)
  const firmware = new Set(modules.flatMap((module) => module.firmware.map((name) => `/usr/lib/firmware/${name}`)))
  for (const path of [...firmware].sort()) {
    // What no offered package has is left out: the driver says on the console what it misses.
    await tree.copy(parts.root, path).catch((error: unknown) => {
      if (systemErrorCode(error) !== 'ENOENT') throw error
    })
  }
}

/** One file of all authorities, which the package would make when it is installed. */
async function certificates(root: string): Promise<Uint8Array> {
  const folder = join(root, 'usr/share/ca-certificates/mozilla')
  const names = (await readdir(folder)).sort()
  return Buffer.concat(await Promise.all(names.map((name) => readFile(join(folder, name)))))
}
