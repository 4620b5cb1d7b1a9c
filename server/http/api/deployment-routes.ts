/** `/deployments`: a task sequence for a collection, with purpose and "make available to". */

import { isDeepStrictEqual } from 'node:util'
import { z } from 'zod'
import type { CollectionId } from '../../address/identifiers.ts'
import { defaultClientSchedule } from '../../site/client-schedule.ts'
import type { Deployment } from '../../site/deployment.ts'
import { defaultDeploymentOptions } from '../../site/deployment-options.ts'
import type { TemplateSettings } from '../../site/deployment-template.ts'
import type { Device } from '../../site/device.ts'
import { hasAnyCard, isServerMachine } from '../../site/server-machine.ts'
import type { FieldFault } from '../../site/field-fault.ts'
import type { TaskSequenceObject } from '../../sequence/task-sequence-object.ts'
import { currentActor } from '../../store/actor.ts'
import type { Draft, Store } from '../../store/ports.ts'
import {
  acceptedAs,
  deploymentFaults,
  needsSecondApproval,
  type RiskyMembers,
} from '../../targeting/deployment-faults.ts'
import { deploymentOptionFaults } from '../../targeting/deployment-option-faults.ts'
import { wholeSequence } from '../child-sequences.ts'
import type { HttpDependencies } from '../dependencies.ts'
import { type Fault, Problem } from '../problem.ts'
import { brokenReferences, readKnownObjects } from './broken-references.ts'
import { deploymentDraft, deploymentView, showDeployment } from './deployment-fields.ts'
import { completedOptions } from './deployment-option-fields.ts'
import { distributeFor } from './distribute-deployment.ts'
import { editedValue, objectAnswer } from './edit-answer.ts'
import { deploymentId } from './fields.ts'
import { objectRoutes } from './object-routes.ts'
import { type ApiRoute, defineRoute } from './route.ts'

export function deploymentRoutes(dependencies: HttpDependencies): readonly ApiRoute[] {
  return [...deploymentObjectRoutes(dependencies), approveRoute(dependencies.store)]
}

function approveRoute(store: Store): ApiRoute {
  return defineRoute({
    method: 'post',
    path: '/deployments/{id}/approve',
    summary: 'Approve a deployment to many machines that somebody else has made',
    params: z.object({ id: deploymentId }),
    answers: { 200: deploymentView },
    answer: async ({ params: { id } }) => objectAnswer(showDeployment(editedValue(await store.approveDeployment(id)))),
  })
}

function deploymentObjectRoutes(dependencies: HttpDependencies): readonly ApiRoute[] {
  const { store } = dependencies
  return objectRoutes({
    path: 'deployments',
    noun: 'deployment',
    objects: store.deployments,
    id: deploymentId,
    draft: deploymentDraft,
    view: deploymentView,
    show: showDeployment,
    complete: (sent, current) => completeDeployment(dependencies, sent, current),
    edits: () => ({
      ...store.deployments,
      // First its content: a deployment without it would have to be made again.
      create: async (draft) => {
        await distributeFor(store, draft)
        return store.deployments.create(draft)
      },
    }),
  })
}

type Sent = z.output<typeof deploymentDraft>

/** What was sent becomes a whole deployment, with all its faults at once. */
async function completeDeployment(
  dependencies: Pick<HttpDependencies, 'store' | 'now' | 'ownMacAddresses'>,
  sent: Sent,
  current: Deployment | undefined,
): Promise<Draft<Deployment>> {
  const { store, now } = dependencies
  const { taskSequenceId, collectionId, comment, expiresAtMs } = sent
  const base = await readBase(store, sent, current)
  const purpose = sent.purpose ?? base?.purpose
  const makeAvailableTo = sent.makeAvailableTo ?? base?.makeAvailableTo
  if (purpose === undefined || makeAvailableTo === undefined) {
    throw new Problem(422, { faults: whatIsNeeded({ purpose, makeAvailableTo }) })
  }
  const [own, collection] = await Promise.all([
    store.taskSequences.get(taskSequenceId),
    store.collections.get(collectionId),
  ])
  // Children do what they do to the same disk.
  const sequence = own === undefined ? undefined : await wholeSequence(store, own)
  const written = {
    ...completedOptions(sent, { ...defaultDeploymentOptions, ...base }),
    taskSequenceId,
    collectionId,
    purpose,
    makeAvailableTo,
    comment,
    enabled: sent.enabled ?? current?.enabled ?? true,
    availableAtMs: sent.availableAtMs ?? current?.availableAtMs ?? now(),
    ...(expiresAtMs === undefined ? {} : { expiresAtMs }),
  }
  const scheduled = sent.clientSchedule === undefined ? {} : { clientSchedule: sent.clientSchedule }
  const faults: Fault[] = []
  if (own === undefined) faults.push({ path: 'taskSequenceId', message: `there is no task sequence ${taskSequenceId}` })
  // One that is there already may still be suspended, or given an end.
  else if (current === undefined) faults.push(...(await whyNotDeployable(store, own)))
  if (collection === undefined) faults.push({ path: 'collectionId', message: `there is no collection ${collectionId}` })
  const risk = { ...(await store.startGuard()), ...(await riskyMembers(dependencies, collection?.id)) }
  const found = deploymentFaults({ ...written, ...scheduled }, { current, sequence, collection, risk })
  const isRisky = found.some(({ path }) => path[0] === acceptedAs)
  const left = found.filter(({ path }) => !sent.acceptRisk || path[0] !== acceptedAs)
  faults.push(...[...left, ...deploymentOptionFaults(written, { current, sequence, collection })].map(asFault))
  if (faults.length > 0) throw new Problem(422, { faults })
  const canary = sent.canary === undefined ? current?.canary : (sent.canary ?? undefined)
  const asked = { sequence, members: risk.members, secondApprovalAbove: risk.secondApprovalAbove }
  const complete = {
    ...written,
    obeyScheduleInBootImage: sent.obeyScheduleInBootImage ?? current?.obeyScheduleInBootImage ?? false,
    clientSchedule: sent.clientSchedule ?? current?.clientSchedule ?? defaultClientSchedule,
    ...((sent.reinstallHealthy ?? current?.reinstallHealthy) === true ? ({ reinstallHealthy: true } as const) : {}),
    ...(canary === undefined ? {} : { canary }),
  }
  const isOther = current?.purpose !== purpose || approvesAnother(complete, current)
  const askedBy = isOther && needsSecondApproval(written, asked) ? currentActor() : undefined
  const secondApproval = askedBy === undefined ? current?.secondApproval : { askedBy }
  const riskAcceptedBy = isRisky ? currentActor()?.name : current?.riskAcceptedBy
  return {
    ...complete,
    ...(riskAcceptedBy === undefined ? {} : { riskAcceptedBy }),
    ...(secondApproval === undefined ? {} : { secondApproval }),
  }
}

/** What decides when and where it starts; suspending it, letting it go on, and how it shows itself need nobody else. */
const approvedFields = [
  'makeAvailableTo',
  'availableAtMs',
  'expiresAtMs',
  'obeyScheduleInBootImage',
  'clientSchedule',
  'reinstallHealthy',
  'canary',
  'softwareInstallationOutsideWindow',
  'systemRestartOutsideWindow',
] as const

/** Whether somebody else has approved, or is asked to approve, something different from this. */
function approvesAnother(
  written: Pick<Deployment, (typeof approvedFields)[number]>,
  current: Deployment | undefined,
): boolean {
  if (current?.secondApproval === undefined) return false
  return approvedFields.some((field) => !isDeepStrictEqual(written[field], current[field]))
}

async function riskyMembers(
  { store, ownMacAddresses }: Pick<HttpDependencies, 'store' | 'ownMacAddresses'>,
  id: CollectionId | undefined,
): Promise<RiskyMembers> {
  if (id === undefined) return { members: 0, servers: [], siteServers: [] }
  const own = new Set(ownMacAddresses())
  const devices = await store.deviceMembers(id)
  const namesOf = (found: readonly Device[]): readonly string[] => found.map(({ name }) => name)
  return {
    members: await store.memberCount(id),
    servers: namesOf(devices.filter(isServerMachine)),
    siteServers: namesOf(devices.filter((device) => hasAnyCard(device, own))),
  }
}

/** Only a new deployment is made from one; later it is its own. */
async function readBase(
  { deploymentTemplates }: Store,
  { templateId }: Sent,
  current: Deployment | undefined,
): Promise<Deployment | TemplateSettings | undefined> {
  if (templateId === undefined) return current
  if (current !== undefined) {
    throw new Problem(422, { faults: [{ path: 'templateId', message: 'a template is for a new deployment' }] })
  }
  const template = await deploymentTemplates.get(templateId)
  if (template !== undefined) return template.settings
  throw new Problem(422, { faults: [{ path: 'templateId', message: `there is no template ${templateId}` }] })
}

function whatIsNeeded(fields: Readonly<Record<string, unknown>>): readonly Fault[] {
  const missing = Object.keys(fields).filter((name) => fields[name] === undefined)
  return missing.map((path) => ({ path, message: 'is needed, unless a template has it' }))
}

function asFault({ path, message }: FieldFault): Fault {
  return { path: path.join('.'), message }
}

/** S1-096: a sequence with an invalid reference cannot be deployed. */
async function whyNotDeployable(store: Store, sequence: TaskSequenceObject): Promise<readonly Fault[]> {
  return brokenReferences(sequence, await readKnownObjects(store)).map(({ path, message }) => ({
    path: 'taskSequenceId',
    message: `task sequence ${sequence.id} cannot be deployed: ${path}: ${message}`,
  }))
}
