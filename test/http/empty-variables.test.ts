/** Variables of the site without a value: told to the machine, asked for there by the real agent, and in effect in its run. */

import test, { type ExecutionContext } from 'ava'
import { z } from 'zod'
import { chooseDeployment } from '../../bootstrap/choose-deployment.ts'
import { Identity } from '../../bootstrap/identity.ts'
import { ManagementPoint } from '../../bootstrap/management-point.ts'
import type { Hello, PolicyVariable } from '../../server/contract/agent.ts'
import { assert } from '../../server/assert.ts'
import { mac, prepare } from './agent-site.ts'
import { TestAgent, type TestSite } from './test-site.ts'

const variables = [
  { name: 'Where', value: 'Berlin', secret: false },
  { name: 'Office', value: '', secret: false },
  { name: 'Pin', value: '', secret: true },
  { name: 'smstspreferredadvertid', value: '', secret: false },
]

async function openSite(t: ExecutionContext, deployment: object = {}): Promise<TestSite> {
  const { site } = await prepare({}, deployment)
  t.teardown(() => site.close())
  const { json } = await site.api('GET', '/devices')
  const { items } = z.object({ items: z.array(z.object({ id: z.string() })) }).parse(json)
  const changed = await site.api('PUT', `/devices/${items[0]?.id}`, { name: 'PC1', macAddresses: [mac], variables })
  t.is(changed.status, 200, changed.body.toString())
  return site
}

/** The agent in the boot image, with a person who types these lines. */
async function startTyping(site: TestSite, typed: readonly string[]) {
  const server = [`http://127.0.0.1:${site.port}`]
  const identity = new Identity()
  const { identityKey, sealingKey, nonce } = identity
  const hello: Hello = { ...new TestAgent(mac).hello, identityKey, sealingKey, nonce }
  const { signal } = new AbortController()
  const managementPoint = new ManagementPoint({ server, identity, onFault: () => {}, signal })
  const said: string[] = []
  let read = 0
  const chosen = await chooseDeployment({
    hello: () => managementPoint.hello(hello),
    say: (text) => said.push(text),
    readLine: async () => typed[read++],
    chooseSeconds: 30,
  })
  assert(chosen.kind === 'start', 'somebody chose')
  const { deploymentId } = chosen.choice
  const answer = await managementPoint.startRun(chosen.session, { deploymentId, variables: chosen.variables })
  return { answer, said, chosen }
}

const valuesOf = (all: readonly PolicyVariable[]) =>
  Object.fromEntries(all.map(({ name, value, secret }) => [name, secret ? [value] : value]))

test('S1-068: what a person gives for empty variables is in effect in the run, and the rest is as the site says', async (t) => {
  const site = await openSite(t)
  const { answer, said, chosen } = await startTyping(site, ['1', 'Room "5"; $(reboot)', 'canary-8822', ''])
  t.deepEqual(chosen.choice.emptyVariables, [
    { name: 'Office', secret: false },
    { name: 'Pin', secret: true },
  ])
  t.like(valuesOf(answer.policy.variables), { Where: 'Berlin', Office: 'Room "5"; $(reboot)', Pin: ['canary-8822'] })
  t.false(said.join().includes('canary'))
  // The site keeps no second copy of a secret (A10), and shows none.
  const run = await site.api('GET', `/runs/${answer.runId}`)
  t.is(run.status, 200)
  t.false(run.body.toString().includes('canary'))
  t.false(JSON.stringify(await site.store.getRun(answer.runId)).includes('canary'))
})

test('S1-068: left empty, a variable is not set; a value of the site is never told before a run', async (t) => {
  const site = await openSite(t)
  const { answer, chosen } = await startTyping(site, ['1', '', '', ''])
  t.deepEqual(chosen.variables, [])
  t.like(valuesOf(answer.policy.variables), { Office: '', Pin: [''] })
  t.false(JSON.stringify(chosen).includes('Berlin'))
})

test('S1-068, S6-041: a required deployment asks nobody', async (t) => {
  const site = await openSite(t, { purpose: 'required' })
  const { chosen } = await startTyping(site, [])
  t.false(chosen.wasAsked)
  t.is(chosen.choice.emptyVariables, undefined)
})
