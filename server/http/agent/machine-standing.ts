/**
 * What a machine may do: found in the site by its hardware, its deployments selected, and approval asked for where the
 * site wants it. Hello and the start of a run ask the same function, so a choice that was shown is checked again.
 */

import type { ClientPlatform } from '../../address/client-platform.ts'
import type { DeploymentId } from '../../address/identifiers.ts'
import { type MacAddress, parseMacAddress } from '../../address/mac-address.ts'
import { isMeaningfulSmbiosGuid, parseSmbiosGuid, type SmbiosGuid } from '../../address/smbios-guid.ts'
import type { BootFacts, CandidateDeployment } from '../../boot/boot-facts.ts'
import { assert } from '../../assert.ts'
import { healthOf } from '../../boot/decide.ts'
import {
  clientForLookUp,
  deviceOfFirmware,
  findIgnored,
  type Identification,
  identifyDevice,
  noMacAddress,
  usableMacAddresses,
} from '../../boot/identify-device.ts'
import type { PxeClient } from '../../boot/pxe-client.ts'
import type { Hardware, Hello, PreferredByAgent } from '../../contract/agent.ts'
import { holdsSecrets } from '../../sequence/mentions.ts'
import { flattenNodes } from '../../sequence/progress.ts'
import type { TaskSequence } from '../../sequence/task-sequence.ts'
import type { Device } from '../../site/device.ts'
import type { IdentifierLists } from '../../site/listed-identifier.ts'
import { holdsSecret } from '../../site/site-variable.ts'
import { unknownComputerPrefix } from '../../site/site-settings.ts'
import { nothingGuarded, type StartGuard } from '../../site/start-guard.ts'
import type { EarlyStart } from '../../targeting/eligible-deployments.ts'
import { type MachineSelection, selectForMachine } from '../../targeting/select-for-machine.ts'
import { canaryMachine } from '../../targeting/canary.ts'
import type { OnClient } from '../../targeting/turn-on-client.ts'
import { countedMs } from '../../targeting/start-guard.ts'
import { expandStored } from '../child-sequences.ts'
import type { HttpDependencies } from '../dependencies.ts'
import { agentProblem } from './agent-problem.ts'
import type { StartedFromMedium } from './medium-claim.ts'
import { allowedByMedium, vouchesFor, whyMediumIsRefused, withPreferred } from './started-from-medium.ts'
import { doors } from './run-time.ts'

export interface Machine {
  readonly lane: MacAddress
  /** Of its cards, those that are no other machine's as well. */
  readonly addresses: readonly MacAddress[]
  readonly name: string
  /** Unless other machines have it, too. */
  readonly smbiosGuid?: SmbiosGuid
  /** Absent: an unknown computer. */
  readonly device?: Device
  /** Set when firmware, which tells less, would have been taken for another device. */
  readonly firmwareDevice?: Device
  /** By which a second agent of the same machine is noticed. */
  readonly key: string
  readonly facts: BootFacts
  /** Its windows, and the clock they go by. */
  readonly maintenance: NonNullable<OnClient['maintenance']>
  readonly selection: MachineSelection<CandidateDeployment>
  /** Why an administrator must approve it first; absent: nobody must. */
  readonly approvalBecause?: string
  /** Set when nothing may run, whatever is deployed; for the machine's screen. */
  readonly refused?: string
}

export interface Asked {
  readonly hardware: Hardware
  readonly startedFrom: Hello['startedFrom']
  /** Where a client is; absent: it was never heard. */
  readonly ipAddress?: string
  /** Absent: it was started another way. */
  readonly medium?: StartedFromMedium | undefined
  readonly preferred?: PreferredByAgent | undefined
  /** Its mark is overlooked: the agent asks again for a run whose answer it never got. */
  readonly unanswered?: DeploymentId
}

export async function findMachine({ store, site }: HttpDependencies, asked: Asked): Promise<Machine> {
  const client = clientOf(asked.hardware)
  const facts = await store.about(client)
  const lists = facts.identifierLists
  const addresses = usableMacAddresses(client, lists)
  const identified = identifyDevice(client, facts.devices, lists)
  const device = identified.kind === 'known' ? identified.device : undefined
  const lane = addresses[0] ?? (device === undefined ? undefined : laneWithoutAddress(device))
  if (lane === undefined) throw agentProblem('invalid', 'The machine has no usable MAC address.')
  const maintenance = {
    windows: facts.maintenanceWindows,
    utcOffsetMinutes: asked.hardware.utcOffsetMinutes ?? 0,
  }
  // A run that is there already was let through when it started.
  const guard = asked.unanswered === undefined ? facts.startGuard : nothingGuarded
  const medium = asked.medium?.kind === 'started' ? asked.medium.medium : undefined
  const candidates = allowedByMedium(facts.candidates, medium)
  const selection = selectForMachine(lettingThrough(candidates, asked.unanswered), {
    variables: withPreferred(facts.variables, asked, medium),
    marks: (device?.requiredPxeMarks ?? facts.unknownComputerMarks).filter(
      (mark) => mark.deploymentId !== asked.unanswered,
    ),
    nowMs: facts.nowMs,
    door: doors[asked.startedFrom],
    guard,
    ...healthOf(facts),
    unattendedStarts: await countStarts(store, guard, facts.nowMs),
    platform: platformOf(asked.hardware),
    ...(asked.ipAddress === undefined
      ? {}
      : { network: { ipAddress: asked.ipAddress, intranet: site.intranet ?? [] } }),
    ...(device === undefined || asked.startedFrom !== 'installed-system'
      ? {}
      : { outcomes: await store.lastOutcomes(device.id), happened: await store.occasions(device.id) }),
    maintenance,
    meteredConnection: asked.hardware.meteredConnection,
    machine: canaryMachine({ ...(device === undefined ? {} : { deviceId: device.id }), lane }),
  })
  const { variables } = facts
  const { smbiosGuid } = clientForLookUp(client, lists)
  const approvalBecause = vouchesFor(medium)
    ? undefined
    : (siteAsksApproval(site, device) ??
      (await secretAsksApproval(store, { variables, candidates: startable(selection) })))
  return {
    lane,
    addresses,
    ...(smbiosGuid === undefined ? {} : { smbiosGuid }),
    name: device?.name ?? `${unknownComputerPrefix}${lane}`,
    ...(device === undefined ? {} : { device }),
    ...differentDevice(deviceOfFirmware(client, facts.devices, lists), device),
    key: device === undefined ? lane : `device ${device.id}`,
    facts,
    maintenance,
    selection,
    ...(approvalBecause === undefined ? {} : { approvalBecause }),
    ...refusal(identified.kind, { client, lists, site, asked }),
  }
}

function differentDevice(
  firmwareDevice: Device | undefined,
  device: Device | undefined,
): { readonly firmwareDevice?: Device } {
  return firmwareDevice === undefined || device === undefined || firmwareDevice.id === device.id
    ? {}
    : { firmwareDevice }
}

function lettingThrough(
  candidates: readonly CandidateDeployment[],
  unanswered: DeploymentId | undefined,
): readonly CandidateDeployment[] {
  return candidates.map((candidate) =>
    candidate.deployment.id === unanswered ? { ...candidate, canaryRing: [] } : candidate,
  )
}

async function countStarts(
  store: HttpDependencies['store'],
  { maximumStartsPerHour }: StartGuard,
  nowMs: number,
): Promise<number> {
  return maximumStartsPerHour === undefined ? 0 : store.unattendedStarts(nowMs - countedMs)
}

function platformOf({ architecture, operatingSystem }: Hardware): ClientPlatform {
  return { architecture, ...(operatingSystem === undefined ? {} : { operatingSystem }) }
}

function siteAsksApproval(
  { unknownComputers, knownDevices }: HttpDependencies['site'],
  device: Device | undefined,
): string | undefined {
  if (device === undefined) return unknownComputers === 'allow' ? undefined : 'the site does not know it'
  return knownDevices === 'approve' ? 'known devices are approved, too' : undefined
}

interface WouldGet {
  readonly variables: BootFacts['variables']
  readonly candidates: readonly CandidateDeployment[]
}

/**
 * Whatever the site allows: what a copied address would get is more than a disk of somebody's own (security A04, A06). The
 * one rule for everything secret that a policy brings, be it in a step or in a variable (S1-071).
 */
async function secretAsksApproval(
  store: HttpDependencies['store'],
  { variables, candidates }: WouldGet,
): Promise<string | undefined> {
  if (candidates.length === 0) return undefined
  const secret = variables.find((variable) => holdsSecret(variable))
  if (secret !== undefined) return `it would get the secret variable ${secret.name}`
  for (const { deployment } of candidates) {
    const object = await store.taskSequences.get(deployment.taskSequenceId)
    if (object === undefined) continue
    // What a child holds goes out with the policy as well.
    const expanded = await expandStored(store, object)
    const { sequence } = expanded.kind === 'expanded' ? expanded : object
    if (holdsSecrets(sequence)) return `"${sequence.name}" holds a secret`
    // A copied address would otherwise be given the files of the people who work at the real machine.
    if (restoresUserState(sequence)) return `"${sequence.name}" restores user state`
  }
  return undefined
}

function restoresUserState(sequence: TaskSequence): boolean {
  return flattenNodes(sequence).some(
    ({ node, enabled }) =>
      enabled &&
      node.kind === 'step' &&
      node.action.type === 'request-state-store' &&
      node.action.purpose === 'restore',
  )
}

interface Refusable {
  readonly client: PxeClient
  readonly lists: IdentifierLists
  readonly site: HttpDependencies['site']
  readonly asked: Asked
}

function refusal(
  kind: Identification['kind'],
  { client, lists, site, asked }: Refusable,
): { readonly refused?: string } {
  const medium = whyMediumIsRefused(kind, asked)
  if (medium !== undefined) return { refused: medium }
  if (findIgnored(client, lists) !== undefined) return { refused: 'The site does not serve this machine.' }
  if (kind === 'refused')
    return { refused: 'The identifiers of this machine contradict one another. Ask the administrator.' }
  if (kind === 'unknown' && site.unknownComputers === 'ignore')
    return { refused: 'This computer is not known to the site.' }
  return {}
}

/** The deployments that may be started now. */
export function startable(selection: MachineSelection<CandidateDeployment>): readonly CandidateDeployment[] {
  switch (selection.kind) {
    case 'start':
      return [selection.candidate]
    case 'choose':
      return selection.candidates
    case 'nothing':
      return []
    default:
      return selection satisfies never
  }
}

/** Undefined: it does not wait for anything. */
export function earlyStartOf(
  selection: MachineSelection<CandidateDeployment>,
  id: DeploymentId,
): EarlyStart<CandidateDeployment> | undefined {
  const early = selection.kind === 'choose' ? selection.early : []
  return early.find(({ candidate }) => candidate.deployment.id === id)
}

/** A device known by its SMBIOS GUID that came over a shared adapter: an address that is no card's, and its own alone. */
function laneWithoutAddress({ id }: Device): MacAddress {
  const lane = parseMacAddress(`0200${Number(id).toString(16).padStart(8, '0').slice(-8)}`)
  assert(lane !== undefined, `device ${id} has a number`)
  return lane
}

function clientOf(hardware: Hardware): PxeClient {
  const [macAddress = noMacAddress, ...otherMacAddresses] = hardware.macAddresses.flatMap(
    (text) => parseMacAddress(text) ?? [],
  )
  const guid = parseSmbiosGuid(hardware.smbiosGuid ?? '')
  return {
    macAddress,
    otherMacAddresses,
    ...(guid !== undefined && isMeaningfulSmbiosGuid(guid) ? { smbiosGuid: guid } : {}),
    ...(hardware.serialNumber === undefined ? {} : { serialNumber: hardware.serialNumber }),
    // The agent knows its processor, so of BIOS nothing is left open (boot/platform-architecture.ts).
    platform: {
      architecture: hardware.architecture,
      firmware: hardware.firmware,
      ...(hardware.firmware === 'bios' ? { longMode: hardware.architecture === 'x64' } : {}),
      transport: 'http',
      code: 0,
    },
    stage: 'ours',
  }
}
