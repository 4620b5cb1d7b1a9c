/**
 * Builds an operating system image: a small bootable Debian as a compressed archive of its root file system, which
 * the step Apply Operating System Image unpacks. It holds a kernel for virtual machines, systemd and its network
 * service, no keys, no passwords and no identity: those come when it is applied. mmdebstrap(1) does the work, as
 * root or in a user namespace. It is for demonstrations, tests, and as a start for one's own images.
 */

import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createReadStream, createWriteStream } from 'node:fs'
import { chmod, copyFile, mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { arch, getuid } from 'node:process'
import { pipeline } from 'node:stream/promises'
import { constants, createZstdCompress } from 'node:zlib'
import { machineSources, type MachineSources } from './machine-sources.ts'

export interface DebianRootOptions {
  /** By custom it ends in `.tar.zst`. */
  readonly outputFile: string
  readonly cacheDirectory: string
  /** Packages besides those that it needs to start and to be on a network. */
  readonly additionalPackages?: readonly string[]
  readonly onProgress: (message: string) => void
}

export interface DebianRootArchive {
  readonly file: string
  readonly bytes: number
  readonly sha256: string
  /** Packages that were asked for; what they depend on came with them. */
  readonly packages: readonly string[]
}

const customizeScript = join(import.meta.dirname, 'customize.sh')
/** Files carry this time at the latest, that of Debian 12, so that the time of the build does not show. */
const sourceDateSeconds = 1_686_355_200
/** Built anew after this, for the security updates since. */
const cacheAgeMsMax = 7 * 86_400_000
const compressionLevel = 6
/** Of a failed build, the last lines are the ones that say why. */
const logCharactersMax = 4_000

const basePackages = [
  'dbus',
  'e2fsprogs',
  'init',
  'iproute2',
  'kmod',
  'systemd',
  'systemd-resolved',
  'systemd-sysv',
  'udev',
  'zstd',
]
const kernelPackages: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  debian: { x64: 'linux-image-cloud-amd64', arm64: 'linux-image-cloud-arm64' },
  ubuntu: { x64: 'linux-image-virtual', arm64: 'linux-image-virtual' },
}
/** Documentation and translations are half of what a small system would weigh. */
const leftOut = [
  '/usr/share/man/*',
  '/usr/share/doc/*',
  '/usr/share/locale/*',
  '/usr/share/info/*',
  '/usr/share/lintian/*',
]

interface Build {
  readonly options: DebianRootOptions
  readonly sources: MachineSources
  readonly packages: readonly string[]
  readonly cached: string
}

export async function buildDebianRootArchive(options: DebianRootOptions): Promise<DebianRootArchive> {
  const sources = await machineSources()
  const kernel = kernelPackages[sources.distribution]?.[arch]
  if (kernel === undefined) throw new Error(`there is no recipe for ${sources.distribution} on ${arch}`)
  const packages = [...basePackages, kernel, ...(options.additionalPackages ?? [])].sort()
  const recipe = await Promise.all([customizeScript, import.meta.filename].map((file) => readFile(file, 'utf8')))
  const fingerprint = createHash('sha256')
    .update(JSON.stringify([sources, packages, recipe]))
    .digest('hex')
    .slice(0, 32)
  const cached = join(options.cacheDirectory, `debian-root-${fingerprint}.tar.zst`)
  if (await isFresh(cached)) options.onProgress('the operating system image is up to date')
  else await build({ options, sources, packages, cached })
  await mkdir(dirname(options.outputFile), { recursive: true })
  const partial = `${options.outputFile}.partial-${process.pid}`
  await copyFile(cached, partial)
  await rename(partial, options.outputFile)
  return { file: options.outputFile, bytes: (await stat(cached)).size, sha256: await sha256OfFile(cached), packages }
}

async function build({ options, sources, packages, cached }: Build): Promise<void> {
  await mkdir(options.cacheDirectory, { recursive: true })
  const work = await mkdtemp(join(options.cacheDirectory, 'debian-root-'))
  // Without root mmdebstrap changes to another user, who may not enter the home folder that the project may lie in.
  const open = await mkdtemp(join(tmpdir(), 'reveille-hook-'))
  try {
    await chmod(open, 0o755)
    const hook = join(open, 'customize.sh')
    await writeFile(hook, await readFile(customizeScript), { mode: 0o644 })
    options.onProgress(`installing ${packages.length} packages and what they depend on`)
    const partial = join(work, 'root.tar.zst')
    await installInto(partial, await mmdebstrapArguments({ sources, packages, work, hook }))
    await rename(partial, cached)
  } finally {
    await Promise.all([work, open].map(async (directory) => rm(directory, { recursive: true })))
  }
}

async function mmdebstrapArguments(given: {
  readonly sources: MachineSources
  readonly packages: readonly string[]
  readonly work: string
  readonly hook: string
}): Promise<string[]> {
  const files = await Promise.all(
    [given.sources.oneLine, given.sources.stanzas]
      .filter((text) => text !== '')
      .map(async (text, index) => {
        const file = join(given.work, `sources-${index}`)
        await writeFile(file, text)
        return file
      }),
  )
  return [
    '--quiet',
    '--variant=apt',
    `--mode=${getuid?.() === 0 ? 'root' : 'unshare'}`,
    '--format=tar',
    `--include=${given.packages.join(',')}`,
    ...leftOut.map((pattern) => `--dpkgopt=path-exclude=${pattern}`),
    '--dpkgopt=path-include=/usr/share/doc/*/copyright',
    // Nobody reads the archive as it is written: no need to wait for the disk after each package.
    '--dpkgopt=force-unsafe-io',
    '--aptopt=Acquire::Languages "none"',
    `--customize-hook=sh ${given.hook} "$1"`,
    given.sources.suite,
    '-',
    ...files,
  ]
}

/** Compresses what mmdebstrap writes to its output; the file is whole only when this resolves. */
async function installInto(file: string, words: readonly string[]): Promise<void> {
  const child = spawn('mmdebstrap', words, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, LC_ALL: 'C', SOURCE_DATE_EPOCH: String(sourceDateSeconds) },
  })
  let log = ''
  child.stderr.on('data', (chunk: Buffer) => {
    log = (log + chunk.toString()).slice(-logCharactersMax)
  })
  const exit = once(child, 'close')
  const compress = createZstdCompress({ params: { [constants.ZSTD_c_compressionLevel]: compressionLevel } })
  await pipeline(child.stdout, compress, createWriteStream(file))
  const [code]: unknown[] = await exit
  if (code !== 0) throw new Error(`mmdebstrap ended with ${String(code)}:\n${log}`)
}

async function isFresh(path: string): Promise<boolean> {
  const status = await stat(path).catch(() => undefined)
  return status !== undefined && Date.now() - status.mtimeMs < cacheAgeMsMax
}

async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  return hash.digest('hex')
}
