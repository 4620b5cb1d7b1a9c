/** What one agent, or many that are none, may ask of the site. */

import test from 'ava'
import { codeOf, mac, prepare } from './agent-site.ts'
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
  for (let number = 1; number < 8; number += 1) await new TestAgent(`52:54:00:99:00:0${number}`).sayHello(site)
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
