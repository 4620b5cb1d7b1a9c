/** `POST /agent/v1/hello`: who I am -> a session, the code for both screens, and what the machine may run. */

import type { IncomingMessage } from 'node:http'
import {
  agentProtocolVersion,
  type Choice,
  type HelloAnswer,
  type MachineStanding,
  type Selection,
} from '../../contract/agent.ts'
import type { DeploymentId } from '../../address/identifiers.ts'
import type { CandidateDeployment } from '../../boot/boot-facts.ts'
import type { MediumId } from '../../contract/medium.ts'
import { userNotification } from '../../sequence/user-notification.ts'
import type { AgentSession } from '../../store/ports.ts'
import { remoteAddress, tell } from '../boot-routes.ts'
import { wholeSequence } from '../child-sequences.ts'
import type { HttpDependencies } from '../dependencies.ts'
import { Problem } from '../problem.ts'
import { createToken } from '../token.ts'
import { agentProblem } from './agent-problem.ts'
import type { Agents } from './agents.ts'
import { askedFor } from './empty-variables.ts'
import { helloSchema } from './agent-schemas.ts'
import { keepInventory } from './keep-inventory.ts'
import type { Liveness } from './liveness.ts'
import { earlyStartOf, findMachine, type Machine } from './machine-standing.ts'
import { claimedMedium } from './medium-claim.ts'
import { newSession } from './new-session.ts'
import { noteOccasions } from './note-occasions.ts'
import { parseMessage } from './parse-message.ts'
import { readSignedRequest } from './signed-request.ts'
import { guessedBy } from './started-from-medium.ts'

const askAgainSeconds = 5

/** The agent tries again by itself; a minute later machines that went away have made room. */
const tooManyMachines = new Problem(429, {
  detail: 'Too many machines that nobody approved say hello, here or from this address.',
  headers: { 'retry-after': '60' },
})

export async function answerHello(
  { site: dependencies, liveness, guesses }: Agents,
  request: IncomingMessage,
): Promise<HelloAnswer> {
  const { store, now, addresses } = dependencies
  const signed = await readSignedRequest(request)
  const hello = parseMessage(helloSchema, signed.document)
  signed.verify(hello.identityKey)
  if (hello.protocol !== agentProtocolVersion) {
    throw agentProblem('invalid', `This server speaks version ${agentProtocolVersion} of the agent's protocol.`)
  }
  const ipAddress = remoteAddress(request)
  const medium = await claimedMedium(dependencies, hello)
  const asked = {
    hardware: hello.hardware,
    startedFrom: hello.startedFrom,
    preferred: hello.preferred,
    ipAddress,
    medium,
  }
  let machine = await findMachine(dependencies, asked)
  const token = createToken('run')
  const mediumId = medium?.kind === 'started' ? medium.medium.id : undefined
  const guessed = guessedBy(asked)
  const guesser = { identityKey: hello.identityKey, machineKey: machine.key, mediumId, ipAddress }
  if (guessed.length > 0) guesses.requireNoGuesser(guesser)
  const fresh = newSession({ hello, ipAddress, nowMs: now(), deviceId: machine.device?.id, mediumId, token })
  const session = await store.addSession(fresh, signed.counter)
  if (session === 'too-many') throw tooManyMachines
  if (session === 'replayed') throw agentProblem(session)
  const isTheOne = takesPart(liveness, machine, session, now())
  const told = { hello, machine, approved: session.approved, isTheOne, ipAddress }
  // First, because it looks at when the machine was heard before.
  const isNoted = await noteOccasions(dependencies, told)
  await keepInventory(dependencies, told)
  if (isNoted) machine = await findMachine(dependencies, asked)
  if (isTheOne) addresses.remember(ipAddress, machine.lane)
  if (mediumId !== undefined) await noteUse(dependencies, { mediumId, machine, session, ipAddress })
  if (isTheOne && isClient(session) && machine.device !== undefined && machine.refused === undefined) {
    await store.noteClientHeard(machine.device.id, now())
  }
  const standing = await standingOf(dependencies, { machine, session, isTheOne, isGuess: guessed.length > 0 })
  const started = startsBecauseNamed(standing)
  guesses.add(
    { ...guesser, ...(isTheOne ? {} : { machineKey: undefined }), lane: machine.lane, machineName: machine.name },
    guessed.filter((id) => id !== started),
  )
  report(dependencies, { machine, session, standing, isTheOne, ipAddress })
  return { session: token, code: session.code, serverTimeMs: now(), machine: standing }
}

function startsBecauseNamed(standing: MachineStanding): DeploymentId | undefined {
  if (standing.kind !== 'armed' || standing.selection.kind !== 'start') return undefined
  return standing.selection.choice.deploymentId
}

async function noteUse(
  { store, now }: HttpDependencies,
  seen: Pick<Heard, 'machine' | 'session' | 'ipAddress'> & { readonly mediumId: MediumId },
): Promise<void> {
  const { machine, session, ipAddress, mediumId } = seen
  await store.noteMediumUse({
    mediumId,
    lane: machine.lane,
    ...(machine.device === undefined ? {} : { deviceId: machine.device.id }),
    machineName: machine.name,
    ipAddress,
    identityKey: session.identityKey,
    atMs: now(),
  })
}

/** An approved agent replaces whoever spoke for the machine; another one only when nobody does. */
export function takesPart(liveness: Liveness, machine: Machine, session: AgentSession, nowMs: number): boolean {
  if (!session.approved) return liveness.hear(machine.key, session.identityKey, nowMs)
  liveness.replace(machine.key, session.identityKey, nowMs)
  return true
}

async function standingOf(
  { store }: HttpDependencies,
  {
    machine,
    session,
    isTheOne,
    isGuess,
  }: Pick<Heard, 'machine' | 'session' | 'isTheOne'> & { readonly isGuess: boolean },
): Promise<MachineStanding> {
  if (machine.refused !== undefined) return { kind: 'nothing-to-run', reason: machine.refused, askAgainSeconds: 30 }
  // A parked or unapproved machine is told nothing of what is deployed (security A04, A06).
  if (!isTheOne) return { kind: 'waiting-for-approval', askAgainSeconds }
  const { selection } = machine
  const waits = machine.approvalBecause !== undefined && !session.approved
  if (waits && isGuess) return { kind: 'waiting-for-approval', askAgainSeconds }
  if (selection.kind === 'nothing') return { kind: 'nothing-to-run', reason: selection.publicText, askAgainSeconds: 30 }
  if (waits) return { kind: 'waiting-for-approval', askAgainSeconds }
  const choiceOf = async ({ deployment, taskSequenceName }: CandidateDeployment): Promise<Choice> => {
    const { id, purpose } = deployment
    const object = await store.taskSequences.get(deployment.taskSequenceId)
    const description = object?.sequence.description ?? ''
    // Who starts it has heard of it.
    const isForUsers = isClient(session) && selection.kind === 'start' && object !== undefined
    const whole = isForUsers ? await wholeSequence(store, object) : undefined
    const notification = whole === undefined ? undefined : userNotification(whole.sequence, whole.settings)
    const startsAtMs = earlyStartOf(selection, id)?.atMs
    const choice = {
      deploymentId: id,
      taskSequenceName,
      description,
      purpose,
      ...(startsAtMs === undefined ? {} : { startsAtMs }),
      ...askedFor(machine),
    }
    return notification === undefined ? choice : { ...choice, notification }
  }
  const selected: Selection =
    selection.kind === 'start'
      ? { kind: 'start', choice: await choiceOf(selection.candidate), because: selection.because }
      : {
          kind: 'choose',
          choices: await Promise.all(selection.candidates.map(async (candidate) => choiceOf(candidate))),
        }
  return { kind: 'armed', name: machine.name, selection: selected }
}

function isClient({ startedFrom }: AgentSession): boolean {
  return startedFrom === 'installed-system'
}

/** A client asks every quarter of an hour, and most often there is nothing to see. */
function isOfInterest(session: AgentSession, standing: MachineStanding): boolean {
  if (!isClient(session) || standing.kind === 'waiting-for-approval') return true
  return standing.kind === 'armed' && standing.selection.kind === 'start'
}

interface Heard {
  readonly machine: Machine
  readonly session: AgentSession
  readonly standing: MachineStanding
  readonly isTheOne: boolean
  readonly ipAddress: string
}

function report(dependencies: HttpDependencies, { machine, session, standing, isTheOne, ipAddress }: Heard): void {
  const { log, now } = dependencies
  const refused = machine.refused === undefined ? {} : { refused: machine.refused }
  const medium = session.mediumId === undefined ? {} : { medium: session.mediumId }
  const { code } = session
  const fields = { device: machine.name, ipAddress, code, standing: standing.kind, ...medium, ...refused }
  if (!isTheOne) {
    // The lane belongs to the agent that is alive; a copy must not write into it.
    log.warn(fields, 'a second agent speaks for a machine whose agent is alive; it is parked until approved')
    return
  }
  const { selection, firmwareDevice } = machine
  if (firmwareDevice !== undefined) {
    const text = 'its first address and SMBIOS GUID alone are those of another device; all that the agent tells decides'
    log.warn({ ...fields, otherDevice: `${firmwareDevice.name} (${firmwareDevice.id})` }, text)
  }
  log.info({ ...fields, ...(selection.kind === 'nothing' ? { reason: selection.logText } : {}) }, 'agent said hello')
  if (!isOfInterest(session, standing)) return
  tell(dependencies, {
    lane: machine.lane,
    atMs: now(),
    ipAddress,
    observation: {
      kind: 'agent-hello',
      text: textOf(standing, machine),
      ...(machine.device === undefined ? {} : { deviceId: machine.device.id }),
      name: machine.name,
      ipAddress,
      standing: standing.kind,
      code: session.code,
    },
  })
}

function textOf(standing: MachineStanding, { approvalBecause, refused, selection }: Machine): string {
  switch (standing.kind) {
    case 'armed':
      return standing.selection.kind === 'start'
        ? `Starting ${standing.selection.choice.taskSequenceName}`
        : 'Waiting for a task sequence to be chosen'
    case 'waiting-for-approval':
      return ['Waiting for an administrator to approve this machine', approvalBecause].join(': ')
    case 'nothing-to-run':
      return (
        (refused === undefined && selection.kind === 'nothing' ? selection.watcherText : undefined) ?? standing.reason
      )
    default:
      return standing satisfies never
  }
}
