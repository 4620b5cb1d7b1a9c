/** `/status-messages`: what runs reported, in the numbers of the source system (spec 10.2), for reports and for scripts. */

import { z } from 'zod'
import { severities, severityCodes } from '../../contract/status-message.ts'
import type { KeptStatusMessage } from '../../store/status-port.ts'
import type { Store } from '../../store/ports.ts'
import { notFound } from '../problem.ts'
import { deploymentId, deviceId, listMax, runId } from './fields.ts'
import { type ApiRoute, defineRoute } from './route.ts'

/** Who leaves out so many is better off with a filter: each of them is passed. */
const offsetMax = 100_000

const messageView = z
  .object({
    seq: z.number().int().meta({ description: 'Of its event; the end of a run is one event with two messages' }),
    messageId: z.number().int(),
    severity: z.enum(severities),
    severityCode: z.number().int().meta({ description: 'As the source system writes it' }),
    component: z.string(),
    text: z.string(),
    insertStrings: z.array(z.string()).meta({
      description: 'Number of the step, action, group, exit code, and up to six pieces of the output',
    }),
    atMs: z.number(),
    runId: z.string(),
    deploymentId: z.string(),
    deviceId: z.string().optional(),
    machineName: z.string(),
  })
  .meta({ id: 'StatusMessage' })

const listed = z.object({ items: z.array(messageView) })
const page = {
  since: z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER).exactOptional().meta({
    description: 'Only messages with a higher seq',
  }),
  limit: z.coerce.number().int().min(1).max(listMax).default(100),
  offset: z.coerce.number().int().min(0).max(offsetMax).default(0),
}

export function statusMessageRoutes(store: Store): readonly ApiRoute[] {
  return [
    defineRoute({
      method: 'get',
      path: '/status-messages',
      summary: 'Status messages of runs, the newest first',
      query: z.strictObject({
        deploymentId: deploymentId.exactOptional(),
        deviceId: deviceId.exactOptional(),
        runId: runId.exactOptional(),
        severity: z.enum(severities).exactOptional(),
        ...page,
      }),
      answers: { 200: listed },
      answer: async ({ query: { since: sinceSeq, ...query } }) => {
        const items = await store.statusMessages({ ...query, sinceSeq, order: 'newest-first' })
        return { status: 200, body: { items: items.map(showMessage) } }
      },
    }),
    defineRoute({
      method: 'get',
      path: '/runs/{id}/status-messages',
      summary: 'Status messages of one run, the oldest first',
      params: z.object({ id: runId }),
      query: z.strictObject(page),
      answers: { 200: listed },
      answer: async ({ params: { id }, query: { since: sinceSeq, ...query } }) => {
        if ((await store.getRun(id)) === undefined) throw notFound(`run ${id}`)
        const items = await store.statusMessages({ ...query, runId: id, sinceSeq, order: 'oldest-first' })
        return { status: 200, body: { items: items.map(showMessage) } }
      },
    }),
  ]
}

function showMessage({ insertStrings, ...message }: KeptStatusMessage): z.output<typeof messageView> {
  return { ...message, severityCode: severityCodes[message.severity], insertStrings: [...insertStrings] }
}
