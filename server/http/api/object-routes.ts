/**
 * The five routes that every kind of site object has: list, create, show, replace, remove. What differs between
 * kinds (the schema, how an object is shown, how a draft is completed) is handed in.
 */

import { z } from 'zod'
import type { Draft, Objects } from '../../store/ports.ts'
import type { Principal } from '../principal.ts'
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
  show(object: T): Shown | Promise<Shown>
  /** Turns what was sent into a draft; `current` is the object it replaces. Throws a Problem with all faults. */
  complete(sent: D, current: T | undefined): Promise<Draft<T>>
  /** Takes the place of `objects` for edits that are somebody's; `sent` absent: a removal. */
  edits?(principal: Principal, sent?: D): Pick<Objects<Id, T>, 'create' | 'replace' | 'remove'>
  /** Takes the place of the plain list. */
  readonly list?: ApiRoute
}

type Shown = object & { readonly revision: number }

export function objectRoutes<Id extends string, T extends { readonly revision: number; readonly id: Id }, D>(
  kind: ObjectKind<Id, T, D>,
): readonly ApiRoute[] {
  return [kind.list ?? listRoute(kind), createRoute(kind), showRoute(kind), replaceRoute(kind), removeRoute(kind)]
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
      return { status: 200, body: { items: await Promise.all(items.map(async (item) => kind.show(item))), total } }
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
    answer: async ({ principal, body }) => {
      const objects = kind.edits?.(principal, body) ?? kind.objects
      const created = editedValue(await objects.create(await kind.complete(body, undefined)))
      return objectAnswer(await kind.show(created), 201, { location: `/api/v1/${kind.path}/${created.id}` })
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
      return objectAnswer(await kind.show(object))
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
    answer: async ({ request, principal, params, body }) => {
      const objects = kind.edits?.(principal, body) ?? kind.objects
      const current = await kind.objects.get(params.id)
      if (current === undefined) throw notFound(`${kind.noun} ${params.id}`)
      // Secrets kept by `***` are those of the object read here, so the edit holds for that revision alone.
      const revision = revisionOf(request) ?? current.revision
      const changed = editedValue(await objects.replace(params.id, await kind.complete(body, current), revision))
      return objectAnswer(await kind.show(changed))
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
    answer: async ({ request, principal, params }) => {
      const objects = kind.edits?.(principal) ?? kind.objects
      editedValue(await objects.remove(params.id, revisionOf(request)))
      return { status: 204 }
    },
  })
}
