/**
 * The five routes that every kind of site object has: list, create, show, replace, remove. What differs between
 * kinds (the schema, how an object is shown, how a draft is completed) is handed in.
 */

import { z } from 'zod'
import type { Draft, Objects } from '../../store/ports.ts'
import type { JsonLimits } from '../json-body.ts'
import { notFound } from '../problem.ts'
import { editedValue, objectAnswer, revisionOf } from './edit-answer.ts'
import { listQuery, listView, pageOf } from './fields.ts'
import { type ApiRoute, defineRoute } from './route.ts'

export interface ObjectKind<Id extends string, T extends { readonly revision: number; readonly id: Id }, D> {
  /** Plural, as in the path: `boot-images`. */
  readonly path: string
  /** Singular, for summaries. */
  readonly noun: string
  readonly objects: Objects<Id, T>
  readonly id: z.ZodType<Id, string>
  readonly draft: z.ZodType<D>
  readonly view: z.ZodType
  /** For drafts larger than usual. */
  readonly limits?: JsonLimits
  show(object: T): object & { readonly revision: number }
  /** Turns what was sent into a draft; `current` is the object it replaces. Throws a Problem with all faults. */
  complete(sent: D, current: T | undefined): Promise<Draft<T>>
}

export function objectRoutes<Id extends string, T extends { readonly revision: number; readonly id: Id }, D>(
  kind: ObjectKind<Id, T, D>,
): readonly ApiRoute[] {
  return [listRoute(kind), createRoute(kind), showRoute(kind), replaceRoute(kind), removeRoute(kind)]
}

type Revised<Id> = { readonly revision: number; readonly id: Id }

function listRoute<Id extends string, T extends Revised<Id>, D>(kind: ObjectKind<Id, T, D>): ApiRoute {
  return defineRoute({
    method: 'get',
    path: `/${kind.path}`,
    summary: `List each ${kind.noun}`,
    query: listQuery,
    answers: { 200: listView(kind.view) },
    answer: async ({ query }) => {
      const { items, total } = pageOf(await kind.objects.list(), query)
      return { status: 200, body: { items: items.map((item) => kind.show(item)), total } }
    },
  })
}

function createRoute<Id extends string, T extends Revised<Id>, D>(kind: ObjectKind<Id, T, D>): ApiRoute {
  return defineRoute({
    method: 'post',
    path: `/${kind.path}`,
    summary: `Create a ${kind.noun}`,
    body: kind.draft,
    ...(kind.limits === undefined ? {} : { limits: kind.limits }),
    answers: { 201: kind.view },
    answer: async ({ body }) => {
      const created = editedValue(await kind.objects.create(await kind.complete(body, undefined)))
      return objectAnswer(kind.show(created), 201, { location: `/api/v1/${kind.path}/${created.id}` })
    },
  })
}

function showRoute<Id extends string, T extends Revised<Id>, D>(kind: ObjectKind<Id, T, D>): ApiRoute {
  return defineRoute({
    method: 'get',
    path: `/${kind.path}/{id}`,
    summary: `Show a ${kind.noun}`,
    params: z.object({ id: kind.id }),
    answers: { 200: kind.view },
    answer: async ({ params }) => {
      const object = await kind.objects.get(params.id)
      if (object === undefined) throw notFound(`${kind.noun} ${params.id}`)
      return objectAnswer(kind.show(object))
    },
  })
}

function replaceRoute<Id extends string, T extends Revised<Id>, D>(kind: ObjectKind<Id, T, D>): ApiRoute {
  return defineRoute({
    method: 'put',
    path: `/${kind.path}/{id}`,
    summary: `Change a ${kind.noun}`,
    params: z.object({ id: kind.id }),
    body: kind.draft,
    ...(kind.limits === undefined ? {} : { limits: kind.limits }),
    answers: { 200: kind.view },
    answer: async ({ request, params, body }) => {
      const current = await kind.objects.get(params.id)
      if (current === undefined) throw notFound(`${kind.noun} ${params.id}`)
      // Secrets kept by `***` are those of the object read here, so the edit holds for that revision alone.
      const revision = revisionOf(request) ?? current.revision
      return objectAnswer(
        kind.show(editedValue(await kind.objects.replace(params.id, await kind.complete(body, current), revision))),
      )
    },
  })
}

function removeRoute<Id extends string, T extends Revised<Id>, D>(kind: ObjectKind<Id, T, D>): ApiRoute {
  return defineRoute({
    method: 'delete',
    path: `/${kind.path}/{id}`,
    summary: `Remove a ${kind.noun}`,
    params: z.object({ id: kind.id }),
    answers: { 204: 'none' },
    answer: async ({ request, params }) => {
      editedValue(await kind.objects.remove(params.id, revisionOf(request)))
      return { status: 204 }
    },
  })
}
