/** `/agent-sessions`: machines that said hello, and the approval of those that wait for it. */

import { z } from 'zod'
import type { AgentSession } from '../../store/ports.ts'
import type { HttpDependencies } from '../dependencies.ts'
import { notFound } from '../problem.ts'
import { type ApiRoute, defineRoute } from './route.ts'

const agentSessionView = z
  .object({
    code: z.string(),
    approved: z.boolean(),
    ipAddress: z.string(),
    deviceId: z.string().optional(),
    macAddresses: z.array(z.string()),
    manufacturer: z.string().optional(),
    model: z.string().optional(),
    serialNumber: z.string().optional(),
    createdAtMs: z.number(),
    expiresAtMs: z.number(),
  })
  .meta({ id: 'AgentSession' })

function showSession(session: AgentSession): z.output<typeof agentSessionView> {
  const { code, approved, ipAddress, deviceId, hardware, createdAtMs, expiresAtMs } = session
  const { macAddresses, manufacturer, model, serialNumber } = hardware
  return {
    code,
    approved,
    ipAddress,
    ...(deviceId === undefined ? {} : { deviceId }),
    macAddresses: [...macAddresses],
    ...(manufacturer === undefined ? {} : { manufacturer }),
    ...(model === undefined ? {} : { model }),
    ...(serialNumber === undefined ? {} : { serialNumber }),
    createdAtMs,
    expiresAtMs,
  }
}

export function agentSessionRoutes({ store, now, log }: HttpDependencies): readonly ApiRoute[] {
  return [
    defineRoute({
      method: 'get',
      path: '/agent-sessions',
      summary: 'Machines whose agent has said hello, for eight hours; of those not approved the 2,000 heard last',
      answers: { 200: z.object({ items: z.array(agentSessionView) }) },
      answer: async () => {
        const live = (await store.listSessions()).filter(({ expiresAtMs }) => expiresAtMs > now())
        return { status: 200, body: { items: live.map((session) => showSession(session)) } }
      },
    }),
    defineRoute({
      method: 'post',
      path: '/agent-sessions/{code}/approve',
      summary: 'Approve the machine that shows this code',
      params: z.object({ code: z.string().regex(/^[A-Z2-7]{8}$/) }),
      answers: { 200: agentSessionView },
      answer: async ({ params, principal }) => {
        const session = await store.approveSession(params.code)
        if (session === undefined) throw notFound('machine with this code')
        const by = principal.kind === 'administrator' ? principal.name : 'nobody'
        log.info({ code: params.code, by, ipAddress: session.ipAddress }, 'a machine was approved')
        return { status: 200, body: showSession(session) }
      },
    }),
  ]
}
