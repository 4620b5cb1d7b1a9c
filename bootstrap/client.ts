/**
 * The client of the installed system: goes on with the run that waits on the disk, then asks the server what is deployed to this
 * machine, and starts what is required, or what somebody at the machine asked for (`reveille-client run ID`). When there is
 * nothing more to run it ends; its timer starts it again. So an idle machine carries no process.
 */

import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { AssertionError } from '../server/assert.ts'
import { awaitWindow } from './await-window.ts'
import { pause } from './back-off.ts'
import { readBootId } from './boot-id.ts'
import { chooseForClient, takeWish, writeOffers } from './client-offers.ts'
import { Fault } from './fault.ts'
import { notifyUsers } from './notify-users.ts'
import { occasionsFolder, pendingOccasions } from './occasions.ts'
import { runPostAction } from './post-action.ts'
import { programsRunFirstFile, readProgramsRunFirst } from './programs-run-first.ts'
import { restartInstalledSystem } from './restart.ts'
import { hasSite, loadRun, putAside, runFolder, type SavedRun } from './run-file.ts'
import { RunKeeper } from './run-keeper.ts'
import { flushBeforeRestartMs, type Machine, RunSession } from './run-session.ts'
import { siteHome } from './site-home.ts'
import { installedHome } from './stand-alone/medium-home.ts'
import { shownProgressFile } from './shown-progress.ts'
import { removeStagedBootImage, stageBootImage } from './stage-boot-image.ts'
import { startChosen } from './start-chosen.ts'
import { TargetSystem } from './target-system.ts'
import type { ManagerEnd } from './task-sequence-manager.ts'

const folder = join('/', runFolder)
/** What starts anew as soon as it has ended would go on for ever; the timer comes again. */
const runsPerStartMax = 20

/** Never returns when a run restarts the machine. */
export async function runClient(machine: Machine): Promise<void> {
  const saved = loadRun(folder)
  const waiting = saved === undefined ? undefined : await resumeWaiting(saved, machine)
  if (saved !== undefined && waiting !== undefined) await goOn(waiting, saved, machine)
  // What a run that was killed for good has left.
  rmSync(shownProgressFile, { force: true })
  // Its client has gone with it: there is no site to ask.
  if (saved !== undefined && !hasSite(saved)) return
  for (let runs = 0; runs < runsPerStartMax; runs += 1) {
    const session = await startNext(machine)
    if (session === undefined) return
    await run(session, machine)
  }
}

async function resumeWaiting(saved: SavedRun, machine: Machine): Promise<RunSession | undefined> {
  const session = sessionOf(machine, new RunKeeper(folder, saved))
  try {
    await session.resume()
    return session
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    machine.console.say(`The run is not continued. ${error.message}`)
    session.reporter.close()
    session.keeper.journal.close()
    putAside(folder)
    return undefined
  }
}

/** Undefined: nothing is to be run now, or the server cannot be asked; the timer comes again. */
async function startNext(machine: Machine): Promise<RunSession | undefined> {
  const { console, managementPoint, hello, scratchFolder } = machine
  try {
    const pending = pendingOccasions(join('/', occasionsFolder))
    const { occasions } = pending
    const answer = await managementPoint.helloOnce(occasions.length === 0 ? hello : { ...hello, occasions })
    // Who is not approved yet is not believed.
    if (answer.machine.kind !== 'waiting-for-approval') pending.forget()
    writeOffers(scratchFolder, answer)
    const choice = chooseForClient(
      answer.machine,
      () => takeWish(scratchFolder),
      (text) => console.say(text),
    )
    if (choice === undefined || answer.machine.kind !== 'armed') return undefined
    await notifyUsers(choice, console)
    console.say(`${answer.machine.name}: starting "${choice.taskSequenceName}" (${choice.purpose} deployment)`)
    const chosen = { choice, session: answer.session, machineName: answer.machine.name, variables: [] }
    const programsRunFirst = readProgramsRunFirst(join('/', programsRunFirstFile))
    return sessionOf(machine, await startChosen(machine, { chosen, folder, programsRunFirst }))
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    console.say(`Nothing is started; the server is asked again by itself. ${error.message}`)
    return undefined
  }
}

function sessionOf(machine: Machine, keeper: RunKeeper): RunSession {
  const home = hasSite(keeper.saved) ? siteHome(machine, keeper) : installedHome(machine.console)
  return new RunSession(machine, { keeper, target: new TargetSystem('/', () => {}), home })
}

async function run(session: RunSession, machine: Machine): Promise<void> {
  const where = 'installed-system'
  const isNew = session.keeper.saved.run.state.kind === 'not-started'
  const end = await session.go({ kind: isNew ? 'start' : 'resumed', where })
  if (end.kind === 'restart') return restart(session, end.restart, machine)
  if (end.kind === 'ended') {
    await session.reporter.allKept()
    machine.console.say(
      end.outcome.kind === 'succeeded'
        ? 'The task sequence has ended successfully.'
        : `Error 51: The task sequence failed: ${end.outcome.message}`,
    )
  }
  // It may have been what restarted the machine.
  if (!isNew) pendingOccasions(join('/', occasionsFolder)).forget()
  await leave(session)
  if (end.kind === 'ended') await runPostAction(end.postAction, machine)
}

async function leave(session: RunSession): Promise<void> {
  await session.leave()
  rmSync(shownProgressFile, { force: true })
}

/** A client that was killed before the machine restarted finds the same start of the system, and restarts it. */
async function goOn(session: RunSession, { run: { state }, bootId }: SavedRun, machine: Machine): Promise<void> {
  if (state.kind !== 'restarting' || bootId !== readBootId()) return run(session, machine)
  return restart(session, { target: state.target, message: '', delaySeconds: 0 }, machine)
}

type Restart = Omit<Extract<ManagerEnd, { readonly kind: 'restart' }>['restart'], 'kind'>

async function restart(session: RunSession, asked: Restart, machine: Machine): Promise<void> {
  const { console } = machine
  const { keeper, reporter, refused } = session
  const say = (text: string): void => {
    // In the journal first: whoever reads it at the machine may switch that off.
    reporter.output('log', text)
    reporter.settle()
    console.say(text)
  }
  // On the way into the boot image nothing waits: a restart by somebody else in between would find the run half prepared.
  const spans = asked.target === 'installed-system' ? (keeper.saved.restartWindows ?? []) : []
  await awaitWindow({ spans, say, signal: refused })
  if (refused.aborted) return leave(session)
  keeper.forgetWindows()
  console.say(asked.message === '' ? 'The machine restarts' : asked.message)
  if (asked.target === 'boot-image') await bringBootImage(session, machine)
  await Promise.all([reporter.allKept(flushBeforeRestartMs), pause(asked.delaySeconds * 1_000)])
  reporter.close()
  await keeper.journal.flush()
  return restartInstalledSystem()
}

/** A machine that starts from the network may come into the boot image without it, so the restart happens in any case. */
async function bringBootImage(session: RunSession, { server, console }: Machine): Promise<void> {
  const { content } = session.keeper.saved
  const { download, target } = session
  const { signal } = new AbortController()
  try {
    await stageBootImage({ root: target.root, content, download, server, signal })
  } catch (error) {
    if (error instanceof AssertionError || !(error instanceof Error)) throw error
    console.say(`The boot image is not on this disk. ${error.message}`)
    // Half of it would be started all the same.
    await removeStagedBootImage(target.root)
  }
}
