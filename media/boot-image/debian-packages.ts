/**
 * Debian packages without installing them: the machine's own package sources and keys, but lists, downloads and
 * the record of what is installed in a folder of ours. Needs no privilege and changes nothing on the machine.
 * apt verifies what it fetches by the signatures of the archive (apt-secure(8)).
 */

import { execFile } from 'node:child_process'
import { mkdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { messageOf } from '../../server/caught-error.ts'

export interface DebianPackage {
  readonly name: string
  readonly version: string
  /** Name of the file as apt saves it. */
  readonly file: string
}

export interface PackageSource {
  /** As Debian names it: `amd64`, `arm64`. */
  readonly debianArchitecture: string
  readonly directory: string
  readonly onProgress: (message: string) => void
}

const run = promisify(execFile)
/** Lists are fetched again after this; security updates of the archive come several times a day. */
const listAgeMsMax = 12 * 3_600_000
const outputBytesMax = 64 * 1_048_576

/** The packages wanted and the packages they depend on, in the versions the machine's sources offer now. */
export async function resolvePackages(source: PackageSource, wanted: readonly string[]): Promise<DebianPackage[]> {
  await refreshLists(source)
  const { stdout } = await apt(source, [
    'apt-get',
    'install',
    '--print-uris',
    '--yes',
    '--quiet=2',
    '--no-install-recommends',
    ...wanted,
  ])
  return stdout.split('\n').flatMap((line) => {
    const file = /^'[^']+' (\S+\.deb) \d+ /.exec(line)?.[1]
    return file === undefined ? [] : [packageOfFile(file)]
  })
}

/** Those of the names that the machine's sources offer. */
export async function offeredPackages(source: PackageSource, names: readonly string[]): Promise<string[]> {
  if (names.length === 0) return []
  await refreshLists(source)
  const { stdout } = await apt(source, ['apt-cache', 'pkgnames'])
  const offered = new Set(stdout.split('\n'))
  return names.filter((name) => offered.has(name))
}

/** Paths of the packages' files, downloaded where they are not there yet. */
export async function downloadPackages(source: PackageSource, packages: readonly DebianPackage[]): Promise<string[]> {
  const directory = join(source.directory, 'packages')
  await mkdir(directory, { recursive: true })
  const present = await Promise.all(packages.map((each) => exists(join(directory, each.file))))
  const missing = packages.filter((_, index) => present[index] !== true)
  if (missing.length > 0) {
    source.onProgress(`downloading ${missing.length} packages`)
    // apt writes into the current folder, under the final name, before it has verified: hence the second folder.
    const partial = join(directory, `partial-${process.pid}`)
    await mkdir(partial, { recursive: true })
    await apt(
      source,
      ['apt-get', 'download', '--quiet=2', ...missing.map((each) => `${each.name}=${each.version}`)],
      partial,
    )
    await Promise.all(missing.map((each) => rename(join(partial, each.file), join(directory, each.file))))
    await rm(partial, { recursive: true })
  }
  return packages.map((each) => join(directory, each.file))
}

// By itself apt-get(8) reports success when no list at all could be fetched.
const anyFailureCounts = ['-o', 'APT::Update::Error-Mode=any']

async function refreshLists(source: PackageSource): Promise<void> {
  const stamp = join(source.directory, 'lists-fetched')
  const age = Date.now() - ((await stat(stamp).catch(() => undefined))?.mtimeMs ?? 0)
  if (age < listAgeMsMax) return
  await mkdir(join(source.directory, 'state', 'lists', 'partial'), { recursive: true })
  await mkdir(join(source.directory, 'cache', 'archives', 'partial'), { recursive: true })
  await writeFile(join(source.directory, 'status'), '')
  source.onProgress('fetching the lists of packages')
  try {
    await apt(source, ['apt-get', 'update', '--quiet=2', ...anyFailureCounts])
  } catch (error) {
    // A machine without a network goes on with the lists it has, and one broken source does not spoil the others. Where
    // nothing can be installed from what is there, the next command says so. It is tried again at the next call.
    source.onProgress(`not every list of packages could be fetched. ${messageOf(error)}`)
    return
  }
  await writeFile(stamp, '')
}

async function apt(
  source: PackageSource,
  [command = '', ...args]: readonly string[],
  cwd = source.directory,
): Promise<{ stdout: string }> {
  const settings = {
    'Dir::State': join(source.directory, 'state'),
    'Dir::State::status': join(source.directory, 'status'),
    'Dir::Cache': join(source.directory, 'cache'),
    'APT::Architecture': source.debianArchitecture,
    'APT::Architectures': source.debianArchitecture,
    'Acquire::Languages': 'none',
    // The helper user of apt may not enter a private folder; the process keeps its own user instead.
    'APT::Sandbox::User': '',
  }
  const options = Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`])
  try {
    return await run(command, [...options, ...args], {
      cwd,
      maxBuffer: outputBytesMax,
      env: { ...process.env, LC_ALL: 'C' },
    })
  } catch (cause) {
    throw new Error(`${command} ${args[0] ?? ''} failed: ${firstLines(cause)}`, { cause })
  }
}

/** The first complaint names the reason; those that follow repeat it for each package or list. */
function firstLines(cause: unknown): string {
  const said = cause instanceof Error && 'stderr' in cause ? String(cause.stderr).trim() : ''
  return said === '' ? String(cause) : said.split('\n').slice(0, 3).join('\n')
}

/** `name_version_architecture.deb`, with the colon of an epoch written as `%3a`. */
function packageOfFile(file: string): DebianPackage {
  const [name = '', version = ''] = file.split('_')
  return { name, version: decodeURIComponent(version), file }
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined
}

/** Unpacks packages over one another into a folder whose `/bin`, `/lib` … lead below `/usr`, as in an installed system. */
export async function unpackPackages(files: readonly string[], directory: string): Promise<void> {
  for (const name of ['bin', 'sbin', 'lib', 'lib64']) await mkdir(join(directory, 'usr', name), { recursive: true })
  await run('ln', ['-sfn', ...['bin', 'sbin', 'lib', 'lib64'].map((name) => `usr/${name}`), directory])
  for (const file of files) {
    await run('sh', [
      '-c',
      'dpkg-deb --fsys-tarfile "$1" | tar -x --keep-directory-symlink --no-same-owner -C "$2"',
      'sh',
      file,
      directory,
    ])
  }
}
