/** What else is done with a task sequence (S1-077, S1-099): copy, enable, disable, move. */

import { z } from 'zod'
import { sequenceNameCharactersMax } from '../../sequence/parse-sequence.ts'
import type { Store } from '../../store/ports.ts'
import { readKnownObjects } from './broken-references.ts'
import { editedValue, objectAnswer, revisionOf } from './edit-answer.ts'
import { originOf } from './editor.ts'
import { label, packageId, taskSequenceFolderId } from './fields.ts'
import { type ApiRoute, defineRoute } from './route.ts'
import { revisionComment, taskSequenceView } from './task-sequence-fields.ts'
import { showTaskSequence } from './task-sequence-routes.ts'

const params = z.object({ id: packageId })

const commentBody = z.strictObject({ comment: revisionComment }).optional()

export function taskSequenceActions(store: Store): readonly ApiRoute[] {
  return [copyRoute(store), switchRoute(store, 'enable'), switchRoute(store, 'disable'), moveRoute(store)]
}

function copyRoute(store: Store): ApiRoute {
  return defineRoute({
    method: 'post',
    path: '/task-sequences/{id}/copy',
    summary: 'Copy a task sequence with everything in it, secrets too, into the root folder',
    params,
    body: z
      .strictObject({ name: label(sequenceNameCharactersMax).min(1).exactOptional(), comment: revisionComment })
      .optional(),
    answers: { 201: taskSequenceView },
    answer: async ({ principal, params: { id }, body }) => {
      const origin = originOf(principal, body?.comment ?? `Copied from ${id}`)
      const copied = editedValue(await store.taskSequences.copy(id, body?.name, origin))
      const shown = showTaskSequence(copied, await readKnownObjects(store))
      return objectAnswer(shown, 201, { location: `/api/v1/task-sequences/${copied.id}` })
    },
  })
}

const switchSummaries = {
  enable: 'Let a task sequence run again wherever it is deployed',
  disable: 'Keep a task sequence from running wherever it is deployed',
} as const

function switchRoute(store: Store, verb: keyof typeof switchSummaries): ApiRoute {
  return defineRoute({
    method: 'post',
    path: `/task-sequences/{id}/${verb}`,
    summary: switchSummaries[verb],
    params,
    body: commentBody,
    answers: { 200: taskSequenceView },
    answer: async ({ request, principal, params: { id }, body }) => {
      const amendment = { id, revision: revisionOf(request), enabled: verb === 'enable' }
      const changed = editedValue(await store.taskSequences.amend(amendment, originOf(principal, body?.comment)))
      return objectAnswer(showTaskSequence(changed, await readKnownObjects(store)))
    },
  })
}

function moveRoute(store: Store): ApiRoute {
  return defineRoute({
    method: 'post',
    path: '/task-sequences/{id}/move',
    summary: 'Move a task sequence into a folder',
    params,
    body: z.strictObject({
      folderId: taskSequenceFolderId.nullable().meta({ description: 'null: the root' }),
      comment: revisionComment,
    }),
    answers: { 200: taskSequenceView },
    answer: async ({ request, principal, params: { id }, body }) => {
      const amendment = { id, revision: revisionOf(request), folderId: body.folderId }
      const changed = editedValue(await store.taskSequences.amend(amendment, originOf(principal, body.comment)))
      return objectAnswer(showTaskSequence(changed, await readKnownObjects(store)))
    },
  })
}
