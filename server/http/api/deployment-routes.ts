/** `/deployments`: a task sequence for a collection, with purpose and "make available to". */

import { z } from 'zod'
import { defaultClientSchedule } from '../../site/client-schedule.ts'
import { canaryMachinesMax, type Deployment, MakeAvailableTo, Purpose } from '../../site/deployment.ts'
import type { TaskSequenceObject } from '../../sequence/task-sequence-object.ts'
import { currentActor } from '../../store/actor.ts'
import type { Store } from '../../store/ports.ts'
import { acceptedAs, deploymentFaults, needsSecondApproval } from '../../targeting/deployment-faults.ts'
import type { HttpDependencies } from '../dependencies.ts'
import { type Fault, Problem } from '../problem.ts'
import { brokenReferences, readKnownObjects } from './broken-references.ts'
import { editedValue, objectAnswer } from './edit-answer.ts'
import { collectionId, deploymentId, label, packageId } from './fields.ts'
import { clientScheduleDraft, clientScheduleView, showClientSchedule } from './schedule-fields.ts'
import { objectRoutes } from './object-routes.ts'
import { type ApiRoute, defineRoute } from './route.ts'

const instant = z.number().int().nonnegative().max(8_640_000_000_000_000)

const deploymentDraft = z
  .strictObject({
    taskSequenceId: packageId,
    collectionId,
    purpose: z.enum(Object.values(Purpose)),
    makeAvailableTo: z.enum(Object.values(MakeAvailableTo)),
    comment: label(512).default(''),
    enabled: z.boolean().default(true),
    availableAtMs: instant.exactOptional().meta({
      description: 'Milliseconds since 1970; absent: now. Clients in the installed system are not offered it earlier',
    }),
    expiresAtMs: instant.exactOptional().meta({
      description:
        'Milliseconds since 1970; absent: never. Clients in the installed system are not offered it from then on',
    }),
    obeyScheduleInBootImage: z.boolean().exactOptional().meta({
      description: 'Both times hold for PXE and media, too; absent: as it is, and false for a new deployment',
    }),
    acceptRisk: z.boolean().default(false).meta({
      description:
        'That something which replaces the system is required of a collection with more members than is usual here (S5-041)',
    }),
    clientSchedule: clientScheduleDraft.exactOptional().meta({
      description:
        'Of a required one, on clients in their installed system; absent: as it is, and as soon as possible for a new one',
    }),
    canary: z
      .strictObject({
        machines: z.number().int().min(1).max(canaryMachinesMax),
        failuresMax: z
          .number()
          .int()
          .min(0)
          .max(canaryMachinesMax - 1),
      })
      .refine(
        ({ machines, failuresMax }) => failuresMax < machines,
        'would never stop it: fewer may fail than there are',
      )
      .nullable()
      .exactOptional()
      .meta({
        description:
          'The first machines that start it go ahead of all others; when more of them fail, it starts nowhere any more. Null: none; absent: as it is',
      }),
    reinstallHealthy: z.boolean().exactOptional().meta({
      description: 'Required over PXE of machines whose client was heard a short time ago, too; absent: as it is',
    }),
  })
  .meta({ id: 'DeploymentDraft' })

const deploymentView = z
  .object({
    id: z.string(),
    taskSequenceId: z.string(),
    collectionId: z.string(),
    purpose: z.enum(Object.values(Purpose)),
    makeAvailableTo: z.enum(Object.values(MakeAvailableTo)),
    comment: z.string(),
    enabled: z.boolean(),
    availableAtMs: z.number(),
    expiresAtMs: z.number().optional(),
    obeyScheduleInBootImage: z.boolean(),
    riskAcceptedBy: z.string().optional(),
    secondApproval: z
      .object({ askedBy: z.string(), approvedBy: z.string().optional() })
      .optional()
      .meta({ description: 'Without approvedBy it starts nowhere' }),
    clientSchedule: clientScheduleView,
    canary: z.object({ machines: z.number().int(), failuresMax: z.number().int() }).optional(),
    reinstallHealthy: z.boolean().optional(),
    createdAtMs: z.number(),
    revision: z.number().int(),
  })
  .meta({ id: 'Deployment' })

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

function deploymentObjectRoutes({ store, now }: HttpDependencies): readonly ApiRoute[] {
  return objectRoutes({
    path: 'deployments',
    noun: 'deployment',
    objects: store.deployments,
    id: deploymentId,
    draft: deploymentDraft,
    view: deploymentView,
    show: showDeployment,
    complete: async ({ canary: sentCanary, reinstallHealthy: sentReinstall, acceptRisk, ...sent }, current) => {
      const [sequence, collection] = await Promise.all([
        store.taskSequences.get(sent.taskSequenceId),
        store.collections.get(sent.collectionId),
      ])
      const availableAtMs = sent.availableAtMs ?? current?.availableAtMs ?? now()
      const written = { ...sent, availableAtMs }
      const faults: Fault[] = []
      if (sequence === undefined)
        faults.push({ path: 'taskSequenceId', message: `there is no task sequence ${sent.taskSequenceId}` })
      // One that is there already may still be suspended, or given an end.
      else if (current === undefined) faults.push(...(await whyNotDeployable(store, sequence)))
      if (collection === undefined)
        faults.push({ path: 'collectionId', message: `there is no collection ${sent.collectionId}` })
      const members = collection === undefined ? 0 : await store.memberCount(collection.id)
      const risk = { ...(await store.startGuard()), members }
      const found = deploymentFaults(written, { current, sequence, collection, risk })
      const isRisky = found.some(({ path }) => path[0] === acceptedAs)
      const left = found.filter(({ path }) => !acceptRisk || path[0] !== acceptedAs)
      faults.push(...left.map(({ path, message }) => ({ path: path.join('.'), message })))
      if (faults.length > 0) throw new Problem(422, { faults })
      const obeyScheduleInBootImage = sent.obeyScheduleInBootImage ?? current?.obeyScheduleInBootImage ?? false
      const schedule = sent.clientSchedule ?? current?.clientSchedule ?? defaultClientSchedule
      const canary = sentCanary === undefined ? current?.canary : (sentCanary ?? undefined)
      const reinstall = (sentReinstall ?? current?.reinstallHealthy) === true ? { reinstallHealthy: true as const } : {}
      const { secondApprovalAbove } = risk
      const asked = { sequence, members, secondApprovalAbove }
      const isNew = current?.purpose !== written.purpose && needsSecondApproval(written, asked)
      const askedBy = currentActor()
      const secondApproval = isNew && askedBy !== undefined ? { askedBy } : current?.secondApproval
      const riskAcceptedBy = isRisky ? currentActor()?.name : current?.riskAcceptedBy
      return {
        ...written,
        ...(riskAcceptedBy === undefined ? {} : { riskAcceptedBy }),
        ...(secondApproval === undefined ? {} : { secondApproval }),
        obeyScheduleInBootImage,
        clientSchedule: schedule,
        ...reinstall,
        ...(canary === undefined ? {} : { canary }),
      }
    },
  })
}

function showDeployment({ secondApproval, ...deployment }: Deployment) {
  return {
    ...deployment,
    ...(secondApproval === undefined
      ? {}
      : { secondApproval: { ...secondApproval, askedBy: secondApproval.askedBy.name } }),
    clientSchedule: showClientSchedule(deployment.clientSchedule),
  }
}

/** S1-096: a sequence with an invalid reference cannot be deployed. */
async function whyNotDeployable(store: Store, sequence: TaskSequenceObject): Promise<readonly Fault[]> {
  return brokenReferences(sequence, await readKnownObjects(store)).map(({ path, message }) => ({
    path: 'taskSequenceId',
    message: `task sequence ${sequence.id} cannot be deployed: ${path}: ${message}`,
  }))
}
