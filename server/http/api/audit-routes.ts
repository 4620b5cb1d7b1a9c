/** `/audit`: who changed what of the site, the newest first. */

import { z } from 'zod'
import { auditActions, auditedKinds } from '../../store/audit-port.ts'
import type { Store } from '../../store/ports.ts'
import { type ApiRoute, defineRoute } from './route.ts'

const limitMax = 1_000

const entryView = z
  .object({
    number: z.number().int(),
    atMs: z.number(),
    by: z.string().optional(),
    action: z.enum(auditActions),
    kind: z.enum(auditedKinds),
    id: z.string(),
    name: z.string(),
    changes: z.array(
      z.object({
        field: z.string(),
        before: z.unknown().optional().meta({ description: 'Of lists of names, those that went; secrets are masked' }),
        after: z.unknown().optional().meta({ description: 'Of lists of names, those that came' }),
      }),
    ),
  })
  .meta({ id: 'AuditEntry' })

export function auditRoutes(store: Store): readonly ApiRoute[] {
  return [
    defineRoute({
      method: 'get',
      path: '/audit',
      summary: 'Who changed what, when, and from what to what; the newest first',
      query: z.strictObject({
        kind: z.enum(auditedKinds).exactOptional(),
        id: z.string().max(128).exactOptional().meta({ description: 'Of one object' }),
        before: z.coerce.number().int().positive().exactOptional().meta({
          description: 'Only entries with a lower number: the next page',
        }),
        limit: z.coerce.number().int().min(1).max(limitMax).default(100),
      }),
      answers: { 200: z.object({ items: z.array(entryView) }) },
      answer: async ({ query }) => ({
        status: 200,
        body: {
          items: (await store.auditEntries(query)).map(({ changes, ...entry }) => ({
            ...entry,
            changes: [...changes],
          })),
        },
      }),
    }),
  ]
}
