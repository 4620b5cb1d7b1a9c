/** `/task-sequences/{id}/edit-lock` (S1-095): who edits takes it, and others are told; viewing needs none. */

import { z } from 'zod'
import { type EditLock, lockAgainst } from '../../site/edit-lock.ts'
import type { HttpDependencies } from '../dependencies.ts'
import { notFound, Problem } from '../problem.ts'
import { createToken, hashToken } from '../token.ts'
import { lockedProblem } from './edit-answer.ts'
import { editorOf } from './editor.ts'
import { packageId } from './fields.ts'
import { type ApiRoute, defineRoute } from './route.ts'

const path = '/task-sequences/{id}/edit-lock'
const params = z.object({ id: packageId })

const heldView = z.object({
  held: z.literal(true),
  holder: z.string(),
  isYours: z.boolean(),
  takenAtMs: z.number(),
  expiresAtMs: z.number(),
})
const lockView = z.union([heldView, z.object({ held: z.literal(false) })]).meta({ id: 'EditLock' })
const takenView = heldView.extend({ token: z.string() }).meta({ id: 'TakenEditLock' })

export function editLockRoutes(dependencies: HttpDependencies): readonly ApiRoute[] {
  return [showRoute(dependencies), takeRoute(dependencies), discardRoute(dependencies)]
}

function showRoute({ store: { taskSequences }, now }: HttpDependencies): ApiRoute {
  return defineRoute({
    method: 'get',
    path,
    summary: 'Show who has a task sequence open for editing',
    params,
    answers: { 200: lockView },
    answer: async ({ principal, params: { id } }) => {
      if ((await taskSequences.get(id)) === undefined) throw notFound(`task sequence ${id}`)
      const lock = await taskSequences.editLock(id)
      // Nobody's edit is stopped by a lock that is over.
      const stands = lockAgainst(lock, undefined, now())
      if (stands === undefined) return { status: 200, body: { held: false } }
      return { status: 200, body: showLock(stands, editorOf(principal).key) }
    },
  })
}

function takeRoute({ store: { taskSequences }, now }: HttpDependencies): ApiRoute {
  return defineRoute({
    method: 'post',
    path,
    summary: 'Take the edit lock for half an hour, or renew it with its token',
    params,
    body: z.strictObject({ token: z.string().min(1).max(512).exactOptional() }).optional(),
    answers: { 200: takenView, 201: takenView },
    answer: async ({ principal, params: { id }, body }) => {
      const editor = editorOf(principal)
      const fresh = createToken('lock')
      const held = body?.token
      const answer = await taskSequences.takeEditLock(id, {
        editor,
        ...(held === undefined ? {} : { heldTokenSha256: hashToken(held) }),
        newTokenSha256: hashToken(fresh),
        nowMs: now(),
      })
      switch (answer.kind) {
        case 'not-found':
          throw notFound(`task sequence ${id}`)
        case 'held':
          throw heldProblem(answer.lock, editor.key)
        case 'taken':
          return { status: 201, body: { ...showLock(answer.lock, editor.key), token: fresh } }
        case 'renewed':
          return { status: 200, body: { ...showLock(answer.lock, editor.key), token: held } }
        default:
          return answer satisfies never
      }
    },
  })
}

function discardRoute({ store: { taskSequences } }: HttpDependencies): ApiRoute {
  return defineRoute({
    method: 'delete',
    path,
    summary: "Discard one's own edit lock, from anywhere",
    params,
    answers: { 204: 'none' },
    answer: async ({ principal, params: { id } }) => {
      if ((await taskSequences.get(id)) === undefined) throw notFound(`task sequence ${id}`)
      const others = await taskSequences.discardEditLock(id, editorOf(principal))
      if (others !== undefined) throw lockedProblem(others)
      return { status: 204 }
    },
  })
}

function showLock({ holder, takenAtMs, expiresAtMs }: EditLock, asker: string) {
  return { held: true, holder: holder.name, isYours: holder.key === asker, takenAtMs, expiresAtMs }
}

function heldProblem(lock: EditLock, asker: string): Problem {
  const problem = lockedProblem(lock)
  if (lock.holder.key !== asker) return problem
  const detail = 'You have it open for editing elsewhere. Discard that lock to edit here, or renew it with its token.'
  return new Problem(problem.status, { ...problem.details, detail })
}
