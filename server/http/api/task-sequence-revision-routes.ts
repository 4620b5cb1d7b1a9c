/** `/task-sequences/{id}/revisions`: what each edit made, who made it and when, and the way back. */

import { z } from 'zod'
import type { PackageId } from '../../address/identifiers.ts'
import type { KeptTaskSequence } from '../../sequence/task-sequence-object.ts'
import type { Store } from '../../store/ports.ts'
import { notFound } from '../problem.ts'
import { readKnownObjects } from './broken-references.ts'
import { editedValue, objectAnswer, revisionOf } from './edit-answer.ts'
import { originOf } from './editor.ts'
import { packageId } from './fields.ts'
import { type ApiRoute, defineRoute } from './route.ts'
import { keptRevisionView, revisionComment, revisionView, taskSequenceView } from './task-sequence-fields.ts'
import { refuseBroken, showTaskSequence } from './task-sequence-routes.ts'

const params = z.object({ id: packageId, n: z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER) })

export function taskSequenceRevisionRoutes(store: Store): readonly ApiRoute[] {
  return [listRoute(store), showRoute(store), restoreRoute(store)]
}

function listRoute({ taskSequences }: Store): ApiRoute {
  return defineRoute({
    method: 'get',
    path: '/task-sequences/{id}/revisions',
    summary: 'List the revisions of a task sequence that are kept, newest first',
    params: z.object({ id: packageId }),
    answers: { 200: z.object({ items: z.array(revisionView) }) },
    answer: async ({ params: { id } }) => {
      if ((await taskSequences.get(id)) === undefined) throw notFound(`task sequence ${id}`)
      return { status: 200, body: { items: await taskSequences.revisions(id) } }
    },
  })
}

function showRoute(store: Store): ApiRoute {
  return defineRoute({
    method: 'get',
    path: '/task-sequences/{id}/revisions/{n}',
    summary: 'Show a task sequence as it was',
    params,
    answers: { 200: keptRevisionView },
    answer: async ({ params: { id, n } }) => {
      const kept = await requireRevision(store, id, n)
      return { status: 200, body: { ...kept, object: showTaskSequence(kept.object, await readKnownObjects(store)) } }
    },
  })
}

function restoreRoute(store: Store): ApiRoute {
  return defineRoute({
    method: 'post',
    path: '/task-sequences/{id}/revisions/{n}/restore',
    summary: 'Make a new revision with document, settings and boot image of an old one; folder and enabled stay',
    params,
    body: z.strictObject({ comment: revisionComment }).optional(),
    answers: { 200: taskSequenceView },
    answer: async ({ request, principal, params: { id, n }, body }) => {
      const { object: old } = await requireRevision(store, id, n)
      const current = await store.taskSequences.get(id)
      if (current === undefined) throw notFound(`task sequence ${id}`)
      await refuseBroken(store, old)
      const { folderId: _, ...document } = old
      const draft = {
        ...document,
        enabled: current.enabled,
        ...(current.folderId === undefined ? {} : { folderId: current.folderId }),
      }
      const origin = originOf(principal, body?.comment ?? `Restored from revision ${n}`)
      const revision = revisionOf(request) ?? current.revision
      const restored = editedValue(await store.taskSequences.replace(id, draft, revision, origin))
      return objectAnswer(showTaskSequence(restored, await readKnownObjects(store)))
    },
  })
}

async function requireRevision({ taskSequences }: Store, id: PackageId, n: number): Promise<KeptTaskSequence> {
  const kept = await taskSequences.revision(id, n)
  if (kept === undefined) throw notFound(`revision ${n} of task sequence ${id}: it was never made, or is not kept`)
  return kept
}
