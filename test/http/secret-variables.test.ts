/** Secret variables of collections and devices (S1-071): which machine gets them, and who never does. */

import test from 'ava'
import { z } from 'zod'
import { parseRunId } from '../../server/address/identifiers.ts'
import { approve, codeOf, kindOf, lanesOf, mac, type Prepared, prepare, sessionOf, start } from './agent-site.ts'
import { addContent, type Answer, TestAgent, type TestSite } from './test-site.ts'

const stranger = '52:54:00:99:99:99'
const secretVariable = (name: string, value: string) => ({ name, value, secret: true })

async function setOnDevice(site: TestSite, ...variables: readonly object[]): Promise<void> {
  const [device] = await site.store.devices.list()
  const draft = { name: 'PC1', macAddresses: [mac], variables }
  const answer = await site.api('PUT', `/devices/${device?.id}`, draft)
  if (answer.status !== 200) throw new Error(answer.body.toString())
}

async function addCollection(site: TestSite, draft: object): Promise<void> {
  const answer = await site.api('POST', '/collections', draft)
  if (answer.status !== 201) throw new Error(answer.body.toString())
}

/** Variables of a collection that the product made. */
async function setOnCollection(site: TestSite, id: string, ...variables: readonly object[]): Promise<void> {
  const { json } = await site.api('GET', `/collections/${id}`)
  const answer = await site.api('PUT', `/collections/${id}`, { name: json['name'], variables })
  if (answer.status !== 200) throw new Error(answer.body.toString())
}

const policyView = z.object({
  variables: z.array(z.object({ name: z.string(), value: z.string(), secret: z.boolean() })),
})

function secretsIn(answer: Answer): Readonly<Record<string, string>> {
  const { variables } = policyView.parse(answer.json['policy'])
  return Object.fromEntries(variables.flatMap(({ name, value, secret }) => (secret ? [[name, value]] : [])))
}

async function tryToStart({ site, deploymentId }: Prepared, agent: TestAgent, hello: Answer): Promise<Answer> {
  return agent.say(site, '/agent/v1/runs', { deploymentId, variables: [] }, sessionOf(hello))
}

test('S1-063 S1-064 S1-065 S1-071: an approved machine gets the secret values of its collections and its own, by the usual precedence', async (t) => {
  const prepared = await prepare()
  const { site } = prepared
  t.teardown(() => site.close())
  const [device] = await site.store.devices.list()
  const directMembers = [device?.id]
  const strong = [secretVariable('Role', 'canary-strong'), secretVariable('Token', 'canary-strong')]
  await addCollection(site, { name: 'Strong', directMembers, variables: strong, variablePriority: 9 })
  const weak = [secretVariable('Role', 'canary-weak'), secretVariable('Only', 'canary-only')]
  await addCollection(site, { name: 'Weak', directMembers, variables: weak, variablePriority: 2 })
  await addCollection(site, { name: 'Others', variables: [secretVariable('Foreign', 'canary-foreign')] })
  await site.api('POST', '/devices', { name: 'PC2', variables: [secretVariable('Foreign', 'canary-foreign')] })
  await setOnDevice(site, secretVariable('Token', 'canary-device'))
  const agent = new TestAgent(mac)
  await approve(site, await agent.sayHello(site))
  const { answer } = await start(prepared, agent)
  t.is(answer.status, 200, answer.body.toString())
  t.deepEqual(secretsIn(answer), { Role: 'canary-strong', Token: 'canary-device', Only: 'canary-only' })
  t.notRegex(answer.body.toString(), /canary-weak|canary-foreign/)
})

for (const unknownComputers of ['approve', 'allow'] as const) {
  test(`A04, A06, S1-066: whoever has a copied address gets no secret variable, unknown computers: ${unknownComputers}`, async (t) => {
    const isUnknown = unknownComputers === 'allow'
    const prepared = await prepare(
      { unknownComputers, knownDevices: 'automatic' },
      { collectionId: isUnknown ? 'RVL10002' : 'RVL10001' },
    )
    const { site } = prepared
    t.teardown(() => site.close())
    await setOnDevice(site, secretVariable('Password', 'canary-device'))
    await setOnCollection(site, 'RVL10002', secretVariable('Password', 'canary-unknown'))
    const agent = new TestAgent(isUnknown ? stranger : mac)
    const hello = await agent.sayHello(site)
    t.is(kindOf(hello), 'waiting-for-approval')
    t.regex((await lanesOf(site))[0]?.text ?? '', /approve this machine: it would get the secret variable Password$/)
    const refused = await tryToStart(prepared, agent, hello)
    t.is(codeOf(refused), 'not-armed')
    const script = await site.ask(
      'GET',
      `/boot/script.ipxe?mac=${isUnknown ? stranger : mac}&platform=efi&buildarch=x86_64`,
    )
    t.is(script.status, 200)
    t.notRegex([hello, refused, script].map(({ body }) => body.toString()).join(), /canary|Password/)
    await approve(site, hello)
    const { answer } = await start(prepared, agent)
    // An unknown computer has the variables of its collections, and of no device.
    t.deepEqual(secretsIn(answer), { Password: isUnknown ? 'canary-unknown' : 'canary-device' })
  })
}

test('A06: a copy of an approved machine gets nothing, before its run and while it goes on', async (t) => {
  const prepared = await prepare()
  const { site } = prepared
  t.teardown(() => site.close())
  await setOnDevice(site, secretVariable('Password', 'canary-device'))
  const agent = new TestAgent(mac)
  await approve(site, await agent.sayHello(site))
  const copy = new TestAgent(mac)
  const tryAsCopy = async () => {
    const hello = await copy.sayHello(site)
    t.is(kindOf(hello), 'waiting-for-approval')
    t.is(codeOf(await tryToStart(prepared, copy, hello)), 'not-armed')
  }
  await tryAsCopy()
  t.is((await start(prepared, agent)).answer.status, 200)
  await tryAsCopy()
  site.clock.nowMs += 600_000
  await tryAsCopy()
})

test('no approval is asked for a secret that would go nowhere: without a value, overridden, or with nothing to run', async (t) => {
  const prepared = await prepare()
  const { site } = prepared
  t.teardown(() => site.close())
  await setOnCollection(site, 'RVL10001', secretVariable('Password', 'canary-overridden'))
  await setOnDevice(site, { name: 'password', value: 'open' }, secretVariable('Empty', ''))
  t.is(kindOf(await new TestAgent(mac).sayHello(site)), 'armed')
  const { answer } = await start(prepared)
  t.notRegex(answer.body.toString(), /canary/)
  const idle = await prepare({ unknownComputers: 'allow' })
  t.teardown(() => idle.site.close())
  await setOnCollection(idle.site, 'RVL10002', secretVariable('Password', 'canary-unknown'))
  t.is(kindOf(await new TestAgent(stranger).sayHello(idle.site)), 'nothing-to-run')
})

test('S1-071: what a person gives for a secret variable is secret, too', async (t) => {
  const prepared = await prepare()
  const { site } = prepared
  t.teardown(() => site.close())
  await setOnDevice(site, secretVariable('Where', ''))
  // start() gives `where`, and does not say that it is a secret.
  const { answer } = await start(prepared)
  t.deepEqual(secretsIn(answer), { where: 'Bonn' })
})

test('S1-071: a value that changes later changes no run, and the site keeps none with the run', async (t) => {
  const prepared = await prepare()
  const { site } = prepared
  t.teardown(() => site.close())
  await setOnDevice(site, secretVariable('Password', 'canary-before'))
  const agent = new TestAgent(mac)
  await approve(site, await agent.sayHello(site))
  const { answer, runId, resume } = await start(prepared, agent)
  t.deepEqual(secretsIn(answer), { Password: 'canary-before' })
  await setOnDevice(site, secretVariable('Password', 'canary-after'))
  const resumed = await resume(new TestAgent(mac))
  t.is(resumed.status, 200)
  t.notRegex(resumed.body.toString(), /canary/)
  const id = parseRunId(runId)
  const run = id && (await site.store.getRun(id))
  t.deepEqual(
    run?.policy.variables.find(({ name }) => name === 'Password'),
    { name: 'Password', value: '', secret: true },
  )
  t.notRegex(JSON.stringify(run), /canary/)
})

test('S6-040, S6-041, S1-071: a secret SMSTSPreferredAdvertID selects as an open one does, after approval, and no text says it', async (t) => {
  const prepared = await prepare({}, { makeAvailableTo: 'media-and-pxe-hidden' })
  const { site, deploymentId } = prepared
  t.teardown(() => site.close())
  const [boot] = await site.store.bootImages.list()
  const [kernel, loader] = [Buffer.from('kernel'), Buffer.from('loader')]
  const files = { vmlinuz: kernel, 'initrd.img': kernel, 'loader/snponly-x64.efi': loader }
  await addContent(site, `/boot-images/${boot?.id}`, files)
  const preview = async () => (await site.api('GET', `/boot-preview?mac=${mac}`)).json
  t.is((await preview())['decision'], 'continue-to-local-disk')
  await setOnDevice(site, { name: 'SMSTSPreferredAdvertID', value: deploymentId })
  const open = await preview()
  t.like(open, { decision: 'boot', deploymentId })
  await setOnDevice(site, secretVariable('SMSTSPreferredAdvertID', deploymentId))
  t.deepEqual(await preview(), open)
  const agent = new TestAgent(mac)
  const hello = await agent.sayHello(site)
  t.is(kindOf(hello), 'waiting-for-approval')
  t.false(hello.body.includes(deploymentId))
  await approve(site, hello)
  const armed = await agent.sayHello(site)
  t.like(armed.json['machine'], { kind: 'armed', selection: { kind: 'start', because: 'preferred' } })
  t.deepEqual(secretsIn(await tryToStart(prepared, agent, armed)), { SMSTSPreferredAdvertID: deploymentId })
})

test('A07, S6-044, S1-071: a secret SMSTSPreferredAdvertID that cannot be honoured is said in stars', async (t) => {
  const { site } = await prepare()
  t.teardown(() => site.close())
  for (const [value, text] of [
    ['RVL2FFFF', 'SMSTSPreferredAdvertID names ***, which cannot run on this machine now. Nothing is started.'],
    ['canary-id', 'SMSTSPreferredAdvertID is ***: that is no identifier'],
  ] as const) {
    await setOnDevice(site, secretVariable('SMSTSPreferredAdvertID', value))
    const hello = await new TestAgent(mac).sayHello(site)
    t.is(kindOf(hello), 'nothing-to-run')
    t.true(hello.body.toString().includes(text), hello.body.toString())
    const preview = await site.api('GET', `/boot-preview?mac=${mac}`)
    const script = await site.ask('GET', `/boot/script.ipxe?mac=${mac}&platform=efi&buildarch=x86_64`)
    const everything = [hello, preview, script].map(({ body }) => body.toString()).join() + JSON.stringify(site.logged)
    t.false(everything.includes(value), everything)
    site.clock.nowMs += 600_000
  }
})
