/**
 * The state of one deployment on each of its machines: members of its collection by the index in memory, their last runs and marks in
 * pages, and the rule for one machine (targeting/deployment-status.ts). Ten thousand machines are judged in slices.
 */

import type { Kysely } from 'kysely'
import type { CollectionId } from '../address/identifiers.ts'
import { whyUnfit } from '../boot/why-unfit.ts'
import { isDue } from '../site/client-schedule.ts'
import { isForClients, isForMediaAndPxe, type Deployment, Purpose } from '../site/deployment.ts'
import type { Device } from '../site/device.ts'
import type { MaintenanceWindow } from '../site/maintenance-window.ts'
import type { CandidateDeployment } from '../targeting/candidate-deployment.ts'
import { type MachineFacts, type MachineStatus, machineStatus } from '../targeting/deployment-status.ts'
import { deploymentsInEffect } from '../targeting/deployments-in-effect.ts'
import { waitForWindow, type WindowWait } from '../targeting/maintenance-wait.ts'
import { inItsOwnTime } from '../targeting/turn-on-client.ts'
import { readCandidates } from './reads/boot-facts.ts'
import { inSlices } from './reads/in-slices.ts'
import type { MembershipIndex } from './reads/membership-index.ts'
import type { MembershipPlans } from './reads/membership-plans.ts'
import { type LastRuns, readLastRuns, readMarkedDevices, type RunOfDeployment } from './reads/runs-of-deployment.ts'
import type { Schema } from './schema.ts'

export interface StatusSources {
  readonly db: Kysely<Schema>
  readonly plans: MembershipPlans
  readonly index: MembershipIndex
  nowMs(): number
}

export interface JudgedMachine extends MachineStatus {
  readonly kind: 'device' | 'former-member' | 'unknown-computer'
  readonly device?: Device
  readonly name: string
  readonly run?: RunOfDeployment
  /** No maintenance window will ever let it start. */
  readonly waitsForever: boolean
}

/** Members by name, then devices that are none any more, then unknown computers. */
export async function judgeMachines(sources: StatusSources, deployment: Deployment): Promise<readonly JudgedMachine[]> {
  const { db, index } = sources
  await index.upToDate()
  const runs = await readLastRuns(db, deployment.id)
  const facts = await gather(sources, deployment)
  const judged: JudgedMachine[] = []
  const members = index.membersOf(deployment.collectionId)
  await inSlices(members, (device) => {
    judged.push(judgeMember(device, runs.ofDevices.get(device.id), facts))
  })
  return [...judged, ...formerMembers(runs, new Set(members.map(({ id }) => id))), ...unknownComputers(runs)]
}

interface Facts {
  readonly deployment: Deployment
  readonly nowMs: number
  readonly marked: ReadonlySet<string>
  readonly notOffered: MachineFacts['notOffered']
  unfit(device: Device): string | undefined
  waits(device: Device): WindowWait | undefined
}

async function gather(sources: StatusSources, deployment: Deployment): Promise<Facts> {
  const { db } = sources
  const nowMs = sources.nowMs()
  const candidate = (await readCandidates(db, [deployment.collectionId])).find(
    (one) => one.deployment.id === deployment.id,
  )
  const waits = candidate === undefined ? () => undefined : await windowWaits(sources, candidate, nowMs)
  return {
    deployment,
    nowMs,
    marked: await readMarkedDevices(db, deployment.id),
    notOffered: whyNotOffered(deployment, candidate, nowMs),
    unfit: remembered(
      ({ inventory: told }) => [told?.architecture, told?.firmware, told?.operatingSystem],
      ({ inventory: told }) => (told === undefined || candidate === undefined ? undefined : whyUnfit(candidate, told)),
    ),
    waits,
  }
}

/** At every door that it is made available to; what is disabled is a candidate nowhere. */
function whyNotOffered(
  deployment: Deployment,
  candidate: CandidateDeployment | undefined,
  nowMs: number,
): MachineFacts['notOffered'] {
  if (candidate === undefined) return { isExpired: false, reason: 'the deployment is disabled' }
  const { makeAvailableTo, expiresAtMs } = deployment
  const doors = [
    ...(isForMediaAndPxe(makeAvailableTo) ? (['pxe'] as const) : []),
    ...(isForClients(makeAvailableTo) ? (['client'] as const) : []),
  ]
  const reasons = doors.map((door) => deploymentsInEffect([candidate], nowMs, door).rejected[0]?.reason)
  const [reason] = reasons
  if (reason === undefined || reasons.includes(undefined)) return undefined
  return { isExpired: expiresAtMs !== undefined && nowMs >= expiresAtMs, reason }
}

/** Most devices have the windows of the same few collections. */
async function windowWaits(
  { plans, index }: StatusSources,
  { deployment, maximumRunMinutes }: CandidateDeployment,
  nowMs: number,
): Promise<Facts['waits']> {
  const { purpose, makeAvailableTo, softwareInstallationOutsideWindow } = deployment
  if (purpose !== Purpose.required || !isForClients(makeAvailableTo) || softwareInstallationOutsideWindow) {
    return () => undefined
  }
  const windowed = (await plans.now()).steps
    .map(({ collection }) => collection)
    .filter(({ maintenanceWindows }) => maintenanceWindows.length > 0)
  const collectionsOf = (device: Device): readonly CollectionId[] =>
    windowed.flatMap(({ id }) => (index.isMember(id, device.id) ? [id] : []))
  const windowsOf = (ids: readonly CollectionId[]): readonly MaintenanceWindow[] =>
    windowed.flatMap(({ id, maintenanceWindows }) => (ids.includes(id) ? maintenanceWindows : []))
  return remembered(
    (device) => [collectionsOf(device), device.inventory?.utcOffsetMinutes],
    (device) => {
      const utcOffsetMinutes = device.inventory?.utcOffsetMinutes ?? 0
      const { clientSchedule, availableAtMs } = inItsOwnTime(deployment, utcOffsetMinutes)
      const due = isDue(clientSchedule, { nowMs, utcOffsetMinutes, availableAtMs })
      if (due.kind === 'no-more') return undefined
      const wait = waitForWindow({
        windows: windowsOf(collectionsOf(device)),
        utcOffsetMinutes,
        nowMs,
        maximumRunMinutes,
      })
      // Before it is due it waits for its schedule first.
      return due.kind === 'due' || wait?.isForever === true ? wait : undefined
    },
  )
}

/** One answer for all devices that are alike in what it depends on. */
function remembered<T>(dependsOn: (device: Device) => unknown, answer: (device: Device) => T): (device: Device) => T {
  const known = new Map<string, { readonly value: T }>()
  return (device) => {
    const key = JSON.stringify(dependsOn(device))
    const found = known.get(key) ?? { value: answer(device) }
    known.set(key, found)
    return found.value
  }
}

function judgeMember(device: Device, run: RunOfDeployment | undefined, facts: Facts): JudgedMachine {
  const isMarked = facts.marked.has(device.id)
  const hasStarted = run !== undefined || isMarked
  const isHeard = device.inventory !== undefined
  const wait = hasStarted || facts.notOffered !== undefined ? undefined : facts.waits(device)
  const status = machineStatus({
    ...(run === undefined ? {} : { lastRun: run }),
    isMarked,
    isHeard,
    notOffered: facts.notOffered,
    unfit: hasStarted ? undefined : facts.unfit(device),
    waits: isHeard ? wait?.reason : undefined,
  })
  return {
    ...status,
    kind: 'device',
    device,
    name: device.name,
    ...(run === undefined ? {} : { run }),
    waitsForever: wait?.isForever === true,
  }
}

function formerMembers({ ofDevices }: LastRuns, members: ReadonlySet<string>): readonly JudgedMachine[] {
  const left = [...ofDevices.values()].filter(({ deviceId }) => deviceId !== undefined && !members.has(deviceId))
  return left.map((run) => judgeRun('former-member', run))
}

function unknownComputers({ ofUnknownComputers }: LastRuns): readonly JudgedMachine[] {
  return [...ofUnknownComputers.values()].map((run) => judgeRun('unknown-computer', run))
}

function judgeRun(kind: JudgedMachine['kind'], run: RunOfDeployment): JudgedMachine {
  const status = machineStatus({ lastRun: run, isHeard: true })
  return { ...status, kind, name: run.machineName, run, waitsForever: false }
}
