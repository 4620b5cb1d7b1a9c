/**
 * `POST /agent/v1/resume`: the machine is back after a restart, with the ticket of its run (security 6.4, 6.9). The ticket decides, and
 * never the medium that the run began from: its policy was given, and a medium that was revoked or has expired since would
 * leave a machine half set up.
 */

import type { IncomingMessage } from 'node:http'
import type { RunId } from '../../address/identifiers.ts'
import { parseMacAddress } from '../../address/mac-address.ts'
import type { Hello, ResumeAnswer } from '../../contract/agent.ts'
import type { RunRecord } from '../../store/ports.ts'
import { remoteAddress, tell } from '../boot-routes.ts'
import type { HttpDependencies } from '../dependencies.ts'
import { createToken, hashToken } from '../token.ts'
import { agentProblem } from './agent-problem.ts'
import { resumeSchema } from './agent-schemas.ts'
import type { Agents } from './agents.ts'
import { findMachine, type Machine } from './machine-standing.ts'
import { parseMessage } from './parse-message.ts'
import { machineKeyOf, runTokenAbsoluteMs, runTokenIdleMs } from './run-routes.ts'
import { newSession } from './new-session.ts'
import { readSignedRequest } from './signed-request.ts'

export async function resumeRun(agents: Agents, request: IncomingMessage): Promise<ResumeAnswer> {
  const { site: dependencies, liveness } = agents
  const { store, now, addresses } = dependencies
  const signed = await readSignedRequest(request)
  const { hello, runId, resumeTicket } = parseMessage(resumeSchema, signed.document)
  signed.verify(hello.identityKey)
  const ipAddress = remoteAddress(request)
  const known = await requireOwnRun(dependencies, { runId, hello, ipAddress })
  const runToken = createToken('run')
  const nextTicket = createToken('resume')
  const run = await store.resumeRun({
    runId,
    ticketSha256: hashToken(resumeTicket),
    identityKey: hello.identityKey,
    runTokenSha256: hashToken(runToken),
    nextTicketSha256: hashToken(nextTicket),
    counter: signed.counter,
    nowMs: now(),
    idleMs: runTokenIdleMs,
    expiresAtMs: now() + runTokenAbsoluteMs,
    ...(hello.startedFrom === 'installed-system' ? { client: newSession({ hello, ipAddress, nowMs: now() }) } : {}),
  })
  if (run === 'ticket-used' || (typeof run !== 'string' && run.ticketUsedBefore))
    warnOfSecondUse(dependencies, known, ipAddress)
  if (typeof run === 'string') throw agentProblem(run)
  liveness.replace(machineKeyOf(run), hello.identityKey, now(), true)
  const lane = parseMacAddress(run.lane)
  if (lane !== undefined) {
    addresses.remember(ipAddress, lane)
    tell(dependencies, { lane, atMs: now(), ipAddress, observation: { kind: 'run-resumed', ipAddress } })
  }
  return { runToken, resumeTicket: nextTicket, acknowledged: run.acknowledged }
}

interface Returned {
  readonly runId: RunId
  readonly hello: Hello
  readonly ipAddress: string
}

/** A ticket is on a disk, which can be copied or moved: the machine must be the run's, too (security 6.9). */
async function requireOwnRun(
  dependencies: HttpDependencies,
  { runId, hello, ipAddress }: Returned,
): Promise<RunRecord> {
  const { store, log } = dependencies
  const run = await store.getRun(runId)
  const { hardware, startedFrom } = hello
  const machine = await findMachine(dependencies, { hardware, startedFrom })
  if (run === undefined) throw agentProblem('not-found')
  if (await isMachineOf(store, run, machine)) return run
  log.warn({ run: runId, device: machine.name, ipAddress }, 'a machine wants to go on with the run of another one')
  throw agentProblem('not-found')
}

/** Cards may be told in another order by the installed system, so any of them may be the lane. */
async function isMachineOf(store: HttpDependencies['store'], run: RunRecord, machine: Machine): Promise<boolean> {
  if (run.deviceId !== undefined) {
    if (machine.device !== undefined) return machine.device.id === run.deviceId
    // A run outlives the record of its device.
    if ((await store.devices.get(run.deviceId)) !== undefined) return false
  }
  return machine.addresses.some((address) => address === run.lane)
}

function warnOfSecondUse(dependencies: HttpDependencies, run: RunRecord, ipAddress: string): void {
  const { log, now } = dependencies
  log.warn({ run: run.id, device: run.machineName, ipAddress }, 'the resume ticket of a run was used a second time')
  const lane = parseMacAddress(run.lane)
  if (lane === undefined) return
  const text = `The resume ticket of this run was used a second time, from ${ipAddress}. Is there a copy of the disk?`
  tell(dependencies, { lane, atMs: now(), observation: { kind: 'note', text } })
}
