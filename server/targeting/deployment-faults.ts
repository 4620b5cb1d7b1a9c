/**
 * What is wrong with a deployment as an administrator wrote it (configmgr-spec 5). Judged when it is made, and afterwards only
 * where it changes: one that is there may still be suspended, or given an end, whatever its sequence has become (S5-042).
 */

import { isHighImpact } from '../sequence/high-impact.ts'
import type { TaskSequenceObject } from '../sequence/task-sequence-object.ts'
import type { Collection } from '../site/collection.ts'
import { type Deployment, isForClients, MakeAvailableTo, Purpose } from '../site/deployment.ts'
import type { StartGuard } from '../site/start-guard.ts'
import type { FieldFault } from '../site/field-fault.ts'

type Written = Pick<
  Deployment,
  'taskSequenceId' | 'collectionId' | 'purpose' | 'makeAvailableTo' | 'availableAtMs' | 'expiresAtMs'
> &
  Partial<Pick<Deployment, 'clientSchedule'>>

export interface HighRisk
  extends Pick<StartGuard, 'highRiskDefaultSize' | 'highRiskMaximumSize' | 'siteSystemServers'>,
    RiskyMembers {}

/** Of the collection, now: later growth is not looked at (S5-042). */
export interface RiskyMembers {
  readonly members: number
  /** Names of servers among them, and of the machine that the site itself runs on. */
  readonly servers: readonly string[]
  readonly siteServers: readonly string[]
}

/** What somebody may accept, unlike every other fault. */
export const acceptedAs = 'acceptRisk'

export interface DeploymentSurroundings {
  /** Absent: it is new. */
  readonly current?: Written | undefined
  /** Absent: there is none of this name, which is said elsewhere. */
  readonly sequence?: Pick<TaskSequenceObject, 'id' | 'bootImageId' | 'sequence' | 'settings'> | undefined
  readonly collection?: Pick<Collection, 'kind' | 'name'> | undefined
  /** What is asked of its size; absent: nothing. */
  readonly risk?: HighRisk | undefined
}

export function deploymentFaults(written: Written, around: DeploymentSurroundings): readonly FieldFault[] {
  return [
    ...whatIsFixed(written, around.current),
    ...whyTooRisky(written, around),
    ...whyWhoIsInIt(written, around),
    ...whyNeverStarted(written, around),
    ...whyNeverAvailable(written),
    ...whyNotScheduled(written),
  ]
}

/** S5-003. Marks and runs are of what was deployed, and where. */
function whatIsFixed(written: Written, current: Written | undefined): readonly FieldFault[] {
  if (current === undefined) return []
  return (['taskSequenceId', 'collectionId'] as const)
    .filter((field) => written[field] !== current[field])
    .map((field) => fault(field, `a deployment keeps ${current[field]}, with which it was made; make another one`))
}

/** S5-037, S5-038: what starts by itself and replaces the system is never for everything that the site has. */
function whyTooRisky(
  written: Written,
  { current, sequence, collection }: DeploymentSurroundings,
): readonly FieldFault[] {
  if (written.purpose !== Purpose.required || current?.purpose === Purpose.required) return []
  if (sequence === undefined || collection?.kind !== 'all-systems') return []
  if (!isHighImpact(sequence.sequence, sequence.settings)) return []
  const message = `${sequence.id} deploys an operating system, and is not required of ${collection.name}; name a collection of your own, or make it available`
  return [fault('collectionId', message)]
}

/** S5-039 to S5-041: how many machines a mistake would reach, and which. */
function whyWhoIsInIt(
  { purpose }: Written,
  { current, sequence, collection, risk }: DeploymentSurroundings,
): readonly FieldFault[] {
  if (purpose !== Purpose.required || current?.purpose === Purpose.required) return []
  if (risk === undefined || sequence === undefined || collection === undefined) return []
  if (!isHighImpact(sequence.sequence, sequence.settings)) return []
  return [...whyTooMany(collection.name, sequence.id, risk), ...whyServers(collection.name, sequence.id, risk)]
}

function whyTooMany(collection: string, sequence: string, risk: HighRisk): readonly FieldFault[] {
  const { members, highRiskDefaultSize, highRiskMaximumSize } = risk
  const what = `${collection} has ${members} members, and ${sequence} replaces what is on them`
  if (highRiskMaximumSize !== 0 && members > highRiskMaximumSize) {
    return [fault('collectionId', `${what}; more than ${highRiskMaximumSize} are never accepted at this site`)]
  }
  if (highRiskDefaultSize === 0 || members <= highRiskDefaultSize) return []
  return [toAccept(`${what}, which is more than ${highRiskDefaultSize}`)]
}

function whyServers(collection: string, sequence: string, risk: HighRisk): readonly FieldFault[] {
  const { servers, siteServers, siteSystemServers } = risk
  const own = `${collection} has ${printNames(siteServers)}, on which this server runs, and ${sequence} replaces what is on it`
  if (siteServers.length > 0 && siteSystemServers === 'block') {
    return [fault('collectionId', `${own}; that is never accepted at this site`)]
  }
  const others = servers.filter((name) => !siteServers.includes(name))
  return [
    ...(siteServers.length > 0 ? [toAccept(own)] : []),
    ...(others.length > 0
      ? [toAccept(`${collection} has servers (${printNames(others)}), and ${sequence} replaces what is on them`)]
      : []),
  ]
}

const namesMax = 5

function printNames(names: readonly string[]): string {
  const more = names.length - namesMax
  return [...names.slice(0, namesMax), ...(more > 0 ? [`${more} more`] : [])].join(', ')
}

function toAccept(what: string): FieldFault {
  return { path: [acceptedAs], message: `${what}: accept it, or take another collection` }
}

/** S5-012: without a boot image nothing starts over PXE or from media. */
function whyNeverStarted(written: Written, { current, sequence }: DeploymentSurroundings): readonly FieldFault[] {
  const { makeAvailableTo } = written
  if (makeAvailableTo === current?.makeAvailableTo || sequence === undefined || sequence.bootImageId !== undefined)
    return []
  const forBootImageOnly =
    makeAvailableTo === MakeAvailableTo.mediaAndPxe || makeAvailableTo === MakeAvailableTo.mediaAndPxeHidden
  if (!forBootImageOnly) return []
  return [fault('makeAvailableTo', `${sequence.id} uses no boot image, so that media and PXE could never start it`)]
}

function whyNeverAvailable({ availableAtMs, expiresAtMs }: Written): readonly FieldFault[] {
  if (expiresAtMs === undefined || expiresAtMs > availableAtMs) return []
  return [fault('expiresAtMs', 'the deployment would expire before it is available')]
}

/** S5-019: what a person starts has no schedule; what never comes to clients has none either. */
function whyNotScheduled({ purpose, makeAvailableTo, clientSchedule }: Written): readonly FieldFault[] {
  const { assignments = [], occasions = [] } = clientSchedule ?? {}
  if (assignments.length === 0 && occasions.length === 0) return []
  if (purpose !== Purpose.required) return [fault('clientSchedule', 'only a required deployment is scheduled')]
  return isForClients(makeAvailableTo)
    ? []
    : [fault('clientSchedule', 'it is not made available to clients, and nothing else has a schedule')]
}

function fault(field: keyof Written, message: string): FieldFault {
  return { path: [field], message }
}

/** A choice of this site: whether a second person has to approve it before it starts anywhere. Judged when it is made. */
export function needsSecondApproval(
  { purpose }: Pick<Deployment, 'purpose'>,
  { sequence, members, secondApprovalAbove }: SecondApprovalAsked,
): boolean {
  if (purpose !== Purpose.required || sequence === undefined) return false
  return (
    secondApprovalAbove !== 0 && members > secondApprovalAbove && isHighImpact(sequence.sequence, sequence.settings)
  )
}

export interface SecondApprovalAsked {
  readonly sequence: DeploymentSurroundings['sequence']
  readonly members: number
  readonly secondApprovalAbove: number
}
