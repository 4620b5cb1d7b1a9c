/** The audit: who changed what, in the transaction of the change. */

import test from 'ava'
import { z } from 'zod'
import { approve, mac, prepare, secret } from './agent-site.ts'
import { openTestSite, TestAgent, type TestSite } from './test-site.ts'

const entries = z.object({
  items: z.array(
    z.object({
      number: z.number(),
      by: z.string().optional(),
      action: z.string(),
      kind: z.string(),
      id: z.string(),
      name: z.string(),
      changes: z.array(z.object({ field: z.string(), before: z.unknown().optional(), after: z.unknown().optional() })),
    }),
  ),
})

async function auditOf(site: TestSite, query = '') {
  const answer = await site.api('GET', `/audit${query}`)
  if (answer.status !== 200) throw new Error(answer.body.toString())
  return entries.parse(answer.json).items
}

test('each change of an object has an entry: by whom, what it was and what it is', async (t) => {
  const site = await openTestSite()
  t.teardown(() => site.close())
  const device = await site.api('POST', '/devices', { name: 'PC1', macAddresses: [mac] })
  const path = `/devices/${String(device.json['id'])}`
  await site.api('PUT', path, { name: 'PC2', macAddresses: [mac] })
  // Nothing changes, so that there is nothing to tell.
  await site.api('PUT', path, { name: 'PC2', macAddresses: [mac] })
  await site.api('DELETE', path)
  const [removed, changed, created, ...others] = await auditOf(site, `?kind=device`)
  t.deepEqual(others, [])
  t.like(created, { action: 'create', name: 'PC1', by: 'administrator (preset token)', id: device.json['id'] })
  t.like(changed, { action: 'change', name: 'PC2', changes: [{ field: 'name', before: 'PC1', after: 'PC2' }] })
  t.like(removed, { action: 'remove', name: 'PC2' })
  t.deepEqual(await auditOf(site, `?id=${String(device.json['id'])}&before=${changed?.number}`), [created])
  t.is((await auditOf(site, '?limit=1')).length, 1)
})

test('a change that was refused has no entry', async (t) => {
  const site = await openTestSite()
  t.teardown(() => site.close())
  await site.api('POST', '/devices', { name: 'PC1', macAddresses: [mac] })
  t.is((await site.api('POST', '/devices', { name: 'PC1', macAddresses: [] })).status, 409)
  t.is((await auditOf(site, '?kind=device')).length, 1)
})

test('S6-027, A17: deployments, content, cleared marks and approvals are told', async (t) => {
  const prepared = await prepare({ knownDevices: 'approve' }, { purpose: 'required' })
  const { site } = prepared
  t.teardown(() => site.close())
  const agent = new TestAgent(mac)
  const hello = await agent.sayHello(site)
  await approve(site, hello)
  const again = await agent.sayHello(site)
  const message = { deploymentId: prepared.deploymentId, variables: [] }
  await agent.say(site, '/agent/v1/runs', message, String(again.json['session']))
  const [device] = await site.store.devices.list()
  await site.api('POST', `/devices/${device?.id}/clear-required-pxe-deployments`)
  const told = await auditOf(site)
  for (const [kind, action] of [
    ['deployment', 'create'],
    ['operating-system-image', 'change'],
    ['task-sequence', 'create'],
    ['machine', 'approve'],
    ['device', 'clear-marks'],
  ]) {
    t.truthy(
      told.find((entry) => entry.kind === kind && entry.action === action && entry.by !== undefined),
      `${kind} ${action}`,
    )
  }
  // What the machine itself did is in its run.
  t.false(told.some(({ by }) => by === undefined))
})

test('A08: secrets of variables and of steps are in no entry', async (t) => {
  const site = await openTestSite()
  t.teardown(() => site.close())
  const variables = [{ name: 'Password', value: secret, secret: true }]
  const { json } = await site.api('POST', '/devices', { name: 'PC1', macAddresses: [mac], variables })
  await site.api('PUT', `/devices/${String(json['id'])}`, {
    name: 'PC1',
    macAddresses: [mac],
    variables: [{ name: 'Password', value: `${secret}-new`, secret: true }],
  })
  const action = { type: 'set-task-sequence-variable', variable: 'Password', value: secret, secret: true }
  const sequence = { name: 'Secret', children: [{ name: 'Set', action }] }
  t.is((await site.api('POST', '/task-sequences', { sequence })).status, 201)
  const told = await auditOf(site)
  t.false(JSON.stringify(told).includes(secret))
  t.like(
    told.find(({ kind, action: done }) => kind === 'device' && done === 'change'),
    {
      changes: [{ field: 'variables', before: [{ value: '***' }], after: [{ value: '***' }] }],
    },
  )
})

test('a copy is told as what was made', async (t) => {
  const site = await openTestSite()
  t.teardown(() => site.close())
  const sequence = { name: 'Copied', children: [] }
  const made = await site.api('POST', '/task-sequences', { sequence })
  await site.api('POST', `/task-sequences/${String(made.json['id'])}/copy`, {})
  t.is((await auditOf(site, '?kind=task-sequence')).length, 2)
})
