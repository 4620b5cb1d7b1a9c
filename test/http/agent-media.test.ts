/** Machines that were started from media: whose claim is right, what they may run, and what each refusal says. */

import test, { type ExecutionContext } from 'ava'
import { z } from 'zod'
import type { Hello } from '../../server/contract/agent.ts'
import type { SiteSettings } from '../../server/http/dependencies.ts'
import { approve, codeOf, kindOf, sessionOf, startedEvent } from './agent-site.ts'
import {
  deploy,
  deployForMedia,
  type FromMedium,
  helloFromMedium,
  makeMedium,
  openMedium,
  password,
  sayHelloFrom,
} from './media-site.ts'
import { openTestSite, TestAgent, type TestSite } from './test-site.ts'

const mac = '52:54:00:12:34:56'
const stranger = '52:54:00:99:99:99'
const dayMs = 24 * 3_600_000

interface Prepared {
  readonly site: TestSite
  readonly deploymentId: string
  readonly sequenceId: string
  readonly bootImageId: string
}

async function prepare(
  t: ExecutionContext,
  settings: Partial<SiteSettings> = {},
  deployment: object = {},
): Promise<Prepared> {
  const site = await openTestSite({ site: settings })
  t.teardown(() => site.close())
  await site.api('POST', '/devices', { name: 'PC1', macAddresses: [mac] })
  return { site, ...(await deployForMedia(site, deployment)) }
}

async function medium(site: TestSite, fields: object): Promise<FromMedium> {
  const given = { password: null, ...fields }
  const { id } = await makeMedium(site, given)
  return { id, contents: await openMedium(site, id, given.password ?? undefined) }
}

const standing = z.object({
  kind: z.string(),
  reason: z.string().optional(),
  selection: z
    .looseObject({
      kind: z.string(),
      because: z.string().optional(),
      choice: z.looseObject({ deploymentId: z.string() }).optional(),
      choices: z.array(z.looseObject({ deploymentId: z.string() })).optional(),
    })
    .optional(),
})
const standingOf = (hello: { json: Record<string, unknown> }) => standing.parse(hello.json['machine'])

async function start(site: TestSite, agent: TestAgent, from: FromMedium, deploymentId: string, fields: object = {}) {
  const hello = await sayHelloFrom(site, agent, from)
  return agent.say(site, '/agent/v1/runs', { deploymentId, variables: [], ...fields }, sessionOf(hello))
}

test('S5-013, S6-040, S6-041, S7-010: a hidden deployment that the medium names starts without a question', async (t) => {
  const { site, deploymentId, sequenceId } = await prepare(t)
  await deploy(site, sequenceId, { makeAvailableTo: 'media-and-pxe' })
  const from = await medium(site, { deploymentId, unattended: true })
  const agent = new TestAgent(mac)
  const hello = await sayHelloFrom(site, agent, from)
  t.like(standingOf(hello).selection, { kind: 'start', because: 'preferred', choice: { deploymentId } })
  const run = await start(site, agent, from, deploymentId)
  t.is(run.status, 200, run.body.toString())
  const record = await site.store.getRun((await site.store.listRuns(1))[0]?.id ?? neverRan())
  t.is<string | undefined, string>(record?.deploymentId, deploymentId)
})

test('S6-025, S6-028: media take no notice of marks', async (t) => {
  const { site, deploymentId, bootImageId } = await prepare(t)
  const first = await medium(site, { bootImageId, deploymentId })
  for (const agent of [new TestAgent(mac), new TestAgent(mac)]) {
    t.is((await start(site, agent, first, deploymentId)).status, 200)
    site.clock.nowMs += 121_000
  }
})

test('S6-040: a medium without a preference shows what is available, and a prestart command is stronger than the medium', async (t) => {
  const { site, deploymentId, sequenceId, bootImageId } = await prepare(t)
  const open = await deploy(site, sequenceId, { makeAvailableTo: 'media-and-pxe' })
  const plain = await medium(site, { bootImageId })
  const agent = new TestAgent(mac)
  const chosen = standingOf(await sayHelloFrom(site, agent, plain)).selection
  t.deepEqual(
    chosen?.choices?.map((choice) => choice.deploymentId),
    [open],
  )
  const named = await medium(site, { bootImageId, deploymentId })
  const prestart = { medium: deploymentId, prestart: `{${open.toLowerCase()}}` }
  const answer = standingOf(await sayHelloFrom(site, agent, named, { preferred: prestart }))
  t.is(answer.selection?.choice?.deploymentId, open)
})

test('S7-022: a prestart command of a boot image from the network names a deployment, too', async (t) => {
  const { site, deploymentId } = await prepare(t)
  const agent = new TestAgent(mac, { preferred: { prestart: deploymentId, medium: 'RVL2FFFF' } })
  const hello = await agent.sayHello(site)
  t.is(standingOf(hello).selection?.choice?.deploymentId, deploymentId)
  const run = await agent.say(site, '/agent/v1/runs', { deploymentId, variables: [] }, sessionOf(hello))
  t.is(run.status, 200, run.body.toString())
})

test('A07, S6-043, S6-044: whatever cannot be honoured is answered the same, and runs nothing', async (t) => {
  const { site, deploymentId, sequenceId, bootImageId } = await prepare(t)
  const lab = await site.api('POST', '/collections', { name: 'Others', directMembers: [] })
  const others = await deploy(site, sequenceId, { collectionId: lab.json['id'] })
  const bound = await medium(site, { bootImageId, deployments: [others] })
  const free = await medium(site, { bootImageId })
  const agent = new TestAgent(mac)
  const ask = async (from: FromMedium, id: string) => {
    const hello = await sayHelloFrom(site, agent, from, { preferred: { medium: id } })
    t.is(kindOf(hello), 'nothing-to-run')
    return standingOf(hello).reason?.replace(id, 'ID')
  }
  const text = 'SMSTSPreferredAdvertID names ID, which cannot run on this machine now. Nothing is started.'
  t.is(await ask(free, 'RVL2FFFF'), text, 'there is none')
  t.is(await ask(free, others), text, 'it is of another collection')
  t.is(await ask(bound, deploymentId), text, 'the medium may not')
  t.is(await ask(bound, others), text, 'the medium may, and the machine may not')
  const refused = await start(site, agent, free, others)
  t.is(codeOf(refused), 'not-armed')
  t.deepEqual(await site.store.listRuns(10), [])
})

test('A07, A04: whoever nobody approved is told the same of each deployment that it names, and after that what it may', async (t) => {
  const { site, sequenceId, bootImageId } = await prepare(t, { unknownComputers: 'approve' })
  const hidden = await deploy(site, sequenceId, { collectionId: 'RVL10002' })
  const open = await medium(site, { bootImageId })
  const agent = new TestAgent(stranger)
  const ask = async (id: string) => {
    const fromNetwork = await agent.say(site, '/agent/v1/hello', { ...agent.hello, preferred: { prestart: id } })
    const fromMedium = await sayHelloFrom(site, agent, open, { preferred: { medium: id } })
    return [fromNetwork.json['machine'], fromMedium.json['machine']]
  }
  const waits = { kind: 'waiting-for-approval', askAgainSeconds: 5 }
  t.deepEqual(await ask(hidden), [waits, waits], 'it is there')
  t.deepEqual(await ask('RVL2FFFF'), [waits, waits], 'there is none')
  const own = await medium(site, { bootImageId, deploymentId: await deploy(site, sequenceId) })
  t.is(kindOf(await sayHelloFrom(site, agent, own)), 'nothing-to-run', 'what the site put onto the medium is no guess')
  await approve(site, await agent.sayHello(site))
  const [told] = await ask('RVL2FFFF')
  t.regex(JSON.stringify(told), /names RVL2FFFF, which cannot run on this machine now/)
})

test('B12: a medium that was revoked, expired or is not yet valid starts nothing, and says why', async (t) => {
  const { site, deploymentId, bootImageId } = await prepare(t)
  const { nowMs } = site.clock
  const from = await medium(site, {
    bootImageId,
    deploymentId,
    startsAtMs: nowMs + dayMs,
    expiresAtMs: nowMs + 3 * dayMs,
  })
  const agent = new TestAgent(mac)
  const reason = async () => standingOf(await sayHelloFrom(site, agent, from)).reason ?? 'none'
  t.regex(await reason(), /cannot be used now: it may not be used before/)
  site.clock.nowMs = nowMs + 2 * dayMs
  const armed = await sayHelloFrom(site, agent, from)
  t.is(kindOf(armed), 'armed')
  await site.api('POST', `/media/${from.id}/revoke`)
  const message = { deploymentId, variables: [] }
  const told = await agent.say(site, '/agent/v1/runs', message, sessionOf(armed))
  t.is(codeOf(told), 'not-armed')
  t.regex(String(told.json['detail']), /This medium was revoked/)
  t.is(await reason(), 'This medium was revoked. Ask the administrator for another one.')
  const other = await medium(site, { bootImageId, deploymentId, expiresAtMs: site.clock.nowMs + dayMs })
  site.clock.nowMs += dayMs
  const expired = await sayHelloFrom(site, new TestAgent(mac), other)
  t.is(kindOf(expired), 'nothing-to-run')
  t.deepEqual(await site.store.listRuns(10), [])
})

test('B12: a claim that is another agent’s, of another site or of a deleted medium is worth nothing', async (t) => {
  const { site, deploymentId, bootImageId } = await prepare(t)
  const from = await medium(site, { bootImageId, deploymentId })
  const notOurs = /^The site does not know this medium/
  const agent = new TestAgent(mac)
  const reason = async (changes: Partial<Hello>) =>
    standingOf(await sayHelloFrom(site, agent, from, changes)).reason ?? 'none'
  const stolen = new TestAgent(mac)
  const theirs = await sayHelloFrom(site, stolen, from)
  t.is(kindOf(theirs), 'armed')
  const other = await medium(site, { bootImageId })
  const { mediumKey = '' } = other.contents
  const wrongKey = { ...from, contents: { ...from.contents, mediumKey } }
  t.regex(standingOf(await sayHelloFrom(site, agent, wrongKey)).reason ?? '', notOurs)
  t.regex(await reason({ nonce: Buffer.alloc(16).toString('base64') }), notOurs)
  t.regex(await reason({ medium: { mediumId: from.id, signature: 'x' } }), notOurs)
  const bare = new TestAgent(mac, { startedFrom: 'media' })
  t.regex(standingOf(await bare.sayHello(site)).reason ?? '', /does not prove which medium/)
  await site.api('POST', `/media/${from.id}/revoke`)
  t.is(
    standingOf(await sayHelloFrom(site, agent, wrongKey)).reason,
    await reason({ nonce: Buffer.alloc(16, 1).toString('base64') }),
  )
  await site.api('DELETE', `/media/${from.id}`)
  t.regex(await reason({}), notOurs)
})

test('S7-018: a medium for known computers starts nothing on an unknown one', async (t) => {
  const { site, deploymentId } = await prepare(t, { unknownComputers: 'allow' }, { collectionId: 'RVL10002' })
  const closed = await medium(site, { deploymentId, unknownComputers: false })
  const agent = new TestAgent(stranger)
  const hello = await sayHelloFrom(site, agent, closed)
  t.regex(standingOf(hello).reason ?? '', /for computers that the site knows/)
  const open = await medium(site, { deploymentId })
  t.is(kindOf(await sayHelloFrom(site, agent, open)), 'armed')
})

for (const withPassword of [true, false]) {
  test(`A04, S7-040: a medium ${withPassword ? 'with a password stands for an approval' : 'without a password stands for none'}`, async (t) => {
    const settings = { unknownComputers: 'approve', knownDevices: 'approve' } as const
    const { site, deploymentId, sequenceId } = await prepare(t, settings)
    const unknown = await deploy(site, sequenceId, { collectionId: 'RVL10002' })
    const from = await medium(site, { deploymentId, ...(withPassword ? { password } : {}) })
    const forUnknown = await medium(site, { deploymentId: unknown, ...(withPassword ? { password } : {}) })
    const expected = withPassword ? 'armed' : 'waiting-for-approval'
    const known = new TestAgent(mac)
    const hello = await sayHelloFrom(site, known, from)
    t.is(kindOf(hello), expected)
    t.is(kindOf(await sayHelloFrom(site, new TestAgent(stranger), forUnknown)), expected)
    t.is((await start(site, known, from, deploymentId)).status === 200, withPassword)
    if (withPassword) return
    await approve(site, hello)
    t.is((await start(site, known, from, deploymentId)).status, 200)
  })
}

test('S1-067, S7-021: variables of the medium are the weakest, and secret ones stay secret', async (t) => {
  const { site, deploymentId } = await prepare(t)
  const variables = [{ name: 'Where', value: 'Berlin' }]
  const [pc] = await site.store.devices.list()
  await site.api('PUT', `/devices/${pc?.id}`, { name: 'PC1', macAddresses: [mac], variables })
  const from = await medium(site, { deploymentId })
  const mediumVariables = [
    { name: 'where', value: 'Bonn', secret: false },
    { name: 'Floor', value: '2', secret: false },
    { name: 'Key', value: 'canary-0815', secret: true },
  ]
  const answer = await start(site, new TestAgent(mac), from, deploymentId, { mediumVariables })
  const { policy } = z
    .object({ policy: z.looseObject({ variables: z.array(z.object({ name: z.string(), value: z.string() })) }) })
    .parse(answer.json)
  const values = Object.fromEntries(policy.variables.map(({ name, value }) => [name, value]))
  t.like(values, { Where: 'Berlin', Floor: '2', Key: 'canary-0815' })
  const [run] = await site.store.listRuns(1)
  t.false(JSON.stringify(run).includes('canary-0815'))
  const network = new TestAgent('52:54:00:00:00:07')
  await site.api('POST', '/devices', { name: 'PC7', macAddresses: ['52:54:00:00:00:07'] })
  const hello = await network.sayHello(site)
  const told = await network.say(
    site,
    '/agent/v1/runs',
    { deploymentId, variables: [], mediumVariables },
    sessionOf(hello),
  )
  t.not(told.status, 200)
})

test('B12, S1-044: a run that began from a medium goes on when that was revoked meanwhile, and no other one begins from it', async (t) => {
  const { site, deploymentId } = await prepare(t)
  const from = await medium(site, { deploymentId })
  const begun = await start(site, new TestAgent(mac), from, deploymentId)
  const { runId, runToken } = begun.json
  let ticket = String(begun.json['resumeTicket'])
  const resume = async (agent: TestAgent, hello: Hello) => {
    const answer = await agent.say(site, '/agent/v1/resume', { hello, runId, resumeTicket: ticket })
    if (answer.status === 200) ticket = String(answer.json['resumeTicket'])
    return answer
  }
  t.truthy(runToken)
  const installed = new TestAgent(mac, { startedFrom: 'installed-system' })
  t.is((await resume(installed, installed.hello)).status, 200)
  const back = new TestAgent(mac)
  const returned = await resume(back, helloFromMedium(back, from))
  t.is(returned.status, 200, returned.body.toString())
  const events = { runId, events: [startedEvent] }
  t.is((await back.say(site, '/agent/v1/events', events, String(returned.json['runToken']))).status, 200)
  await site.api('POST', `/media/${from.id}/revoke`)
  const late = new TestAgent(mac)
  t.is((await resume(late, helloFromMedium(late, from))).status, 200, 'its policy was given, and its ticket is good')
  const refused = await start(site, new TestAgent(mac), from, deploymentId)
  t.is(codeOf(refused), 'not-armed')
  t.is((await site.store.listRuns(10)).length, 1)
  const other = new TestAgent(stranger)
  t.is(codeOf(await resume(other, helloFromMedium(other, from))), 'not-found', 'a ticket is for its own machine')
})

test('B12: the site tells which machines started from a medium, when and how often', async (t) => {
  const { site, deploymentId } = await prepare(t)
  const from = await medium(site, { deploymentId })
  const agent = new TestAgent(mac)
  const first = site.clock.nowMs
  await sayHelloFrom(site, agent, from)
  site.clock.nowMs += 5_000
  await sayHelloFrom(site, agent, from)
  const usesOf = async () => (await site.api('GET', `/media/${from.id}`)).json['uses']
  const use = { machineName: 'PC1', lane: mac, ipAddress: '127.0.0.1', firstAtMs: first }
  const [pc] = await site.store.devices.list()
  t.deepEqual(await usesOf(), [{ ...use, deviceId: pc?.id, lastAtMs: first + 5_000, starts: 1 }])
  site.clock.nowMs += 300_000
  await sayHelloFrom(site, new TestAgent(mac), from)
  t.like(z.array(z.looseObject({})).parse(await usesOf())[0], { starts: 2, firstAtMs: first })
})

function neverRan(): never {
  throw new Error('nothing ran')
}
