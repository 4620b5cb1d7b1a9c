/** What one agent, or many that are none, may ask of the site. */

import test from 'ava'
import { Registry } from 'prom-client'
import { z } from 'zod'
import { createHttpApp } from '../../server/http/app.ts'
import { createHttpServer } from '../../server/http/server-limits.ts'
import { codeOf, mac, prepare, sessionOf, start, startedEvent } from './agent-site.ts'
import { TestAgent } from './test-site.ts'

test('A05: a hello sent twice is 409; said again with the next counter it is the same session', async (t) => {
  const { site } = await prepare()
  t.teardown(() => site.close())
  const agent = new TestAgent(mac)
  const once = agent.prepare('/agent/v1/hello', agent.hello)
  const first = await site.ask('POST', '/agent/v1/hello', once)
  t.is(first.status, 200)
  const replayed = await site.ask('POST', '/agent/v1/hello', once)
  t.is(replayed.status, 409)
  t.is(codeOf(replayed), 'replayed')
  t.is((await agent.sayHello(site)).json['code'], first.json['code'])
})

test('A13: one address that says hello as ever new machines is told to come later', async (t) => {
  const { site } = await prepare()
  t.teardown(() => site.close())
  const known = new TestAgent(mac)
  t.is((await known.sayHello(site)).status, 200)
  for (let number = 10; number < 73; number += 1) await new TestAgent(`52:54:00:99:00:${number}`).sayHello(site)
  const refused = await new TestAgent('52:54:00:99:00:09').sayHello(site)
  t.is(refused.status, 429)
  t.is(refused.headers['retry-after'], '60')
  t.is((await known.sayHello(site)).status, 200)
  site.clock.nowMs += 60_000
  t.is((await new TestAgent('52:54:00:99:00:09').sayHello(site)).status, 200)
})

test('a machine tells of 64 disks at most', async (t) => {
  const { site } = await prepare()
  t.teardown(() => site.close())
  const { hello } = new TestAgent(mac)
  const disks = Array.from({ length: 65 }, (_, number) => ({ name: `sd${number}`, bytes: 1, removable: false }))
  const told = async (count: number) =>
    new TestAgent(mac, { hardware: { ...hello.hardware, disks: disks.slice(0, count) } }).sayHello(site)
  t.is((await told(64)).status, 200)
  t.is((await told(65)).status, 422)
})

test('60: a start whose answer was lost is asked again and gets the same run', async (t) => {
  const prepared = await prepare()
  const { site } = prepared
  t.teardown(() => site.close())
  const agent = new TestAgent(mac)
  const session = sessionOf(await agent.sayHello(site))
  const message = { deploymentId: prepared.deploymentId, variables: [] }
  const first = await agent.say(site, '/agent/v1/runs', message, session)
  const again = await agent.say(site, '/agent/v1/runs', message, session)
  t.is(again.json['runId'], first.json['runId'])
  t.not(again.json['runToken'], first.json['runToken'])
  const runs = await site.api('GET', '/runs')
  t.is(z.array(z.unknown()).parse(runs.json['items']).length, 1)
})

test('A06: a server that was started anew lets no copy end the run of a machine that is alive', async (t) => {
  const prepared = await prepare()
  const { site, deploymentId } = prepared
  t.teardown(() => site.close())
  const { agent, runToken, runId } = await start(prepared)
  // What is kept in memory is gone; the site is the same.
  const app = await createHttpApp({ ...site.dependencies, metrics: new Registry() })
  const server = createHttpServer(app, { connectionsOfAddressMax: 256 })
  t.teardown(() => server.close())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const bound = server.address()
  const copy = new TestAgent(mac)
  const say = async (path: string, message: unknown, token?: string) => {
    const port = typeof bound === 'object' && bound !== null ? bound.port : 0
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
      method: 'POST',
      ...copy.prepare(path, message, token),
    })
    return z.looseObject({}).parse(await answer.json())
  }
  const hello = await say('/agent/v1/hello', copy.hello)
  t.like(hello['machine'], { kind: 'armed' })
  const refused = await say('/agent/v1/runs', { deploymentId, variables: [] }, String(hello['session']))
  t.is(refused['code'], 'not-armed')
  t.true(site.logged.some(({ level, text }) => level === 'warn' && text.includes('second agent')))
  t.is((await agent.say(site, '/agent/v1/events', { runId, events: [startedEvent] }, runToken)).status, 200)
})
