/** Alerts over the API: listed, acknowledged by name, counted for Prometheus. */

import test from 'ava'
import { z } from 'zod'
import { prepare, start, startedEvent } from './agent-site.ts'

const listed = z.object({ items: z.array(z.looseObject({ id: z.number(), state: z.string() })) })

test('S5-036, S10-015: a deployment that fails too often is alerted, and somebody acknowledges it', async (t) => {
  const prepared = await prepare({}, { failureAlert: { abovePercent: 10 } })
  const { site, deploymentId } = prepared
  t.teardown(() => site.close())
  const openOf = async () =>
    /^reveille_alerts_open (\d+)$/m.exec((await site.ask('GET', '/metrics')).body.toString())?.[1]
  const list = async (query = '') => listed.parse((await site.api('GET', `/alerts${query}`)).json).items
  await site.store.judgeAlerts()
  t.deepEqual(await list(), [])
  t.is(await openOf(), '0')
  const { agent, runId, runToken } = await start(prepared)
  const outcome = { kind: 'failed', path: [0], exitCode: 5, message: 'no disk' }
  const events = [startedEvent, { sequence: 2, atMs: 1, body: { kind: 'sequence-ended', outcome } }]
  t.is((await agent.say(site, '/agent/v1/events', { runId, events }, runToken)).status, 200)
  await site.store.judgeAlerts()
  const [alert] = await list('?state=raised')
  t.deepEqual(alert, {
    id: 1,
    kind: 'failure-above-threshold',
    severity: 'critical',
    state: 'raised',
    deploymentId,
    text: `${deploymentId} (Install): 1 of 1 machines have failed, and 10 % may. See what failed (./reveille deployment status ${deploymentId} --devices --status error). If the fault is its own, suspend it: ./reveille deployment edit ${deploymentId} --enabled false`,
    raisedAtMs: site.clock.nowMs,
  })
  t.is(await openOf(), '1')
  const acknowledged = await site.api('POST', '/alerts/1/acknowledge')
  t.like(acknowledged.json, { id: 1, state: 'acknowledged', acknowledgedAtMs: site.clock.nowMs })
  t.is(typeof acknowledged.json['acknowledgedBy'], 'string')
  t.is(await openOf(), '0')
  t.deepEqual(await list('?state=raised'), [])
  t.is((await list('?state=acknowledged')).length, 1)
  const audit = z.object({ items: z.array(z.looseObject({ action: z.string() })) })
  t.like(audit.parse((await site.api('GET', '/audit?kind=alert&id=1')).json).items, [{ action: 'acknowledge' }])
  for (const id of ['2', '0', 'one']) t.is((await site.api('POST', `/alerts/${id}/acknowledge`)).status, 404, id)
  t.is((await site.api('GET', '/alerts?state=open')).status, 400)
})
