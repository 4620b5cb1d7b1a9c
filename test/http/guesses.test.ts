/** Whoever tries identifiers of deployments one after the other is made to wait, and learns nothing before or while (security A07). */

import test from 'ava'
import type { DeploymentId } from '../../server/address/identifiers.ts'
import { parseDeploymentId } from '../../server/address/identifiers.ts'
import { parseMediumId } from '../../server/contract/medium.ts'
import { type Guesser, GuessLimit, guessWindowMs, wrongIdsMax } from '../../server/http/agent/guess-limit.ts'
import { codeOf, kindOf, lanesOf, sessionOf } from './agent-site.ts'
import { deployForMedia, makeMedium, openMedium, sayHelloFrom } from './media-site.ts'
import { type Answer, openTestSite, TestAgent, type TestSite } from './test-site.ts'

const mac = '52:54:00:12:34:56'

function wrongId(number: number): DeploymentId {
  const id = parseDeploymentId(`RVL2${(0xf000 + number).toString(16).toUpperCase()}`)
  if (id === undefined) throw new Error('a wrong fixture')
  return id
}

const name = async (site: TestSite, agent: TestAgent, id: string): Promise<Answer> =>
  agent.say(site, '/agent/v1/hello', { ...agent.hello, preferred: { prestart: id } })

const shapeOf = (answer: Answer, id: string): unknown => [
  answer.status,
  JSON.parse(JSON.stringify(answer.json['machine']).replaceAll(id, 'ID')),
]

test('A07: ten different wrong identifiers get one answer, and then the right one is told to wait as any other', async (t) => {
  const site = await openTestSite()
  t.teardown(() => site.close())
  await site.api('POST', '/devices', { name: 'PC1', macAddresses: [mac] })
  const { deploymentId, sequenceId } = await deployForMedia(site)
  const foreign = await site.api('POST', '/collections', { name: 'Others', directMembers: [] })
  const others = await site.api('POST', '/deployments', {
    taskSequenceId: sequenceId,
    collectionId: foreign.json['id'],
    purpose: 'available',
    makeAvailableTo: 'media-and-pxe-hidden',
  })
  const agent = new TestAgent(mac)
  t.is(kindOf(await name(site, agent, deploymentId)), 'armed')
  const ids = [String(others.json['id']), ...Array.from({ length: wrongIdsMax - 1 }, (_, number) => wrongId(number))]
  const shapes = new Set<string>()
  for (const id of ids) shapes.add(JSON.stringify(shapeOf(await name(site, agent, id), id)))
  t.is(shapes.size, 1)
  const refused = [await name(site, agent, deploymentId), await name(site, new TestAgent(mac), wrongId(99))]
  for (const answer of refused) {
    t.is(answer.status, 429)
    t.is(answer.headers['retry-after'], String(guessWindowMs / 1_000))
  }
  t.deepEqual(refused[0]?.body, refused[1]?.body)
  t.is(kindOf(await agent.sayHello(site)), 'nothing-to-run', 'who names nothing is heard as ever')
  site.clock.nowMs += guessWindowMs
  t.is(kindOf(await name(site, agent, deploymentId)), 'armed')
})

test('A07: a wait is counted, and said once', async (t) => {
  const site = await openTestSite()
  t.teardown(() => site.close())
  await site.api('POST', '/devices', { name: 'PC1', macAddresses: [mac] })
  const agent = new TestAgent(mac)
  for (let number = 0; number < wrongIdsMax + 3; number += 1) await name(site, agent, wrongId(number))
  const metrics = (await site.ask('GET', '/metrics')).body.toString()
  t.regex(metrics, new RegExp(`reveille_named_deployments_total\\{outcome="does-not-start"\\} ${wrongIdsMax}\n`))
  t.regex(metrics, /reveille_named_deployments_total\{outcome="waits"\} 3\n/)
  t.is(site.logged.filter(({ text }) => text.includes('has to wait')).length, 1)
  t.regex(JSON.stringify(await lanesOf(site)), /whoever tries them has to wait/)
})

test('A07: a machine that asks for the same deployment until it may run is no guesser', async (t) => {
  const site = await openTestSite()
  t.teardown(() => site.close())
  await site.api('POST', '/devices', { name: 'PC1', macAddresses: [mac] })
  const agent = new TestAgent(mac)
  for (let tries = 0; tries < 3 * wrongIdsMax; tries += 1)
    t.is(kindOf(await name(site, agent, wrongId(1))), 'nothing-to-run')
})

test('A07: a deployment that is named when a run starts counts as one that hello names', async (t) => {
  const site = await openTestSite()
  t.teardown(() => site.close())
  await site.api('POST', '/devices', { name: 'PC1', macAddresses: [mac] })
  const { deploymentId } = await deployForMedia(site, { makeAvailableTo: 'media-and-pxe' })
  const agent = new TestAgent(mac)
  const hello = await agent.sayHello(site)
  const start = async (id: string) =>
    agent.say(site, '/agent/v1/runs', { deploymentId: id, variables: [] }, sessionOf(hello))
  for (let number = 0; number < wrongIdsMax; number += 1) t.is(codeOf(await start(wrongId(number))), 'not-armed')
  t.is((await start(wrongId(99))).status, 429)
  t.is((await start(deploymentId)).status, 200, 'what it was shown it may choose')
})

test('A07: whoever nobody approved is told to wait after ten, whether one of them was right or not', async (t) => {
  const after = async (isRight: boolean): Promise<number> => {
    const site = await openTestSite({ site: { unknownComputers: 'approve' } })
    t.teardown(() => site.close())
    const { deploymentId } = await deployForMedia(site, { collectionId: 'RVL10002' })
    const agent = new TestAgent('52:54:00:99:99:99')
    for (let number = 1; number < wrongIdsMax; number += 1) await name(site, agent, wrongId(number))
    t.is(kindOf(await name(site, agent, isRight ? deploymentId : wrongId(77))), 'waiting-for-approval')
    return (await name(site, agent, wrongId(99))).status
  }
  t.is(await after(true), 429)
  t.is(await after(false), 429)
})

test('A07: what a medium was made for starts while somebody guesses with it', async (t) => {
  const site = await openTestSite()
  t.teardown(() => site.close())
  await site.api('POST', '/devices', { name: 'PC1', macAddresses: [mac] })
  const { deploymentId } = await deployForMedia(site)
  const { id } = await makeMedium(site, { deploymentId, password: null })
  const from = { id, contents: await openMedium(site, id) }
  const agent = new TestAgent(mac)
  for (let number = 0; number < wrongIdsMax; number += 1)
    await sayHelloFrom(site, agent, from, { preferred: { medium: wrongId(number) } })
  t.is((await sayHelloFrom(site, agent, from, { preferred: { medium: wrongId(99) } })).status, 429)
  t.is(kindOf(await sayHelloFrom(site, agent, from)), 'armed')
})

const guesser: Guesser = { identityKey: 'k', machineKey: 'm', mediumId: parseMediumId('ab'.repeat(16)), ipAddress: 'a' }
const nobody: Guesser = { identityKey: 'k2', machineKey: 'm2', mediumId: undefined, ipAddress: 'a2' }

for (const [what, same] of [
  ['its key', { identityKey: guesser.identityKey }],
  ['its machine', { machineKey: guesser.machineKey }],
  ['its medium', { mediumId: guesser.mediumId }],
  ['its address', { ipAddress: guesser.ipAddress }],
] as const) {
  test(`A07: a guesser is known again by ${what} alone, until its time is over`, (t) => {
    const limit = new GuessLimit()
    for (let number = 1; number <= wrongIdsMax; number += 1) {
      t.is(limit.waitMs({ ...nobody, ...same }, 5), 0)
      t.is(limit.add(guesser, [wrongId(number)], 5), number === wrongIdsMax)
    }
    t.is(limit.waitMs({ ...nobody, ...same }, 5), guessWindowMs)
    t.is(limit.waitMs(nobody, 5), 0)
    t.is(limit.waitMs({ ...nobody, ...same }, 5 + guessWindowMs), 0)
    t.false(limit.add(guesser, [wrongId(99)], 5 + guessWindowMs))
  })
}

test('A07: what was wrong long ago does not count', (t) => {
  const limit = new GuessLimit()
  for (let number = 1; number < 5 * wrongIdsMax; number += 1)
    t.false(limit.add(guesser, [wrongId(number)], number * Math.ceil(guessWindowMs / (wrongIdsMax - 1))))
})
