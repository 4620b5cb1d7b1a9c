/**
 * The run as it survives a restart: the engine's `Run`, the ticket that buys the next run token, where the server is,
 * and the policy's list of content. Saved before effects are performed, whole or not at all. The reports that those
 * effects contain are saved with it, each with the number it will have in the journal: a kill between saving and
 * journaling neither loses nor doubles one.
 *
 * What never changes in a run, its sequence and its content, may have megabytes, and lies in a file of its own that is
 * written once. That file is named by its hash, and the file of the run says the name: a kill between the two leaves what
 * was there before.
 */

import { createHash } from 'node:crypto'
import { readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { DeploymentId, PackageId, RunId } from '../server/address/identifiers.ts'
import type { Hardware, PolicyContent, RunEventBody } from '../server/contract/agent.ts'
import { type MediumId, parseMediumId } from '../server/contract/medium.ts'
import type { Run } from '../server/sequence/run.ts'
import type { WindowSpan } from '../server/site/maximum-run-time.ts'
import type { TaskSequence } from '../server/sequence/task-sequence.ts'
import { hasTexts, isCount, isFields } from './decode-answer.ts'
import { makeOwnerOnlyFolder, readOwnFile, replaceFile } from './durable-file.ts'
import type { Journal } from './journal.ts'
import type { NetworkSettings } from './network.ts'
import type { Reporter } from './reporter.ts'
import type { ServerLocation } from './server-location.ts'
import { isPlainPath } from './target-files.ts'

export const runFileVersion = 2

/** Below the root of whatever system holds it. */
export const runFolder = 'var/lib/reveille/run'
/** Beside it: what steps fetched for this run. */
export const packagesFolder = 'packages'

export interface SavedRun {
  readonly version: number
  readonly savedAtMs: number
  readonly runId: RunId
  /** Absent: it began from a medium, which no deployment stands for (S7-027). */
  readonly deploymentId?: DeploymentId
  /** Empty: there is no site that would take it. */
  readonly resumeTicket: string
  readonly server: ServerLocation
  /** Of the machine the run belongs to: a disk that was moved does not resume on another one. */
  readonly machine: MachineMark
  readonly content: readonly PolicyContent[]
  /** S1-049; absent: no. */
  readonly highPerformancePowerPlan?: boolean
  /** S5-028; absent: no. */
  readonly hidesProgress?: boolean
  /** S5-030: its first step fetches all content; absent: it does not. */
  readonly downloadsFirst?: boolean
  /** Somebody is still to say yes to what it erases, so another start of the agent does not go on with it; absent: it may run. */
  readonly unconfirmed?: true
  /** S1-075: its first step, but for that one, is the program that runs first, and success is remembered; absent: it has none. */
  readonly programFirstOf?: PackageId
  /** S9-017; absent: it restarts the installed system at any time. */
  readonly restartWindows?: readonly WindowSpan[]
  /** The start of the system in which the engine said what is next: a restart that it asked for is over once there is another. */
  readonly bootId?: string
  /** Of a run that was started from a medium; absent: it was not. */
  readonly medium?: SavedMedium
  readonly run: Run
  readonly reports: readonly RunEventBody[]
  /** Number of the first of `reports` in the journal. */
  readonly firstReport: number
}

/** A run from stand-alone or capture media has none: nobody hears of it. */
export function hasSite({ deploymentId }: Pick<SavedRun, 'deploymentId'>): boolean {
  return deploymentId !== undefined
}

export interface SavedMedium {
  readonly mediumId: MediumId
  /** Which one of the runs that this medium began on this machine it is (medium/start-mark.ts). */
  readonly startOrder: number
  /** As somebody set it; absent: by DHCP. */
  readonly network?: NetworkSettings
}

export type MachineMark = Pick<Hardware, 'smbiosGuid' | 'macAddresses'>

/** Far above the largest sequence with the largest environment (32 MiB). */
const runFileBytesMax = 128 * 1024 * 1024

/** The run in one folder, which nobody else writes. */
export class RunFile {
  readonly #folder: string
  #fixed: FixedPart | undefined
  #fixedName = ''

  constructor(folder: string) {
    makeOwnerOnlyFolder(folder)
    this.#folder = folder
  }

  save(saved: SavedRun): void {
    const { content, run, ...rest } = saved
    const { sequence, ...changing } = run
    if (this.#fixed?.sequence !== sequence || this.#fixed.content !== content) this.#saveFixed({ sequence, content })
    replaceFile(runFilePath(this.#folder), JSON.stringify({ ...rest, run: changing, fixed: this.#fixedName }))
    // Those of an earlier run are needed until this one is there.
    for (const name of fixedNames(this.#folder)) if (name !== this.#fixedName) rmSync(join(this.#folder, name))
  }

  #saveFixed(fixed: FixedPart): void {
    const text = JSON.stringify(fixed)
    this.#fixedName = fixedNameOf(text)
    replaceFile(join(this.#folder, this.#fixedName), text)
    this.#fixed = fixed
  }
}

interface FixedPart {
  readonly sequence: TaskSequence
  readonly content: readonly PolicyContent[]
}

const fixedName = /^fixed-[0-9a-f]{64}\.json$/

function fixedNameOf(text: string | Buffer): string {
  return `fixed-${createHash('sha256').update(text).digest('hex')}.json`
}

function fixedNames(folder: string): readonly string[] {
  return readdirSync(folder).filter((name) => fixedName.test(name))
}

/** Undefined when there is none, or none that this version of the agent wrote for root alone. */
export function loadRun(folder: string): SavedRun | undefined {
  try {
    const { fixed, run, ...rest } = readFields(runFilePath(folder))
    if (typeof fixed !== 'string' || !fixedName.test(fixed) || !isFields(run)) return undefined
    const { sequence, content } = readFields(join(folder, fixed), fixed)
    return decodeSavedRun({ ...rest, content, run: { ...run, sequence } })
  } catch {
    return undefined
  }
}

function readFields(path: string, name?: string): Readonly<Record<string, unknown>> {
  const octets = readOwnFile(path, runFileBytesMax)
  if (octets === undefined || (name !== undefined && fixedNameOf(octets) !== name)) throw new Error(`no ${path}`)
  const value: unknown = JSON.parse(octets.toString('utf8'))
  if (!isFields(value)) throw new Error(`nothing in ${path}`)
  return value
}

/** From a disk: a folder of it that is a link may lead into the running system. */
export function loadRunBelow(root: string): SavedRun | undefined {
  return isPlainPath(root, runFolder) ? loadRun(join(root, runFolder)) : undefined
}

/**
 * The journal, which holds no secret, is kept for whoever looks into it, out of the way of the next start. The run with
 * its ticket, its steps and its secrets serves nobody any more.
 */
export function putAside(folder: string): void {
  rmSync(runFilePath(folder), { force: true })
  for (const name of fixedNames(folder)) rmSync(join(folder, name))
  rmSync(`${folder}.refused`, { recursive: true, force: true })
  renameSync(folder, `${folder}.refused`)
}

/** The run is over: nothing of it stays on the disk. */
export function removeRun(folder: string): void {
  rmSync(folder, { recursive: true, force: true })
}

export function runFilePath(folder: string): string {
  return join(folder, 'run.json')
}

/** Journals those reports of the saved run that a kill kept from the journal. */
export function completeReports(saved: SavedRun, journal: Journal, reporter: Reporter): void {
  const journaled = Math.max(0, journal.last - saved.firstReport + 1)
  for (const report of saved.reports.slice(journaled)) reporter.record(report)
}

/** The SMBIOS identifier decides when both have one; otherwise any card in common. */
export function isSameMachine(one: MachineMark, other: MachineMark): boolean {
  if (one.smbiosGuid !== undefined && other.smbiosGuid !== undefined) return one.smbiosGuid === other.smbiosGuid
  return one.macAddresses.some((address) => other.macAddresses.includes(address))
}

/** A list of variables: the record that earlier versions wrote is a run that they have to finish. */
function isRun(run: unknown): boolean {
  if (!isFields(run) || !isFields(run['state']) || !isFields(run['environment'])) return false
  if (!isFields(run['sequence'])) return false
  return Array.isArray(run['environment']['variables'])
}

function isOfMedium(medium: unknown): boolean {
  return isFields(medium) && parseMediumId(String(medium['mediumId'])) !== undefined
}

function decodeSavedRun(value: unknown): SavedRun | undefined {
  if (!isFields(value) || value['version'] !== runFileVersion || !isCount(value['firstReport'])) return undefined
  if (!hasTexts(value, 'runId', 'resumeTicket') || !isCount(value['savedAtMs'])) return undefined
  if (!hasTexts(value, 'deploymentId') && !isOfMedium(value['medium'])) return undefined
  const { machine, run } = value
  const isGood = isFields(machine) && Array.isArray(machine['macAddresses']) && isRun(run)
  const lists = [value['server'], value['content'], value['reports']]
  return isGood && lists.every(Array.isArray) ? (value as unknown as SavedRun) : undefined
}
