/**
 * Upgrades the installed Debian, or one of its kind, to another release (S2-065 in its Linux meaning). First everything that
 * can go wrong without changing the system: are its packages in order, do its sources have that release, can the upgrade be
 * worked out, is there room for what it downloads. Only then are the sources changed and the packages installed, without
 * questions, keeping changed settings as they are. Results are told with the codes of the setup of Windows (S2-066).
 */

import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { UpgradeOperatingSystem } from '../server/sequence/step-types/upgrade-operating-system.ts'
import { type CommandResult, runCommand } from './command.ts'
import { countChanges, moveSources, parseInstalledRelease } from './debian-release.ts'
import type { StepContext } from './step-context.ts'
import { listTargetFolder, readTargetFile, writeTargetFile } from './target-files.ts'
import { scanCodes } from './windows-upgrade.ts'

export interface UpgradeResult {
  readonly code: number
  /** Empty on success. */
  readonly message: string
}

/** Lists and sources of the trial, and the sources as they were. */
const upgradeFolder = 'var/lib/reveille/upgrade'

export async function upgradeDebian(action: UpgradeOperatingSystem, context: StepContext): Promise<UpgradeResult> {
  const { root } = context.target
  const installed = parseInstalledRelease(await readTargetFile(root, 'etc/os-release'))
  if (!installed.isDebian || installed.codename === '') {
    return {
      code: scanCodes.notEligible,
      message: 'this system is not Debian or of its kind, or does not say its release',
    }
  }
  if (installed.codename === action.release) return { code: scanCodes.noIssues, message: '' }
  const sources = await changedSources(root, installed.codename, action.release)
  if (sources.length === 0) {
    return { code: scanCodes.actionableIssues, message: `no source of packages names ${installed.codename}` }
  }
  const apt = new Apt(action, context)
  const folder = join(root, upgradeFolder)
  try {
    const issue = (await findIssue(apt, action)) ?? (await tryUpgrade(apt, { folder, sources, action }))
    if (issue !== undefined) return issue
    if (action.scanOnly) return { code: scanCodes.noIssues, message: '' }
    return await upgrade(apt, { root, sources })
  } finally {
    await rm(join(folder, 'trial'), { recursive: true, force: true })
  }
}

interface Source {
  /** Below the root. */
  readonly path: string
  readonly before: string
  readonly after: string
}

async function changedSources(root: string, from: string, to: string): Promise<readonly Source[]> {
  const parts = (await listTargetFolder(root, 'etc/apt/sources.list.d')).filter((name) =>
    /\.(?:list|sources)$/.test(name),
  )
  const paths = ['etc/apt/sources.list', ...parts.map((name) => `etc/apt/sources.list.d/${name}`)]
  const sources = await Promise.all(
    paths.map(async (path) => {
      const before = await readTargetFile(root, path)
      return { path, before, after: moveSources(before, from, to) }
    }),
  )
  return sources.some(({ before, after }) => before !== after) ? sources : []
}

/** apt-get(8) without a person in front of it. */
class Apt {
  readonly #context: StepContext
  readonly #signal: AbortSignal

  constructor({ timeoutMinutes }: UpgradeOperatingSystem, context: StepContext) {
    this.#context = context
    const limit = timeoutMinutes === 0 ? [] : [AbortSignal.timeout(timeoutMinutes * 60_000)]
    this.#signal = AbortSignal.any([context.signal, ...limit])
  }

  async run(program: 'apt-get' | 'apt-mark' | 'dpkg', ...words: readonly string[]): Promise<CommandResult> {
    return runCommand({
      program,
      arguments: words,
      environment: {
        DEBIAN_FRONTEND: 'noninteractive',
        NEEDRESTART_MODE: 'a',
        APT_LISTCHANGES_FRONTEND: 'none',
        LC_ALL: 'C',
      },
      signal: this.#signal,
      onLine: this.#context.output,
      redaction: () => this.#context.redactor.stream(),
    })
  }
}

async function findIssue(apt: Apt, action: UpgradeOperatingSystem): Promise<UpgradeResult | undefined> {
  const check = await apt.run('apt-get', 'check')
  if (check.exitCode !== 0) {
    return { code: scanCodes.actionableIssues, message: `the packages of this system are not in order: ${check.tail}` }
  }
  const held = (await apt.run('apt-mark', 'showhold')).stdout.trim()
  if (held === '' || action.ignoreDismissibleMessages) return undefined
  const names = held.split('\n').join(', ')
  return { code: scanCodes.actionableIssues, message: `packages are held, and would stay behind: ${names}` }
}

interface Trial {
  readonly folder: string
  readonly sources: readonly Source[]
  readonly action: UpgradeOperatingSystem
}

/** With lists and sources of its own, so that a failure leaves the system as it is. */
async function tryUpgrade(apt: Apt, { folder, sources, action }: Trial): Promise<UpgradeResult | undefined> {
  const trial = join(folder, 'trial')
  await rm(trial, { recursive: true, force: true })
  await mkdir(join(trial, 'lists/partial'), { recursive: true })
  for (const { path, after } of sources) {
    const place = join(trial, path)
    await mkdir(dirname(place), { recursive: true })
    await writeFile(place, after)
  }
  const there = [
    `Dir::Etc::sourcelist=${trial}/etc/apt/sources.list`,
    `Dir::Etc::sourceparts=${trial}/etc/apt/sources.list.d`,
    `Dir::State::lists=${trial}/lists`,
    'Dir::Cache::pkgcache=',
    'Dir::Cache::srcpkgcache=',
    'APT::Update::Error-Mode=any',
  ].flatMap((option) => ['-o', option])
  const update = await apt.run('apt-get', ...there, 'update')
  if (update.exitCode !== 0) {
    const message = `the sources of this system do not have ${action.release}: ${update.tail}`
    return { code: scanCodes.actionableIssues, message }
  }
  const simulation = await apt.run('apt-get', ...there, '--simulate', 'full-upgrade')
  if (simulation.exitCode !== 0) {
    return { code: scanCodes.actionableIssues, message: `the upgrade cannot be worked out: ${simulation.tail}` }
  }
  if (countChanges(simulation.stdout).installed === 0) {
    return { code: scanCodes.actionableIssues, message: `${action.release} has nothing newer for this system` }
  }
  // S2-065: a scan finds out, and brings nothing.
  if (action.scanOnly) return undefined
  const download = await apt.run('apt-get', ...there, '--yes', '--download-only', 'full-upgrade')
  return download.exitCode === 0 ? undefined : refusedDownload(download)
}

function refusedDownload({ tail }: CommandResult): UpgradeResult {
  const isFull = /enough free space|No space left/i.test(tail)
  return { code: isFull ? scanCodes.noDiskSpace : scanCodes.actionableIssues, message: `the download failed: ${tail}` }
}

interface Upgraded {
  readonly root: string
  readonly sources: readonly Source[]
}

/** From here on the system changes. A second try repairs what an installation script left half done. */
async function upgrade(apt: Apt, { root, sources }: Upgraded): Promise<UpgradeResult> {
  for (const { path, before, after } of sources) {
    if (before === after) continue
    const kept = join(root, upgradeFolder, 'before', path)
    await mkdir(dirname(kept), { recursive: true })
    await cp(join(root, path), kept)
    await writeTargetFile(root, path, after)
  }
  const update = await apt.run('apt-get', '-o', 'APT::Update::Error-Mode=any', 'update')
  if (update.exitCode !== 0) {
    for (const { path, before, after } of sources) if (before !== after) await writeTargetFile(root, path, before)
    return { code: scanCodes.actionableIssues, message: `the sources were put back: ${update.tail}` }
  }
  const settings = ['-o', 'Dpkg::Options::=--force-confdef', '-o', 'Dpkg::Options::=--force-confold']
  const words = [...settings, '--yes', 'full-upgrade']
  let result = await apt.run('apt-get', ...words)
  if (result.exitCode !== 0) {
    await apt.run('apt-get', ...settings, '--yes', '--fix-broken', 'install')
    result = await apt.run('apt-get', ...words)
  }
  if (result.exitCode === 0) return { code: 0, message: '' }
  const now = parseInstalledRelease(await readFile(join(root, 'etc/os-release'), 'utf8').catch(() => ''))
  return {
    code: result.exitCode,
    message: `the upgrade stopped on the way, and this system says it is ${now.codename}: ${result.tail}`,
  }
}
