/** `/start-guard`: the switch that stops every start of a run, at every door, and lets them start again. */

import { z } from 'zod'
import type { StartGuard } from '../../site/start-guard.ts'
import type { Store } from '../../store/ports.ts'
import { label } from './fields.ts'
import { type ApiRoute, defineRoute } from './route.ts'

const guardView = z
  .object({
    stopped: z
      .object({ reason: z.string(), by: z.string(), atMs: z.number() })
      .nullable()
      .meta({ description: 'Null: runs may start' }),
  })
  .meta({ id: 'StartGuard' })

export function startGuardRoutes(store: Store): readonly ApiRoute[] {
  return [
    defineRoute({
      method: 'get',
      path: '/start-guard',
      summary: 'What holds back starts of runs',
      answers: { 200: guardView },
      answer: async () => ({ status: 200, body: show(await store.startGuard()) }),
    }),
    defineRoute({
      method: 'post',
      path: '/start-guard/stop',
      summary: 'Let no run start any more, at any door; runs that go on are not touched',
      body: z.strictObject({ reason: label(512).min(1) }),
      answers: { 200: guardView },
      answer: async ({ body }) => ({ status: 200, body: show(await store.stopStarts(body.reason)) }),
    }),
    defineRoute({
      method: 'post',
      path: '/start-guard/allow',
      summary: 'Let runs start again',
      answers: { 200: guardView },
      answer: async () => ({ status: 200, body: show(await store.allowStarts()) }),
    }),
  ]
}

function show({ stopped }: StartGuard): z.output<typeof guardView> {
  return { stopped: stopped ?? null }
}
