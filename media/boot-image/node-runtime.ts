/**
 * The Node binary for a boot image: the very package of npm that runs the server, pinned by package-lock.json. For
 * another architecture than the machine's own, npm fetches that package and the lock's hash decides about it.
 */

import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdir, readFile, rename, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { z } from 'zod'
import type { BootImageArchitecture } from './boot-image-options.ts'

const run = promisify(execFile)
const projectDirectory = join(import.meta.dirname, '..', '..')

const lockSchema = z.object({
  packages: z.record(z.string(), z.object({ version: z.string().optional(), integrity: z.string().optional() })),
})

export interface NodeRuntime {
  readonly version: string
  /** Path of the binary. */
  readonly file: string
}

export async function nodeRuntime(architecture: BootImageArchitecture, cacheDirectory: string): Promise<NodeRuntime> {
  const name = `node-linux-${architecture}`
  const lock = lockSchema.parse(JSON.parse(await readFile(join(projectDirectory, 'package-lock.json'), 'utf8')))
  const locked = lock.packages[`node_modules/${name}`]
  if (locked?.version === undefined || locked.integrity === undefined)
    throw new Error(`${name} is not in package-lock.json`)
  const installed = join(projectDirectory, 'node_modules', name, 'bin', 'node')
  const isInstalled = (await stat(installed).catch(() => undefined)) !== undefined
  const file = isInstalled
    ? installed
    : await fetchRuntime(`${name}@${locked.version}`, locked.integrity, cacheDirectory)
  return { version: locked.version, file }
}

async function fetchRuntime(specifier: string, integrity: string, cacheDirectory: string): Promise<string> {
  const directory = join(cacheDirectory, 'node', specifier)
  const file = join(directory, 'package', 'bin', 'node')
  if ((await stat(file).catch(() => undefined)) !== undefined) return file
  const partial = `${directory}-${process.pid}`
  await mkdir(partial, { recursive: true })
  const { stdout } = await run('npm', ['pack', specifier, '--silent', '--pack-destination', partial])
  const archive = join(partial, stdout.trim())
  const found = `sha512-${createHash('sha512')
    .update(await readFile(archive))
    .digest('base64')}`
  if (found !== integrity) throw new Error(`${specifier} is not what package-lock.json names`)
  await run('tar', ['-xzf', archive, '-C', partial, 'package/bin/node'])
  await rename(partial, directory)
  return file
}
