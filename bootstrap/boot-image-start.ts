/**
 * The agent in the boot image: goes on with an unfinished run of this machine, or lets a deployment be chosen and starts
 * it. A failure is reported, shown, and handed back; only a restart or a success leaves this file by restarting.
 */

import { join } from 'node:path'
import { startRun } from '../server/sequence/advance.ts'
import { valueOf } from '../server/sequence/environment.ts'
import { pause } from './back-off.ts'
import { startVariables } from './built-in-variables.ts'
import { type Chosen, chooseDeployment } from './choose-deployment.ts'
import { type MachineConsole, readLine } from './console.ts'
import { Fault } from './fault.ts'
import { formattedPartitionsVariable, parseFormattedPartitions, systemPartition } from './formatted-partitions.ts'
import { readHardwareIds } from './hardware-ids.ts'
import { findUnfinishedRun, mountUnfinishedRun } from './find-unfinished-run.ts'
import { restartFromBootImage } from './restart.ts'
import { loadRun, loadRunBelow, putAside, removeRun, runFileVersion, runFolder, type SavedRun } from './run-file.ts'
import { RunKeeper } from './run-keeper.ts'
import { flushBeforeRestartMs, type Machine, RunSession, ramRunFolder } from './run-session.ts'
import { readMountedDevices, TargetSystem } from './target-system.ts'
import type { ManagerEnd } from './task-sequence-manager.ts'

const targetRoot = '/target'

export interface BootImageStart {
  readonly machine: Machine
  /** 0 waits for ever. */
  readonly chooseSeconds: number
}

/** Returns when the run failed or may not go on; a success or a restart never returns. */
export async function runInBootImage(start: BootImageStart): Promise<void> {
  const { machine } = start
  const { console } = machine
  console.say(`Reveille agent ${machine.hello.agentVersion}, server ${machine.server.join(', ') || 'unknown'}`)
  const session = (await resumeInBootImage(machine)) ?? (await startInBootImage(start))
  const isNew = session.keeper.saved.run.state.kind === 'not-started'
  const end = await session.go(isNew ? { kind: 'start' } : { kind: 'resumed', where: machine.where })
  await finishInBootImage(session, end, console)
  await session.target.unmountAll()
}

/** A run that this agent, or this machine before its restart, had begun. */
async function resumeInBootImage(machine: Machine): Promise<RunSession | undefined> {
  const inMemory = ramRunFolder(machine.scratchFolder)
  const onTarget = join(targetRoot, runFolder)
  const kept = loadRun(inMemory)
  if (kept !== undefined) return tryToResume(machine, inMemory, kept, await mountedTarget())
  const moved = loadRunBelow(targetRoot)
  if (moved !== undefined) return tryToResume(machine, onTarget, moved, await mountedTarget())
  const found = await findUnfinishedRun(machine.disks, machine.hello.hardware, join(machine.scratchFolder, 'look'))
  if (found === undefined) return undefined
  await mountUnfinishedRun(found.device, targetRoot)
  return tryToResume(machine, onTarget, found.saved, found.device)
}

/** Still mounted when the agent itself was started again, without the machine. */
async function mountedTarget(): Promise<string | undefined> {
  return [...(await readMountedDevices())].find(([, place]) => place === targetRoot)?.[0]
}

async function tryToResume(
  machine: Machine,
  folder: string,
  saved: SavedRun,
  device?: string,
): Promise<RunSession | undefined> {
  const session = sessionFor(machine, new RunKeeper(folder, saved))
  if (device !== undefined) session.target.adopt(device)
  machine.console.say(`Going on with the run of "${saved.run.sequence.name}"`)
  try {
    await session.resume()
    return session
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    machine.console.say(`The earlier run is not continued. ${error.message}`)
    session.reporter.close()
    session.keeper.journal.close()
    putAside(folder)
    await session.target.unmountAll()
    return undefined
  }
}

async function startInBootImage({ machine, chooseSeconds }: BootImageStart): Promise<RunSession> {
  const { managementPoint, hello, console } = machine
  for (;;) {
    const chosen = await chooseDeployment({
      hello: () => managementPoint.hello(hello),
      say: (text) => console.say(text),
      readLine: (timeoutMs) => readLine(process.stdin, timeoutMs),
      chooseSeconds,
    })
    if (chosen.kind === 'nobody-chose') {
      console.say('Nobody chose a task sequence; the machine restarts.')
      return restartFromBootImage(new TargetSystem(targetRoot, () => {}))
    }
    try {
      return await startChosen(machine, chosen)
    } catch (error) {
      if (!(error instanceof Fault)) throw error
      // The deployment ended, or the session did, while somebody was choosing: what counts is asked anew.
      console.say(error.message)
      await pause(askAgainMs)
    }
  }
}

const askAgainMs = 5_000

async function startChosen(machine: Machine, chosen: Extract<Chosen, { kind: 'start' }>): Promise<RunSession> {
  const { hello, server } = machine
  const { deploymentId } = chosen.choice
  machine.redactor.learn(chosen.session)
  const answer = await machine.managementPoint.startRun(chosen.session, {
    deploymentId,
    variables: [],
    hardwareIds: await readHardwareIds(),
  })
  const { policy } = answer
  const start = { hardware: hello.hardware, policy, machineName: chosen.machineName, server: server[0] ?? '' }
  const run = startRun(policy.sequence, startVariables({ ...start, startedFrom: hello.startedFrom }))
  const { smbiosGuid, macAddresses } = hello.hardware
  const folder = ramRunFolder(machine.scratchFolder)
  removeRun(folder)
  const keeper = new RunKeeper(folder, {
    version: runFileVersion,
    savedAtMs: 0,
    runId: answer.runId,
    deploymentId,
    resumeTicket: answer.resumeTicket,
    server,
    machine: { macAddresses, ...(smbiosGuid === undefined ? {} : { smbiosGuid }) },
    content: policy.content,
    run,
    reports: [],
    firstReport: 1,
  })
  return sessionFor(machine, keeper)
}

function sessionFor(machine: Machine, keeper: RunKeeper): RunSession {
  return new RunSession(machine, keeper, new TargetSystem(targetRoot, (root) => keeper.moveTo(root)))
}

async function finishInBootImage(session: RunSession, end: ManagerEnd, console: MachineConsole): Promise<void> {
  if (end.kind === 'refused') return forget(session)
  if (end.kind === 'restart') {
    const { message, delaySeconds, target } = end.restart
    console.say(`${message === '' ? 'The machine restarts' : message} (${target}, in ${delaySeconds} s)`)
    await keepOnDisk(session, console)
    await Promise.all([session.reporter.allKept(flushBeforeRestartMs), pause(delaySeconds * 1_000)])
    session.reporter.close()
    await session.keeper.journal.flush()
    session.keeper.journal.close()
    return restartFromBootImage(session.target)
  }
  if (end.outcome.kind === 'failed') {
    console.say(`Error 51: The task sequence failed with ${end.outcome.exitCode}: ${end.outcome.message}`)
    // Told until heard: a failure is the first thing that must arrive.
    await session.reporter.allKept()
    return forget(session)
  }
  console.say('The task sequence has ended successfully; the machine restarts.')
  const isKept = await session.reporter.allKept(flushBeforeRestartMs)
  session.reporter.close()
  // What the server does not have yet waits on the disk for the client.
  if (isKept) session.keeper.remove()
  else session.keeper.journal.close()
  return restartFromBootImage(session.target)
}

/** Before Apply Operating System Image the run lies in memory; a formatted partition keeps it over the restart. */
async function keepOnDisk({ target, keeper }: RunSession, console: MachineConsole): Promise<void> {
  if (target.isMounted) return
  const formatted = valueOf(keeper.saved.run.environment, formattedPartitionsVariable)
  const partition = systemPartition(parseFormattedPartitions(formatted))
  if (partition === undefined) console.say('No disk was formatted in this run, so nothing keeps it over the restart.')
  else await target.mountRoot(partition)
}

function forget(session: RunSession): void {
  session.reporter.close()
  session.keeper.remove()
}
