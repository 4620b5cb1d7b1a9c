/** The policy of a medium becomes a run of this machine (S7-027, S7-038): without a deployment, a ticket, or a server. */

import { randomBytes } from 'node:crypto'
import { assert } from '../../server/assert.ts'
import { parseRunId } from '../../server/address/identifiers.ts'
import type { PolicyVariable } from '../../server/contract/agent.ts'
import { type MediumManifest, type MediumPolicy, publishedMediaTypes } from '../../server/contract/medium.ts'
import { startRun } from '../../server/sequence/advance.ts'
import { startVariables } from '../built-in-variables.ts'
import { detectSystem } from '../detected-system.ts'
import { startOrderOn } from '../medium/start-mark.ts'
import { removeRun, runFileVersion } from '../run-file.ts'
import { RunKeeper } from '../run-keeper.ts'
import { type Machine, ramRunFolder } from '../run-session.ts'
import type { MediumAnswers as Answers } from '../wizard/medium-pages.ts'

export interface MediumAnswers extends Answers {
  readonly policy: MediumPolicy
}

export interface RunOfMedium {
  readonly manifest: Pick<MediumManifest, 'mediumId' | 'kind'>
  /** S7-035. */
  readonly launchMode: string
  readonly policy: MediumPolicy
  /** Of the medium, the prestart command and the person, in order of rising precedence. */
  readonly variables: readonly PolicyVariable[]
  /** What it erases is confirmed before its first step. */
  readonly unconfirmed: boolean
}

export async function runOfMedium(
  machine: Machine,
  { manifest, launchMode, policy, variables, unconfirmed }: RunOfMedium,
): Promise<RunKeeper> {
  const { hardware } = machine.hello
  for (const { value, secret } of variables) if (secret) machine.redactor.learn(value)
  const known = startVariables({
    hardware,
    policy: { ...policy, variables },
    machineName: nameOf(machine),
    server: '',
    startedFrom: 'media',
    medium: { mediaType: publishedMediaTypes[manifest.kind], launchMode },
  })
  const detected = await detectSystem(machine, known)
  const runId = parseRunId(randomBytes(16).toString('hex'))
  assert(runId !== undefined, 'random octets make a run id')
  const folder = ramRunFolder(machine.scratchFolder)
  removeRun(folder)
  const { smbiosGuid, macAddresses } = hardware
  const { mediumId } = manifest
  return new RunKeeper(folder, {
    version: runFileVersion,
    savedAtMs: 0,
    runId,
    resumeTicket: '',
    medium: { mediumId, startOrder: await startOrderOn(machine, mediumId) },
    server: [],
    machine: { macAddresses, ...(smbiosGuid === undefined ? {} : { smbiosGuid }) },
    content: policy.content,
    ...(unconfirmed ? { unconfirmed } : {}),
    ...(policy.highPerformancePowerPlan === true ? { highPerformancePowerPlan: true } : {}),
    run: startRun(policy.sequence, [...known, ...detected]),
    reports: [],
    firstReport: 1,
  })
}

/** Nobody has named the machine: 15 characters, which a network of Windows takes as well. */
function nameOf({ hello }: Machine): string {
  const [address = ''] = hello.hardware.macAddresses
  return `PC-${address.replace(/[^0-9a-f]/gi, '').toUpperCase() || randomBytes(6).toString('hex').toUpperCase()}`
}
