/** The deployment that was chosen becomes a run of this machine: policy from the server, variables, and its place in a folder. */

import { startRun } from '../server/sequence/advance.ts'
import { startVariables } from './built-in-variables.ts'
import type { Chosen } from './choose-deployment.ts'
import { detectSystem } from './detected-system.ts'
import { readHardwareIds } from './hardware-ids.ts'
import { type FromMedium, startVariablesOf } from './medium/from-medium.ts'
import { startOrderOn } from './medium/start-mark.ts'
import { removeRun, runFileVersion, type SavedMedium } from './run-file.ts'
import { RunKeeper } from './run-keeper.ts'
import type { Machine } from './run-session.ts'

export interface StartChosen {
  readonly chosen: Pick<Extract<Chosen, { kind: 'start' }>, 'choice' | 'session' | 'machineName' | 'variables'>
  /** Where the run lies from now on; what lay there is gone. */
  readonly folder: string
  /** Task sequences whose first program has run here with success (S1-075). */
  readonly programsRunFirst?: readonly string[]
  /** What it erases is confirmed before its first step. */
  readonly unconfirmed?: boolean
}

/** Rejects with a `Fault` when the server does not let it start. */
export async function startChosen(
  machine: Machine,
  { chosen, folder, programsRunFirst, unconfirmed }: StartChosen,
): Promise<RunKeeper> {
  const { hello, server, fromMedium } = machine
  const given = [...(fromMedium?.given ?? []), ...chosen.variables]
  const { deploymentId } = chosen.choice
  machine.redactor.learn(chosen.session)
  // A refusal is said with the server's own words, which may repeat what it was sent.
  for (const { value, secret } of given) if (secret) machine.redactor.learn(value)
  const answer = await machine.managementPoint.startRun(chosen.session, {
    deploymentId,
    variables: given,
    ...(fromMedium === undefined ? {} : { mediumVariables: fromMedium.contents.variables }),
    hardwareIds: await readHardwareIds(),
    ...(programsRunFirst === undefined ? {} : { programsRunFirst }),
  })
  const { policy } = answer
  const start = { hardware: hello.hardware, policy, machineName: chosen.machineName, server: server[0] ?? '' }
  const medium = fromMedium === undefined ? {} : { medium: startVariablesOf(fromMedium) }
  const known = startVariables({ ...start, ...medium, startedFrom: hello.startedFrom })
  const detected = machine.where === 'boot-image' ? await detectSystem(machine, known) : []
  const run = startRun(policy.sequence, [...known, ...detected, ...(fromMedium?.ofMachine ?? [])])
  const { smbiosGuid, macAddresses } = hello.hardware
  removeRun(folder)
  return new RunKeeper(folder, {
    version: runFileVersion,
    savedAtMs: 0,
    runId: answer.runId,
    deploymentId,
    resumeTicket: answer.resumeTicket,
    server,
    machine: { macAddresses, ...(smbiosGuid === undefined ? {} : { smbiosGuid }) },
    content: policy.content,
    ...(policy.highPerformancePowerPlan === true ? { highPerformancePowerPlan: true } : {}),
    ...(policy.hidesProgress === true ? { hidesProgress: true } : {}),
    ...(unconfirmed === true ? { unconfirmed } : {}),
    ...(policy.downloadsFirst === true ? { downloadsFirst: true } : {}),
    ...(policy.runsProgramFirst === true ? { programFirstOf: policy.taskSequenceId } : {}),
    ...(policy.restartWindows === undefined ? {} : { restartWindows: policy.restartWindows }),
    ...(fromMedium === undefined ? {} : { medium: await savedMedium(fromMedium, machine) }),
    run,
    reports: [],
    firstReport: 1,
  })
}

/** Should the machine come back from the medium, it goes on without a page. */
async function savedMedium({ medium, network }: FromMedium, machine: Machine): Promise<SavedMedium> {
  const { mediumId } = medium.manifest
  const startOrder = await startOrderOn(machine, mediumId)
  return { mediumId, startOrder, ...(network === undefined ? {} : { network }) }
}
