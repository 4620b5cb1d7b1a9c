/** Which machines wait for an administrator: hardware identifiers can be copied, so a known device may have to as well. */

import test from 'ava'
import { approve, codeOf, kindOf, lanesOf, mac, prepare, secret, sessionOf, start } from './agent-site.ts'
import { TestAgent, type TestSite } from './test-site.ts'

async function putSecretIntoSequence(site: TestSite, set: object = { secret: true }): Promise<void> {
  const listed = await site.store.taskSequences.list()
  for (const { id, bootImageId, sequence } of listed) {
    const action = { type: 'set-task-sequence-variable', variable: 'Password', value: secret, ...set }
    const children = [{ kind: 'group', name: 'G', disabled: true, children: [{ name: 'Set', action }] }]
    const answer = await site.api('PUT', `/task-sequences/${id}`, {
      bootImageId,
      sequence: { name: sequence.name, children },
    })
    if (answer.status !== 200) throw new Error(answer.body.toString())
  }
}

test('A06: where the site wants it a known device waits for an administrator, too', async (t) => {
  const prepared = await prepare({ knownDevices: 'approve' })
  const { site } = prepared
  t.teardown(() => site.close())
  const agent = new TestAgent(mac)
  const hello = await agent.sayHello(site)
  t.is(kindOf(hello), 'waiting-for-approval')
  t.false(hello.body.includes('Install'))
  t.is(codeOf((await start(prepared, agent)).answer), 'not-armed')
  await approve(site, hello)
  t.is(kindOf(await agent.sayHello(site)), 'armed')
  const { answer } = await start(prepared, agent)
  t.is(answer.status, 200, answer.body.toString())
})

for (const unknownComputers of ['approve', 'allow'] as const) {
  test(`A04, A06: a secret in a step goes to an approved machine only, unknown computers: ${unknownComputers}`, async (t) => {
    const collectionId = unknownComputers === 'allow' ? 'RVL10002' : 'RVL10001'
    const prepared = await prepare({ unknownComputers, knownDevices: 'automatic' }, { collectionId })
    const { site } = prepared
    t.teardown(() => site.close())
    await putSecretIntoSequence(site)
    const agent = new TestAgent(unknownComputers === 'allow' ? '52:54:00:99:99:99' : mac)
    const hello = await agent.sayHello(site)
    t.is(kindOf(hello), 'waiting-for-approval')
    t.regex((await lanesOf(site))[0]?.text ?? '', /"Install" holds a secret/)
    const message = { deploymentId: prepared.deploymentId, variables: [] }
    const refused = await agent.say(site, '/agent/v1/runs', message, sessionOf(hello))
    t.is(codeOf(refused), 'not-armed')
    t.false(refused.body.includes(secret))
    await approve(site, hello)
    const { answer } = await start(prepared, agent)
    t.true(answer.body.includes(secret))
  })
}

test('A04, A06: the user state of a machine goes to an approved one only', async (t) => {
  const prepared = await prepare({ knownDevices: 'automatic' })
  const { site } = prepared
  t.teardown(() => site.close())
  const listed = await site.store.taskSequences.list()
  const action = { type: 'request-state-store', purpose: 'restore' }
  for (const { id, bootImageId, sequence } of listed) {
    const children = [{ name: 'G', children: [{ name: 'Ask', action }] }]
    const draft = { bootImageId, sequence: { name: sequence.name, children } }
    t.is((await site.api('PUT', `/task-sequences/${id}`, draft)).status, 200)
  }
  const agent = new TestAgent(mac)
  const hello = await agent.sayHello(site)
  t.is(kindOf(hello), 'waiting-for-approval')
  t.regex((await lanesOf(site))[0]?.text ?? '', /"Install" restores user state/)
  t.is(codeOf((await start(prepared, agent)).answer), 'not-armed')
  await approve(site, hello)
  t.is((await start(prepared, agent)).answer.status, 200)
})

test('A04, A06: an approval is for the machine that was shown, not for another that the same agent tells of later', async (t) => {
  const prepared = await prepare({ knownDevices: 'approve' })
  const { site } = prepared
  t.teardown(() => site.close())
  const agent = new TestAgent('52:54:00:99:99:99')
  const { hardware } = agent.hello
  const cards = ['52:54:00:99:99:98', ...hardware.macAddresses]
  const sayHello = async (changes: object) =>
    agent.say(site, '/agent/v1/hello', { ...agent.hello, hardware: { ...hardware, ...changes } })
  const hello = await sayHello({ macAddresses: cards })
  await approve(site, hello)
  t.is(kindOf(await sayHello({ macAddresses: cards.toReversed(), memoryBytes: 1 })), 'nothing-to-run')
  const [waiting] = await site.store.listSessions()
  t.true(waiting?.approved)
  const other = await sayHello({ macAddresses: [mac] })
  t.is(kindOf(other), 'waiting-for-approval')
  const refused = await agent.say(
    site,
    '/agent/v1/runs',
    { deploymentId: prepared.deploymentId, variables: [] },
    sessionOf(other),
  )
  t.is(codeOf(refused), 'not-armed')
  await approve(site, other)
  t.is(kindOf(await sayHello({ macAddresses: [mac] })), 'armed')
})

test('a step that sets an open value, or no value yet, asks for no approval', async (t) => {
  for (const set of [{ secret: false }, { secret: true, value: '' }]) {
    const { site } = await prepare()
    t.teardown(() => site.close())
    await putSecretIntoSequence(site, set)
    t.is(kindOf(await new TestAgent(mac).sayHello(site)), 'armed')
  }
})
