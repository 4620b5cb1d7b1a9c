/**
 * `…/distribute`, `…/remove-content` and `…/validate` of everything that has content, and `/task-sequences/{id}/distribute`
 * for all that a sequence refers to (S8-004, S8-006). Who has a content gets each new version of it by itself.
 */

import { z } from 'zod'
import type { PackageId } from '../../address/identifiers.ts'
import { groupMembersMax } from '../../site/distribution-point.ts'
import type { ContentTargets } from '../../store/distribution-port.ts'
import type { Store } from '../../store/ports.ts'
import { notFound, Problem } from '../problem.ts'
import { referredContent } from '../referred-content.ts'
import { type ContentOwner, contentOwners, requireOwned } from './content-owners.ts'
import { editedValue } from './edit-answer.ts'
import { distributionPointGroupId, distributionPointId, packageId } from './fields.ts'
import { type ApiRoute, defineRoute } from './route.ts'

const targets = z
  .strictObject({
    points: z.array(distributionPointId).max(groupMembersMax).default([]),
    groups: z.array(distributionPointGroupId).max(groupMembersMax).default([]),
  })
  .refine(({ points, groups }) => points.length + groups.length > 0, 'name points or groups')
  .meta({ id: 'ContentTargets' })

const targetsView = z
  .object({ points: z.array(z.string()), groups: z.array(z.string()) })
  .meta({ id: 'ContentTargetsView', description: 'All that it is distributed to' })

const askedView = z.object({ points: z.array(z.string()) }).meta({ id: 'AskedValidation' })

export function distributeRoutes(store: Store): readonly ApiRoute[] {
  return [
    ...contentOwners(store).flatMap((owner) => [
      distributeRoute(store, owner),
      removeContentRoute(store, owner),
      validateRoute(store, owner),
    ]),
    distributeSequenceRoute(store),
  ]
}

const params = z.object({ id: packageId })

function distributeRoute(store: Store, owner: ContentOwner): ApiRoute {
  return defineRoute({
    method: 'post',
    path: `/${owner.path}/{id}/distribute`,
    summary: `Distribute the content of a ${owner.noun} to distribution points or groups of them`,
    params,
    body: targets,
    answers: { 200: targetsView },
    answer: async ({ params: { id }, body }) => {
      await requireOwned(owner, id)
      editedValue(await store.assignContent([id], body))
      return showTargets(store, id)
    },
  })
}

function removeContentRoute(store: Store, owner: ContentOwner): ApiRoute {
  return defineRoute({
    method: 'post',
    path: `/${owner.path}/{id}/remove-content`,
    summary: `Take the content of a ${owner.noun} from distribution points or groups of them; its files go after a day`,
    params,
    body: targets,
    answers: { 200: targetsView },
    answer: async ({ params: { id }, body }) => {
      await requireOwned(owner, id)
      await requireTargets(store, body)
      editedValue(await store.removeAssignedContent(id, body))
      return showTargets(store, id)
    },
  })
}

function validateRoute(store: Store, owner: ContentOwner): ApiRoute {
  return defineRoute({
    method: 'post',
    path: `/${owner.path}/{id}/validate`,
    summary: `Have distribution points hash the content of a ${owner.noun} again, and fetch anew what is not as it was`,
    params,
    body: z
      .strictObject({ points: z.array(distributionPointId).min(1).max(groupMembersMax) })
      .optional()
      .meta({ description: 'Absent: all that have it' }),
    answers: { 202: askedView },
    answer: async ({ params: { id }, body }) => {
      await requireOwned(owner, id)
      const having = (await store.pointsOfContent([id])).get(id) ?? new Set()
      const missing = body?.points.find((point) => !having.has(point))
      if (missing !== undefined) {
        throw new Problem(409, { detail: `${id} is not distributed to distribution point ${missing}.` })
      }
      const points = body?.points ?? [...having]
      if (points.length === 0) throw new Problem(409, { detail: `${id} is distributed to no distribution point.` })
      await store.requestValidation(id, points)
      return { status: 202, body: { points } }
    },
  })
}

function distributeSequenceRoute(store: Store): ApiRoute {
  return defineRoute({
    method: 'post',
    path: '/task-sequences/{id}/distribute',
    summary: 'Distribute everything that a task sequence refers to, its boot image too',
    params,
    body: targets,
    answers: {
      200: z.object({ contents: z.array(z.string()) }).meta({ id: 'DistributedContents' }),
    },
    answer: async ({ params: { id }, body }) => {
      const sequence = await store.taskSequences.get(id)
      if (sequence === undefined) throw notFound(`task sequence ${id}`)
      const contents = await referredContent(store, sequence, { withDependencies: true })
      editedValue(await store.assignContent(contents, body))
      return { status: 200, body: { contents } }
    },
  })
}

/** To take from what does not exist is a mistake in the name, and not done already. */
async function requireTargets(store: Store, { points, groups }: ContentTargets): Promise<void> {
  for (const id of points) {
    if ((await store.distributionPoints.get(id)) === undefined) throw notFound(`distribution point ${id}`)
  }
  for (const id of groups) {
    if ((await store.distributionPointGroups.get(id)) === undefined) throw notFound(`distribution point group ${id}`)
  }
}

async function showTargets(store: Store, id: PackageId): Promise<{ status: 200; body: ContentTargets }> {
  return { status: 200, body: (await store.contentTargets([id])).get(id) ?? { points: [], groups: [] } }
}
