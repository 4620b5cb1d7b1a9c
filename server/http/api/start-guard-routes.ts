/** `/start-guard`: the switch that stops every start of a run, at every door, and how many may begin in an hour. */

import { z } from 'zod'
import { siteSystemServerChecks, type StartGuard } from '../../site/start-guard.ts'
import type { Store } from '../../store/ports.ts'
import { Problem } from '../problem.ts'
import { label } from './fields.ts'
import { type ApiRoute, defineRoute } from './route.ts'

const guardView = z
  .object({
    stopped: z
      .object({ reason: z.string(), by: z.string(), atMs: z.number() })
      .nullable()
      .meta({ description: 'Null: runs may start' }),
    maximumStartsPerHour: z.number().int().nullable().meta({ description: 'Null: any number' }),
    healthyHours: z.number().int(),
    highRiskDefaultSize: z.number().int(),
    highRiskMaximumSize: z.number().int(),
    secondApprovalAbove: z.number().int(),
    siteSystemServers: z.enum(siteSystemServerChecks),
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
    defineRoute({
      method: 'put',
      path: '/start-guard/limits',
      summary: 'How many runs may begin in an hour without a person; what is left out stays as it is',
      body: z.strictObject({
        maximumStartsPerHour: z.number().int().min(1).max(1_000_000).nullable().exactOptional().meta({
          description:
            'Of required and preferred deployments, in any hour; others wait for their turn. Null: any number',
        }),
        healthyHours: z.number().int().min(0).max(8_760).exactOptional().meta({
          description:
            'A machine whose client was heard within so many hours starts no required deployment over PXE without consent. 0: it does',
        }),
        highRiskDefaultSize: z.number().int().min(0).max(1_000_000).exactOptional().meta({
          description: 'What replaces the system of more members has to be accepted (S5-039). 0: never',
        }),
        highRiskMaximumSize: z.number().int().min(0).max(1_000_000).exactOptional().meta({
          description: 'And of more than these it is refused. 0: never; otherwise above the default size',
        }),
        secondApprovalAbove: z.number().int().min(0).max(1_000_000).exactOptional().meta({
          description: 'What replaces the system of more members waits for a second person. 0: never',
        }),
        siteSystemServers: z.enum(siteSystemServerChecks).exactOptional().meta({
          description: 'What replaces the system of this very server, too, is refused, or has to be accepted (S5-040)',
        }),
      }),
      answers: { 200: guardView },
      answer: async ({ body }) => {
        const { highRiskDefaultSize, highRiskMaximumSize } = { ...(await store.startGuard()), ...body }
        if (highRiskMaximumSize !== 0 && highRiskMaximumSize <= highRiskDefaultSize) {
          const message = `must exceed highRiskDefaultSize, which is ${highRiskDefaultSize} (S5-039)`
          throw new Problem(422, { faults: [{ path: 'highRiskMaximumSize', message }] })
        }
        return { status: 200, body: show(await store.limitStarts(body)) }
      },
    }),
  ]
}

function show({ stopped, maximumStartsPerHour, ...guard }: StartGuard): z.output<typeof guardView> {
  return { stopped: stopped ?? null, maximumStartsPerHour: maximumStartsPerHour ?? null, ...guard }
}
