/** `/alerts`: what somebody should look at, and that somebody has. */

import { z } from 'zod'
import { type Alert, alertKinds, alertSeverities, alertState, alertStates } from '../../site/alert.ts'
import type { Store } from '../../store/ports.ts'
import { editedValue } from './edit-answer.ts'
import { listMax } from './fields.ts'
import { type ApiRoute, defineRoute } from './route.ts'

const alertView = z
  .object({
    id: z.number().int(),
    kind: z.enum(alertKinds),
    severity: z.enum(alertSeverities),
    state: z.enum(alertStates).meta({ description: 'raised: nobody has acknowledged it; cleared: its cause is over' }),
    deploymentId: z.string().optional(),
    text: z.string().meta({ description: 'What is the matter, and what to do' }),
    raisedAtMs: z.number(),
    clearedAtMs: z.number().optional(),
    acknowledgedBy: z.string().optional(),
    acknowledgedAtMs: z.number().optional(),
  })
  .meta({ id: 'Alert' })

const alertId = z.coerce.number().int().positive().max(Number.MAX_SAFE_INTEGER)

export function alertRoutes(store: Store): readonly ApiRoute[] {
  return [
    defineRoute({
      method: 'get',
      path: '/alerts',
      summary: 'Alerts, the newest first',
      query: z.strictObject({
        state: z.enum(alertStates).exactOptional(),
        limit: z.coerce.number().int().min(1).max(listMax).default(100),
        offset: z.coerce.number().int().min(0).max(100_000).default(0),
      }),
      answers: { 200: z.object({ items: z.array(alertView) }) },
      answer: async ({ query }) => ({ status: 200, body: { items: (await store.alerts(query)).map(showAlert) } }),
    }),
    defineRoute({
      method: 'post',
      path: '/alerts/{id}/acknowledge',
      summary: 'Say that somebody has seen the alert; who, is kept',
      params: z.object({ id: alertId }),
      answers: { 200: alertView },
      answer: async ({ params: { id } }) => ({
        status: 200,
        body: showAlert(editedValue(await store.acknowledgeAlert(id))),
      }),
    }),
  ]
}

function showAlert(alert: Alert): z.output<typeof alertView> {
  const { acknowledged, cause: _, ...rest } = alert
  return {
    ...rest,
    state: alertState(alert),
    ...(acknowledged === undefined ? {} : { acknowledgedBy: acknowledged.by, acknowledgedAtMs: acknowledged.atMs }),
  }
}
