/** The canary ring of a deployment: which machines are in it, how they fare, and that a new one may start. */

import { z } from 'zod'
import type { Store } from '../../store/ports.ts'
import { canaryStanding } from '../../targeting/canary.ts'
import { notFound } from '../problem.ts'
import { editedValue } from './edit-answer.ts'
import { deploymentId } from './fields.ts'
import { type ApiRoute, defineRoute } from './route.ts'

const ringView = z
  .object({
    standing: z
      .enum(['open', 'closed', 'passed', 'stopped'])
      .meta({ description: 'open: it has room; closed: its machines are awaited; stopped: too many failed' }),
    machines: z.array(
      z.object({
        machine: z.string().meta({ description: 'device and its number, or the address of an unknown computer' }),
        runId: z.string(),
        state: z.enum(['running', 'succeeded', 'failed', 'abandoned']),
      }),
    ),
  })
  .meta({ id: 'CanaryRing' })

export function canaryRoutes(store: Store): readonly ApiRoute[] {
  const params = z.object({ id: deploymentId })
  return [
    defineRoute({
      method: 'get',
      path: '/deployments/{id}/canary',
      summary: 'The machines that go ahead of all others, and how they fare',
      params,
      answers: { 200: ringView },
      answer: async ({ params: { id } }) => {
        const canary = (await store.deployments.get(id))?.canary
        if (canary === undefined) throw notFound()
        const ring = await store.canaryRing(id)
        const machines = ring.map(({ machine, runId, state }) => ({ machine, runId, state }))
        return { status: 200, body: { standing: canaryStanding(canary, ring), machines } }
      },
    }),
    defineRoute({
      method: 'post',
      path: '/deployments/{id}/resume-canary',
      summary: 'Let it start again: the next machines are a new canary ring',
      params,
      answers: { 204: 'none' },
      answer: async ({ params: { id } }) => {
        editedValue(await store.resumeCanary(id))
        return { status: 204 }
      },
    }),
  ]
}
