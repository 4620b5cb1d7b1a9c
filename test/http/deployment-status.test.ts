/** The status of deployments over the API: counts with percentages, and the machines behind each of them. */

import test from 'ava'
import { z } from 'zod'
import { prepare, start, startedEvent } from './agent-site.ts'

const statusView = z.object({
  total: z.number(),
  formerMembers: z.number(),
  states: z.array(
    z.object({ state: z.string(), number: z.number(), count: z.number(), percent: z.number().nullable() }),
  ),
})
const pageView = z.object({ total: z.number(), items: z.array(z.looseObject({ name: z.string(), state: z.string() })) })

test('S10-001, S10-002, S10-009: five states in numbers and percent, and a list of at most 20,000 machines', async (t) => {
  const prepared = await prepare()
  const { site, deploymentId } = prepared
  t.teardown(() => site.close())
  for (const name of ['PC2', 'PC3']) await site.api('POST', '/devices', { name, macAddresses: [] })
  const { agent, runId, runToken } = await start(prepared)
  const path = `/deployments/${deploymentId}/status`
  const states = async () => {
    const { total, states } = statusView.parse((await site.api('GET', path)).json)
    return [total, ...states.map(({ number, state, count, percent }) => `${number} ${state} ${count} (${percent} %)`)]
  }
  t.deepEqual(await states(), [
    3,
    '1 success 0 (0 %)',
    '2 in-progress 1 (33.3 %)',
    '3 requirements-not-met 0 (0 %)',
    '4 unknown 2 (66.7 %)',
    '5 error 0 (0 %)',
  ])
  const outcome = { kind: 'failed', path: [0], exitCode: 5, message: 'no disk' }
  const bodies = [
    { kind: 'step-ended', path: [0], name: 'Apply', outcome: 'failed', exitCode: 5, message: 'no disk' },
    { kind: 'sequence-ended', outcome },
  ]
  const events = [startedEvent, ...bodies.map((body, index) => ({ sequence: index + 2, atMs: 1, body }))]
  t.is((await agent.say(site, '/agent/v1/events', { runId, events }, runToken)).status, 200)
  t.is((await states())[5], '5 error 1 (33.3 %)')
  const failed = pageView.parse((await site.api('GET', `${path}/devices?status=error&limit=20000`)).json)
  const [device] = (await site.store.devices.list()).filter(({ name }) => name === 'PC1')
  t.is(failed.total, 1)
  t.deepEqual(failed.items[0], {
    kind: 'device',
    deviceId: device?.id,
    name: 'PC1',
    state: 'error',
    messageState: { number: 11, name: 'Failed' },
    runId,
    startedAtMs: site.clock.nowMs,
    endedAtMs: site.clock.nowMs,
    heardAtMs: site.clock.nowMs,
    lastMessageId: 11_170,
    lastMessage: 'The task sequence Install was not completed.',
    lastStep: { number: '1', name: 'Apply', group: '', exitCode: '5' },
  })
  const unknown = pageView.parse((await site.api('GET', `${path}/devices?status=unknown&offset=1`)).json)
  t.deepEqual([unknown.total, unknown.items.map(({ name }) => name)], [2, ['PC3']])
  t.is((await site.api('GET', `${path}/devices?limit=20001`)).status, 400)
  t.is((await site.api('GET', `${path}/devices?status=bad`)).status, 400)
  for (const suffix of ['', '/devices']) {
    t.is((await site.api('GET', `/deployments/RVL2FFFF/status${suffix}`)).status, 404)
  }
  const every = z.object({ items: z.array(z.looseObject({ deploymentId: z.string() })) })
  t.deepEqual(
    every.parse((await site.api('GET', '/deployment-status')).json).items.map((one) => one.deploymentId),
    [deploymentId],
  )
})

test('S10-001: of a deployment to nobody there are no percentages', async (t) => {
  const { site, deploymentId } = await prepare()
  t.teardown(() => site.close())
  const [deployed] = await site.store.deployments.list()
  const { json } = await site.api('POST', '/collections', { name: 'Nobody', directMembers: [] })
  const made = await site.api('POST', '/deployments', {
    taskSequenceId: deployed?.taskSequenceId,
    collectionId: json['id'],
    purpose: 'available',
    makeAvailableTo: 'media-and-pxe',
  })
  t.not(made.json['id'], deploymentId)
  const { total, states } = statusView.parse(
    (await site.api('GET', `/deployments/${String(made.json['id'])}/status`)).json,
  )
  t.deepEqual([total, states.map(({ percent }) => percent)], [0, [null, null, null, null, null]])
})
