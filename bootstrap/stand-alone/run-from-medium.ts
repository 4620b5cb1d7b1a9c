/**
 * A run from a stand-alone or capture medium, from its policy to its end (S7-027, S7-038): the counterpart of what a server answers
 * in start-chosen.ts. Whoever calls it has found and verified the medium, opened its variables, and asked the person.
 */

import { randomBytes } from 'node:crypto'
import { assert } from '../../server/assert.ts'
import { parseRunId } from '../../server/address/identifiers.ts'
import type { PolicyVariable } from '../../server/contract/agent.ts'
import type { MediumPolicy } from '../../server/contract/medium.ts'
import { startRun } from '../../server/sequence/advance.ts'
import { resumeInBootImage, runToItsEnd, sessionFor, type Whose } from '../boot-image-start.ts'
import { pause } from '../back-off.ts'
import { type StartedMedium, startVariables } from '../built-in-variables.ts'
import { readLine } from '../console.ts'
import { detectSystem } from '../detected-system.ts'
import { restartFromBootImage } from '../restart.ts'
import { removeRun, runFileVersion } from '../run-file.ts'
import { RunKeeper } from '../run-keeper.ts'
import { type Machine, ramRunFolder, type RunSession } from '../run-session.ts'
import type { RunMedium } from './content-medium.ts'
import { mediumHome } from './medium-home.ts'
import { startDiskNext } from './start-disk.ts'

export interface MediumRun {
  readonly medium: RunMedium
  readonly policy: MediumPolicy
  /** Of the medium, the prestart command and the person, in order of rising precedence. */
  readonly variables: readonly PolicyVariable[]
  readonly launchMode: StartedMedium['launchMode']
}

/**
 * Goes on with a run of this medium that the machine has on its disk; asks nobody, because the disk has all of it. `none`: there
 * is no such run. Otherwise as `runInBootImage` returns.
 */
export async function resumeFromMedium(machine: Machine, medium: RunMedium): Promise<number | undefined | 'none'> {
  const session = await resumeInBootImage(machine, ofMedium(medium))
  return session === undefined ? 'none' : runToItsEnd(session, machine)
}

/** As `runInBootImage` returns. */
export async function runFromMedium(machine: Machine, run: MediumRun): Promise<number | undefined> {
  const session = sessionFor(machine, await startFromMedium(machine, run), ofMedium(run.medium))
  return runToItsEnd(session, machine)
}

function ofMedium(medium: RunMedium): Whose {
  const { mediumId } = medium.manifest
  return {
    isOurs: (saved) => saved.medium?.id === mediumId,
    home: ({ console }) => mediumHome(medium, console),
    onItsWay: startDisk,
  }
}

async function startFromMedium(
  machine: Machine,
  { medium, policy, variables, launchMode }: MediumRun,
): Promise<RunKeeper> {
  const { hardware } = machine.hello
  const { mediumId, kind } = medium.manifest
  for (const { value, secret } of variables) if (secret) machine.redactor.learn(value)
  const known = startVariables({
    hardware,
    policy: { ...policy, variables },
    machineName: nameOf(machine),
    server: '',
    startedFrom: 'media',
    medium: { kind, launchMode },
  })
  const detected = await detectSystem(machine, known)
  const runId = parseRunId(randomBytes(16).toString('hex'))
  assert(runId !== undefined, 'random octets make a run id')
  const folder = ramRunFolder(machine.scratchFolder)
  removeRun(folder)
  const { smbiosGuid, macAddresses } = hardware
  return new RunKeeper(folder, {
    version: runFileVersion,
    savedAtMs: 0,
    runId,
    resumeTicket: '',
    medium: { id: mediumId },
    server: [],
    machine: { macAddresses, ...(smbiosGuid === undefined ? {} : { smbiosGuid }) },
    content: policy.content,
    ...(policy.highPerformancePowerPlan === true ? { highPerformancePowerPlan: true } : {}),
    run: startRun(policy.sequence, [...known, ...detected]),
    reports: [],
    firstReport: 1,
  })
}

/** Nobody has named the machine: what a network of Windows takes as well, 15 characters. */
function nameOf({ hello }: Machine): string {
  const [address = ''] = hello.hardware.macAddresses
  return `PC-${address.replace(/[^0-9a-f]/gi, '').toUpperCase() || randomBytes(6).toString('hex').toUpperCase()}`
}

async function startDisk({ target, reporter, keeper }: RunSession, { console }: Machine): Promise<void> {
  console.say('The task sequence goes on in the system on the disk, and this machine has started the medium again.')
  if (!(await startDiskNext())) {
    console.say('Take the medium out and press Enter; the machine restarts then.')
    // Without a keyboard there is nothing to wait for but a person at the power button; it must not restart in circles.
    while ((await readLine(process.stdin, undefined)) === undefined) await pause(2 ** 31 - 1)
  }
  reporter.close()
  keeper.journal.close()
  await restartFromBootImage(target)
}
