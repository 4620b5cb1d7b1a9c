/**
 * `POST /agent/v1/runs` and `events`. The deployment that is named selects; whether this machine may run it is
 * found out anew from the site, and every "no" is the same answer (security A07).
 */

import { randomBytes } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { parseRunId, type DeploymentId, type RunId } from '../../address/identifiers.ts'
import { assert } from '../../assert.ts'
import { eventsPerRunMax, type ReportEventsAnswer, type StartRunAnswer } from '../../contract/agent.ts'
import { countSteps } from '../../sequence/progress.ts'
import { Purpose } from '../../site/deployment.ts'
import type { CandidateDeployment } from '../../targeting/candidate-deployment.ts'
import { restartWindows } from '../../targeting/restart-windows.ts'
import type { AgentSession, AgentStore, RunRecord } from '../../store/ports.ts'
import { remoteAddress } from '../boot-routes.ts'
import type { HttpDependencies } from '../dependencies.ts'
import { plainAddress } from '../machine-addresses.ts'
import type { Problem } from '../problem.ts'
import { createToken, hashToken } from '../token.ts'
import { agentProblem } from './agent-problem.ts'
import type { Agents } from './agents.ts'
import { reportSchema, startRunSchema } from './agent-schemas.ts'
import { takesPart } from './hello-route.ts'
import { mediumOfSession } from './medium-claim.ts'
import { findMachine, type Machine, startable } from './machine-standing.ts'
import { parseMessage } from './parse-message.ts'
import { makePolicy, withoutSecretValues } from './run-policy.ts'
import { runTimeOf } from './run-time.ts'
import { readSignedRequest, type SignedRequest } from './signed-request.ts'

/** A quiet step may last long; the token dies with the run in any case (security 6.4). */
export const runTokenIdleMs = 4 * 3_600_000
export const runTokenAbsoluteMs = 24 * 3_600_000

export async function startRun(agents: Agents, request: IncomingMessage): Promise<StartRunAnswer> {
  const { site: dependencies, liveness } = agents
  const { store, now } = dependencies
  const signed = await readSignedRequest(request)
  const {
    deploymentId,
    variables,
    mediumVariables = [],
    hardwareIds = [],
    programsRunFirst = [],
  } = parseMessage(startRunSchema, signed.document)
  const session = await requireSession(dependencies, signed)
  const { machine, candidate } = await requireStartable(agents, { session, deploymentId, request })
  if (!takesPart(liveness, machine, session, now())) throw agentProblem('not-armed')
  if (machine.approvalBecause !== undefined && !session.approved) throw agentProblem('not-armed')
  const { startedFrom } = session
  if (mediumVariables.length > 0 && startedFrom !== 'media')
    throw agentProblem('invalid', 'Only a machine that was started from a medium has variables of one.')
  const windows = startedFrom === 'installed-system' ? restartsOf(machine, candidate) : undefined
  const policy = await makePolicy(dependencies, {
    machine,
    candidate,
    hardware: { ...session.hardware, hardwareIds },
    given: variables,
    mediumVariables,
    startedFrom,
    ...(windows === undefined ? {} : { restartWindows: windows }),
    programsRunFirst,
    from: {
      ipAddress: remoteAddress(request),
      siteUrl: dependencies.baseUrl(plainAddress(request.socket.localAddress ?? '')),
    },
  })
  const object = await store.taskSequences.get(candidate.deployment.taskSequenceId)
  if (object === undefined) throw agentProblem('not-armed')
  const startedAtMs = now()
  const runToken = createToken('run')
  const resumeTicket = createToken('resume')
  const id = createRunId()
  const run = await store.startRun({
    run: {
      id,
      deploymentId,
      ...(machine.device === undefined ? {} : { deviceId: machine.device.id }),
      lane: machine.lane,
      machineName: machine.name,
      policy: withoutSecretValues(policy),
      startedAtMs,
      identityKey: session.identityKey,
      runTime: runTimeOf(object.settings, {
        selection: machine.selection,
        startedFrom,
        startedAtMs: Math.max(startedAtMs, windows?.[0]?.startsAtMs ?? 0),
      }),
    },
    laneRun: {
      runId: id,
      deploymentId,
      taskSequenceId: policy.taskSequenceId,
      taskSequenceName: policy.sequence.name,
      stepName: '',
      stepsEnded: 0,
      stepsTotal: countSteps(policy.sequence),
      where: startedFrom === 'installed-system' ? 'installed-system' : 'boot-image',
    },
    // A preferred deployment acts as required, so it is marked as one (S6-025, S6-041).
    required: machine.selection.kind === 'start' || candidate.deployment.purpose === Purpose.required,
    startedByPerson: machine.selection.kind === 'choose',
    ...unknownComputerOf(machine, session),
    runTokenSha256: hashToken(runToken),
    resumeTicketSha256: hashToken(resumeTicket),
    mayReplaceLive: session.approved,
    idleMs: runTokenIdleMs,
    expiresAtMs: startedAtMs + runTokenAbsoluteMs,
  })
  if (typeof run === 'string') throw refusedStart(dependencies, run, { machine, session })
  liveness.hear(machine.key, session.identityKey, now(), true)
  dependencies.log.info({ run: run.id, device: machine.name, deployment: deploymentId }, 'run started')
  return { runId: run.id, runToken, resumeTicket, policy }
}

function restartsOf({ facts: { nowMs }, maintenance }: Machine, { deployment }: CandidateDeployment) {
  return restartWindows(deployment, { nowMs, maintenance })
}

interface Refused {
  readonly machine: Machine
  readonly session: AgentSession
}

const refusalTexts = {
  'machine-busy': {
    level: 'warn',
    text: 'a second agent wants to run on a machine whose run is alive; it is refused until approved',
  },
  'too-many-marks': {
    level: 'error',
    text: 'no more marks of unknown computers are kept; clear required PXE deployments of those that need none',
  },
  'starts-stopped': { level: 'info', text: 'all starts were stopped just now; the run does not start' },
  'no-turn': { level: 'info', text: 'another run took the last place of this hour; this one waits for its turn' },
  'held-by-ring': { level: 'info', text: 'the canary ring of its deployment was filled or stopped just now' },
} as const satisfies Record<NotStarted, { level: 'info' | 'warn' | 'error'; text: string }>

type NotStarted = Exclude<Awaited<ReturnType<AgentStore['startRun']>>, RunRecord>

/** The machine reads the same as ever; the log says what an administrator can do. */
function refusedStart({ log }: HttpDependencies, why: NotStarted, { machine, session }: Refused): Problem {
  const fields = { device: machine.name, ipAddress: session.ipAddress, code: session.code }
  log[refusalTexts[why].level](fields, refusalTexts[why].text)
  return agentProblem('not-armed')
}

function unknownComputerOf({ device, addresses, smbiosGuid }: Machine, { hardware }: AgentSession) {
  if (device !== undefined) return {}
  const { serialNumber } = hardware
  const identity = {
    macAddresses: addresses,
    ...(smbiosGuid === undefined ? {} : { smbiosGuid }),
    ...(serialNumber === undefined ? {} : { serialNumber }),
  }
  return { unknownComputer: { ...identity, architecture: hardware.architecture } }
}

export async function reportEvents(agents: Agents, request: IncomingMessage): Promise<ReportEventsAnswer> {
  const { site: dependencies, liveness } = agents
  const { store, now } = dependencies
  const signed = await readSignedRequest(request)
  const { runId, events } = parseMessage(reportSchema, signed.document)
  const run = await requireRun(dependencies, signed)
  // Another run's number is as unknown as none (security A14).
  if (run.id !== runId) throw agentProblem('not-found')
  const kept = await store.addEvents(run.id, events, now())
  if (kept === 'event-gap') throw agentProblem('event-gap')
  if (kept === 'too-many-events')
    throw agentProblem('invalid', `A run has ${eventsPerRunMax} events at most; of further ones only its end is kept.`)
  const machineKey = machineKeyOf(run)
  if (events.some(({ body }) => body.kind === 'sequence-ended')) liveness.fallSilent(machineKey, run.identityKey)
  else liveness.hear(machineKey, run.identityKey, now(), true)
  if (kept.provisioned !== undefined) {
    const { name, id } = kept.provisioned.device
    dependencies.log.info({ run: run.id, device: name }, `the unknown computer is device ${name} (${id}) from now on`)
  }
  return { acknowledged: kept.acknowledged }
}

export function machineKeyOf(run: RunRecord): string {
  return run.deviceId === undefined ? run.lane : `device ${run.deviceId}`
}

/** The signature is checked before the counter moves: who only has the token cannot spoil the agent's counters. */
async function requireSession({ store, now }: HttpDependencies, signed: SignedRequest): Promise<AgentSession> {
  const { tokenSha256 } = signed
  if (tokenSha256 === undefined) throw agentProblem('unknown-token')
  const known = await store.sessionOfToken(tokenSha256)
  if (known !== undefined) signed.verify(known.identityKey)
  const session = await store.useSession(tokenSha256, signed.counter, now())
  if (typeof session === 'string') throw agentProblem(session)
  signed.verify(session.identityKey)
  return session
}

export async function requireRun({ store, now }: HttpDependencies, signed: SignedRequest): Promise<RunRecord> {
  const { tokenSha256 } = signed
  if (tokenSha256 === undefined) throw agentProblem('unknown-token')
  const known = await store.runOfToken(tokenSha256)
  if (known !== undefined) signed.verify(known.identityKey)
  const run = await store.useRunToken(tokenSha256, signed.counter, now())
  if (typeof run === 'string') throw agentProblem(run)
  signed.verify(run.identityKey)
  return run
}

interface Named {
  readonly session: AgentSession
  readonly deploymentId: DeploymentId
  readonly request: IncomingMessage
}

async function requireStartable(
  { site: dependencies, guesses }: Agents,
  { session, deploymentId, request }: Named,
): Promise<{ readonly machine: Machine; readonly candidate: CandidateDeployment }> {
  const medium = await mediumOfSession(dependencies, session)
  if (medium?.kind === 'refused') throw agentProblem('not-armed', medium.reason)
  const find = async (
    unanswered?: DeploymentId,
  ): Promise<{ machine: Machine; candidate: ReturnType<typeof startable>[number] | undefined }> => {
    const asked = {
      hardware: session.hardware,
      startedFrom: session.startedFrom,
      ipAddress: session.ipAddress,
      medium,
      preferred: session.preferred,
      ...(unanswered === undefined ? {} : { unanswered }),
    }
    const machine = await findMachine(dependencies, asked)
    const candidates = machine.refused === undefined ? startable(machine.selection) : []
    return { machine, candidate: candidates.find(({ deployment }) => deployment.id === deploymentId) }
  }
  let found = await find()
  // The run was created, its mark set, and the answer lost: the same agent asks again before it ever reported.
  const unanswered = dependencies.store.unansweredRun(session.identityKey, deploymentId)
  if (found.candidate === undefined && (await unanswered) !== undefined) found = await find(deploymentId)
  const { machine, candidate } = found
  if (candidate !== undefined) return { machine, candidate }
  const { identityKey, mediumId } = session
  const guesser = { identityKey, machineKey: machine.key, mediumId, ipAddress: remoteAddress(request) }
  guesses.requireNoGuesser(guesser)
  guesses.add({ ...guesser, lane: machine.lane, machineName: machine.name }, [deploymentId])
  throw agentProblem('not-armed')
}

function createRunId(): RunId {
  const id = parseRunId(randomBytes(16).toString('hex'))
  assert(id !== undefined, '16 octets make a run id')
  return id
}
