/** The agent in the installed system: goes on with the run that waits on the disk, until it ends or restarts. */

import { join } from 'node:path'
import { pause } from './back-off.ts'
import { Fault } from './fault.ts'
import { runPostAction } from './post-action.ts'
import { restartInstalledSystem } from './restart.ts'
import { loadRun, putAside, runFolder } from './run-file.ts'
import { RunKeeper } from './run-keeper.ts'
import { flushBeforeRestartMs, type Machine, RunSession } from './run-session.ts'
import { stageBootImage } from './stage-boot-image.ts'
import { StepFailed } from './step-context.ts'
import { ContentFault } from './download.ts'
import { TargetSystem } from './target-system.ts'

/** The client: only started while a run waits, and gone when it has ended. */
export async function runClient(machine: Machine): Promise<void> {
  const { console } = machine
  const folder = join('/', runFolder)
  const saved = loadRun(folder)
  if (saved === undefined) return console.say('No run waits on this system.')
  const session = new RunSession(machine, new RunKeeper(folder, saved), new TargetSystem('/', () => {}))
  try {
    await session.resume()
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    console.say(`The run is not continued. ${error.message}`)
    return putAside(folder)
  }
  const end = await session.go({ kind: 'resumed', where: 'installed-system' })
  if (end.kind === 'restart') {
    console.say(end.restart.message === '' ? 'The machine restarts' : end.restart.message)
    if (end.restart.target === 'boot-image') await bringBootImage(session, machine)
    await Promise.all([session.reporter.allKept(flushBeforeRestartMs), pause(end.restart.delaySeconds * 1_000)])
    session.reporter.close()
    await session.keeper.journal.flush()
    return restartInstalledSystem()
  }
  if (end.kind === 'ended') {
    await session.reporter.allKept()
    console.say(
      end.outcome.kind === 'succeeded'
        ? 'The task sequence has ended successfully.'
        : `Error 51: The task sequence failed: ${end.outcome.message}`,
    )
  }
  session.reporter.close()
  session.keeper.remove()
  if (end.kind === 'ended') await runPostAction(end.postAction, machine)
}

/** A machine that starts from the network may come into the boot image without it, so the restart happens in any case. */
async function bringBootImage(session: RunSession, { server, console }: Machine): Promise<void> {
  const { content } = session.keeper.saved
  const { download, target } = session
  const { signal } = new AbortController()
  try {
    await stageBootImage({ root: target.root, content, download, server, signal })
  } catch (error) {
    if (!(error instanceof StepFailed) && !(error instanceof ContentFault)) throw error
    console.say(`The boot image is not on this disk. ${error.message}`)
  }
}
