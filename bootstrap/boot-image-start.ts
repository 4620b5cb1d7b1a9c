/**
 * The agent in the boot image: goes on with an unfinished run of this machine, or lets a deployment be chosen and starts
 * it. A failure is reported, shown, and handed back; only a restart or a success leaves this file by restarting.
 */

import { join } from 'node:path'
import { valueOf } from '../server/sequence/environment.ts'
import type { RestartTarget } from '../server/sequence/run.ts'
import { errorDialogSeconds } from '../server/sequence/progress-text.ts'
import { pause } from './back-off.ts'
import { checkBeforeStart } from './check-before-start.ts'
import { chooseDeployment } from './choose-deployment.ts'
import { type MachineConsole, readLine } from './console.ts'
import { Fault } from './fault.ts'
import { formattedPartitionsVariable, parseFormattedPartitions, systemPartition } from './formatted-partitions.ts'
import { findUnfinishedRun, mountUnfinishedRun } from './find-unfinished-run.ts'
import { writeMediumMark } from './medium/medium-mark.ts'
import { writeStartMark } from './medium/start-mark.ts'
import { runPostAction } from './post-action.ts'
import { afterRefusal, type RefusalWaits } from './refused-start.ts'
import { restartFromBootImage } from './restart.ts'
import { hasSite, loadRun, loadRunBelow, putAside, runFolder, type SavedRun } from './run-file.ts'
import { RunKeeper } from './run-keeper.ts'
import { flushBeforeRestartMs, type Machine, RunSession, ramRunFolder } from './run-session.ts'
import type { RunHome } from './run-home.ts'
import { siteHome } from './site-home.ts'
import { removeStagedBootImage } from './stage-boot-image.ts'
import { startChosen } from './start-chosen.ts'
import { readMountedDevices, TargetSystem } from './target-system.ts'
import type { ManagerEnd } from './task-sequence-manager.ts'
import type { PageParts } from './wizard/page.ts'

const targetRoot = '/target'

export interface BootImageStart {
  readonly machine: Machine
  /** 0 waits for ever. */
  readonly chooseSeconds: number
  /** How long it waits after the server refused what was to start. */
  readonly refusalWaits: RefusalWaits
  /** Where pages are shown and read; absent: console and keyboard of the machine. */
  readonly pages?: PageParts
}

export type BootImageEnd =
  /** The run failed or may not go on; the error stays for so many seconds where the site wants that (`SMSTSErrorDialogTimeout`). */
  | { readonly kind: 'stays'; readonly errorSeconds: number | undefined }
  /** Somebody went back from the list to the pages before it. */
  | { readonly kind: 'previous' }

/** Returns when nothing runs; a success or a restart never returns. */
export async function runInBootImage(start: BootImageStart): Promise<BootImageEnd> {
  const { machine } = start
  const { console } = machine
  console.say(`Reveille agent ${machine.hello.agentVersion}, server ${machine.server.join(', ') || 'unknown'}`)
  return (await resumeInBootImage(machine)) ?? (await startInBootImage(start))
}

/** Undefined: there is no run to go on with. */
export async function resumeInBootImage(machine: Machine, whose: Whose = ofTheSite): Promise<BootImageEnd | undefined> {
  const session = await findSession(machine, whose)
  return session === undefined ? undefined : perform(session, machine)
}

/** A deployment that is chosen, and what becomes of it. */
export async function startInBootImage(start: BootImageStart): Promise<BootImageEnd> {
  const started = await startSession(start)
  return started instanceof RunSession ? perform(started, start.machine) : started
}

export async function perform(session: RunSession, machine: Machine): Promise<BootImageEnd> {
  const isNew = session.keeper.saved.run.state.kind === 'not-started'
  const end = await session.go(isNew ? { kind: 'start' } : { kind: 'resumed', where: machine.where })
  await finishInBootImage(session, end, machine)
  await session.target.unmountAll()
  const { environment } = session.keeper.saved.run
  return { kind: 'stays', errorSeconds: end.kind === 'ended' ? errorDialogSeconds(environment) : undefined }
}

/** The error was on the screen for as long as the site wants. */
export async function restartAfterError(): Promise<never> {
  return restartFromBootImage(new TargetSystem(targetRoot, () => {}))
}

/** Which runs are gone on with here, and how: those of the site, or of the medium that the machine was started from. */
export interface Whose {
  readonly isOurs: (saved: SavedRun) => boolean
  readonly home: (machine: Machine, keeper: RunKeeper) => RunHome
}

const ofTheSite: Whose = {
  isOurs: hasSite,
  home: siteHome,
}

/** A run that this agent, or this machine before its restart, had begun. */
async function findSession(machine: Machine, whose: Whose): Promise<RunSession | undefined> {
  const { isOurs } = whose
  const inMemory = ramRunFolder(machine.scratchFolder)
  const onTarget = join(targetRoot, runFolder)
  const kept = loadRun(inMemory)
  // Somebody is asked again.
  if (kept !== undefined && kept.unconfirmed !== true && isOurs(kept)) {
    return tryToResume(machine, { folder: inMemory, saved: kept, device: await mountedTarget(), whose })
  }
  const moved = loadRunBelow(targetRoot)
  if (moved !== undefined && isOurs(moved)) {
    return tryToResume(machine, { folder: onTarget, saved: moved, device: await mountedTarget(), whose })
  }
  const look = join(machine.scratchFolder, 'look')
  const found = await findUnfinishedRun(machine.disks, { machine: machine.hello.hardware, isOurs }, look)
  if (found === undefined) return undefined
  await mountUnfinishedRun(found.device, targetRoot)
  return tryToResume(machine, { folder: onTarget, saved: found.saved, device: found.device, whose })
}

/** Still mounted when the agent itself was started again, without the machine. */
async function mountedTarget(): Promise<string | undefined> {
  return [...(await readMountedDevices())].find(([, place]) => place === targetRoot)?.[0]
}

interface Found {
  readonly folder: string
  readonly saved: SavedRun
  readonly device: string | undefined
  readonly whose: Whose
}

async function tryToResume(machine: Machine, { folder, saved, device, whose }: Found): Promise<RunSession | undefined> {
  const session = sessionFor(machine, new RunKeeper(folder, saved), whose)
  if (device !== undefined) session.target.adopt(device)
  machine.console.say(`Going on with the run of "${saved.run.sequence.name}"`)
  try {
    await session.resume()
    // Before anything can restart the machine again.
    if (device !== undefined) await removeStagedBootImage(targetRoot)
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    machine.console.say(`The earlier run is not continued. ${error.message}`)
    session.reporter.close()
    session.keeper.journal.close()
    putAside(folder)
    await session.target.unmountAll()
    return undefined
  }
  if (isUnheardRestart(session)) await tellAndRestart(session, machine)
  return session
}

/**
 * On its way to the installed system, the machine was sent here by a server that had not heard of that: it was away then,
 * and back too soon. It is so at most once, because a restart that the server has heard of is in no journal.
 */
function isUnheardRestart({ keeper }: RunSession): boolean {
  const { state } = keeper.saved.run
  const isOnItsWay = state.kind === 'restarting' && state.target === 'installed-system'
  return isOnItsWay && hasSite(keeper.saved) && keeper.journal.unacknowledged(1).length > 0
}

async function tellAndRestart(session: RunSession, { console }: Machine): Promise<void> {
  console.say(
    'The server has not heard yet that this machine goes on in its installed system; told, it restarts again.',
  )
  await session.reporter.allKept()
  // Refused, it is not told: the run ends in its usual way.
  if (session.reporter.isRefused) return
  session.reporter.close()
  session.keeper.journal.close()
  await restartFromBootImage(session.target)
}

/** No session when a deployment that started by itself cannot run (S1-073). */
async function startSession({
  machine,
  chooseSeconds,
  refusalWaits,
  pages,
}: BootImageStart): Promise<RunSession | BootImageEnd> {
  const { managementPoint, hello, console } = machine
  for (let failures = 1; ; failures += 1) {
    const parts = pages ?? machinePages(machine, chooseSeconds)
    const chosen = await chooseDeployment({
      ...parts,
      hello: (isAwaited) => managementPoint.hello(hello, isAwaited),
      hasPrevious: machine.fromMedium !== undefined && !isUnattended(machine),
      isUnattended: isUnattended(machine),
    })
    if (chosen.kind === 'nobody-chose') return restartForNobody(console)
    if (chosen.kind === 'previous') return chosen
    try {
      const folder = ramRunFolder(machine.scratchFolder)
      const session = sessionFor(
        machine,
        await startChosen(machine, { chosen, folder, unconfirmed: chosen.wasAsked }),
        ofTheSite,
      )
      const checked = await checkBeforeStart(session, machine, { chosen, parts })
      if (checked === 'go') return session
      if (checked === 'nobody') return restartForNobody(console)
      // What a person cancelled may be chosen again; what started by itself has failed.
      if (checked === 'failed') {
        const { environment } = session.keeper.saved.run
        return { kind: 'stays', errorSeconds: errorDialogSeconds(environment) }
      }
    } catch (error) {
      if (!(error instanceof Fault)) throw error
      // The deployment ended, or the session did, while somebody was choosing: what counts is asked anew.
      console.say(error.message)
      const next = afterRefusal(chosen, { kind: error.kind, failures, random: Math.random(), waits: refusalWaits })
      if (next.kind === 'give-up') return { kind: 'stays', errorSeconds: undefined }
      await pause(next.afterMs)
    }
  }
}

function restartForNobody(console: MachineConsole): Promise<never> {
  console.say('Nobody chose a task sequence, or answered what it asks; the machine restarts.')
  return restartFromBootImage(new TargetSystem(targetRoot, () => {}))
}

export function machinePages({ console }: Pick<Machine, 'console'>, chooseSeconds: number): PageParts {
  return {
    say: (text) => console.say(text),
    readLine: (timeoutMs, isHidden) => readLine(process.stdin, timeoutMs, isHidden),
    chooseSeconds,
  }
}

function isUnattended({ fromMedium }: Machine): boolean {
  return fromMedium?.medium.manifest.unattended === true
}

/** Of a run that a medium began: it shall not begin the next one by itself (medium-mark.ts). */
function markDisk(root: string, { medium, machine }: SavedRun): void {
  if (medium === undefined) return
  const { mediumId, startOrder } = medium
  writeMediumMark(root, { mediumId, atMs: Date.now(), machine })
  writeStartMark(root, { mediumId, order: startOrder, next: 'medium' })
}

export function sessionFor(machine: Machine, keeper: RunKeeper, { home }: Pick<Whose, 'home'>): RunSession {
  const inMemory = ramRunFolder(machine.scratchFolder)
  const target = new TargetSystem(
    targetRoot,
    (root) => {
      keeper.moveTo(root)
      markDisk(root, keeper.saved)
    },
    () => keeper.moveInto(inMemory),
  )
  return new RunSession(machine, { keeper, target, home: home(machine, keeper) })
}

async function finishInBootImage(session: RunSession, end: ManagerEnd, machine: Machine): Promise<void> {
  const { console } = machine
  // What was applied meanwhile took the place of everything but the run.
  if (session.target.isMounted) markDisk(session.target.root, session.keeper.saved)
  if (end.kind === 'refused') return session.leave()
  if (end.kind === 'restart') {
    const { message, delaySeconds, target } = end.restart
    console.say(`${message === '' ? 'The machine restarts' : message} (${target}, in ${delaySeconds} s)`)
    const isKept = await keepOnDisk(session, console)
    // S1-035: there is nothing on the disks that the machine could start, so it would come back here.
    if (!isKept && target === 'installed-system') {
      return finishInBootImage(session, await session.go({ kind: 'resumed', where: 'boot-image' }), machine)
    }
    await session.beforeRestart(target)
    await Promise.all([session.reporter.allKept(flushBeforeRestartMs), pause(delaySeconds * 1_000)])
    session.reporter.close()
    await session.keeper.journal.flush()
    session.keeper.journal.close()
    markStart(session, target)
    return restartFromBootImage(session.target)
  }
  if (end.outcome.kind === 'failed') {
    console.say(`Error 51: The task sequence failed with ${end.outcome.exitCode}: ${end.outcome.message}`)
    // Told until heard: a failure is the first thing that must arrive.
    await session.reporter.allKept()
    await session.leave()
    return runPostAction(end.postAction, machine)
  }
  console.say('The task sequence has ended successfully; the machine restarts.')
  const isKept = await session.reporter.allKept(flushBeforeRestartMs)
  session.reporter.close()
  // What the server does not have yet waits on the disk for the client.
  if (isKept) await session.leave()
  else session.keeper.journal.close()
  await runPostAction(end.postAction, machine)
  markStart(session, 'installed-system')
  // No disk has a mark that would keep the medium from beginning again.
  if (isUnattended(machine) && !session.target.isMounted) await machine.fromMedium?.awaitRemoval()
  return restartFromBootImage(session.target)
}

/** A medium that stays in the machine lets it start from its disk, while that is where it is to go on. */
function markStart({ target, keeper }: RunSession, next: RestartTarget): void {
  const { medium } = keeper.saved
  if (medium === undefined || !target.isMounted) return
  const { mediumId, startOrder: order } = medium
  writeStartMark(target.root, { mediumId, order, next: next === 'installed-system' ? 'disk' : 'medium' })
}

/** Before Apply Operating System Image the run lies in memory; a formatted partition keeps it over the restart. False: there is none. */
async function keepOnDisk({ target, keeper }: RunSession, console: MachineConsole): Promise<boolean> {
  if (target.isMounted) return true
  const formatted = valueOf(keeper.saved.run.environment, formattedPartitionsVariable)
  const partition = systemPartition(parseFormattedPartitions(formatted))
  if (partition !== undefined) await target.mountRoot(partition)
  else console.say('No disk was formatted in this run, so nothing keeps it over the restart.')
  return partition !== undefined
}
