/** `load` against this machine: who may be loaded, what is never started, and how a failure is told. */

import test, { type ExecutionContext } from 'ava'
import { madeUpAddress } from '../../server/cli/load/made-up-machine.ts'
import type { SiteSettings } from '../../server/http/dependencies.ts'
import { bootImageFiles } from '../../server/site/boot-image.ts'
import { openTestSite, addContent, type TestSite } from '../http/test-site.ts'
import { type Ended, runReveille } from './reveille.ts'

interface Summary {
  readonly machines: number
  readonly failed: number
  readonly arrived: Readonly<Record<string, number>>
  readonly failures: Readonly<Record<string, number>>
  readonly stages: readonly { readonly stage: string; readonly count: number }[]
}

interface Loaded {
  readonly site: TestSite
  readonly deploymentId: string
  readonly load: (...words: readonly string[]) => Promise<Ended>
}

/** Unknown computers are offered a boot image and a sequence of that purpose. */
async function loaded(t: ExecutionContext, purpose: string, settings: Partial<SiteSettings> = {}): Promise<Loaded> {
  const site = await openTestSite({ site: { unknownComputers: 'allow', ...settings } })
  t.teardown(() => site.close())
  const { json: image } = await site.api('POST', '/boot-images', { name: 'Boot', architecture: 'x64' })
  const { uefiX64Loader, kernel, initramfs } = bootImageFiles
  const files = {
    [uefiX64Loader]: Buffer.of(1),
    [kernel]: Buffer.alloc(100_000, 1),
    [initramfs]: Buffer.alloc(50_000, 2),
  }
  await addContent(site, `/boot-images/${String(image['id'])}`, files)
  const sequence = { name: 'Nothing', children: [] }
  const { json: made } = await site.api('POST', '/task-sequences', { bootImageId: image['id'], sequence })
  const { json: collections } = await site.api('GET', '/collections')
  const items = collections['items'] as readonly { id: string; name: string }[]
  const unknown = items.find(({ name }) => name === 'All Unknown Computers')
  const deployed = await site.api('POST', '/deployments', {
    taskSequenceId: made['id'],
    collectionId: unknown?.id,
    purpose,
    makeAvailableTo: 'media-and-pxe',
  })
  t.is(deployed.status, 201, deployed.body.toString())
  const load = (...words: readonly string[]) =>
    runReveille(site, '--json', 'load', '--machines', '6', '--at-once', '3', '--without', 'tftp', ...words)
  return { site, deploymentId: String(deployed.json['id']), load }
}

const summaryOf = ({ out }: Ended): Summary => JSON.parse(out) as Summary
const runsOf = async (site: TestSite): Promise<readonly { readonly state: string }[]> =>
  (await site.api('GET', '/runs')).json['items'] as readonly { readonly state: string }[]

test('machines boot from the script to the hello; every file is the same for all', async (t) => {
  const { site, load } = await loaded(t, 'available')
  const ended = await load()
  t.is(ended.code, 0, ended.err)
  t.regex(ended.err, /DHCP is left out/)
  const summary = summaryOf(ended)
  t.deepEqual([summary.machines, summary.failed, summary.arrived], [6, 0, { 'said hello': 6 }])
  t.deepEqual(
    summary.stages.map(({ stage, count }) => `${stage} ${count}`),
    ['boot decision 6', 'script 6', 'files 6', 'hello 6', 'whole way 6'],
  )
  t.deepEqual(await runsOf(site), [], 'nothing was named, so nothing is started')
})

test('with a deployment that was named, runs are reported and end as failed; no device is made', async (t) => {
  const { site, deploymentId, load } = await loaded(t, 'available')
  await site.api('PUT', '/settings', { provisionUnknown: true })
  const ended = await load('--deployment', deploymentId)
  t.is(ended.code, 0, ended.err)
  t.deepEqual(summaryOf(ended).arrived, { 'reported a run': 6 })
  const runs = await runsOf(site)
  t.is(runs.length, 6)
  t.true(runs.every(({ state }) => state === 'failed'))
  t.deepEqual((await site.api('GET', '/devices')).json['items'], [])
})

test('what is required is not started: not when it is named, and not when the machine would start it by itself', async (t) => {
  const { site, deploymentId, load } = await loaded(t, 'required')
  const named = await load('--deployment', deploymentId)
  t.is(named.code, 1)
  t.regex(named.err, /is required: a load only ever starts what is available/)
  const unnamed = await load()
  t.is(unnamed.code, 0, unnamed.err)
  t.deepEqual(summaryOf(unnamed).arrived, { 'said hello': 6 })
  t.deepEqual(await runsOf(site), [])
})

test('an available deployment beside a required one is not started either', async (t) => {
  const { site, deploymentId, load } = await loaded(t, 'required')
  const { json } = await site.api('GET', `/deployments/${deploymentId}`)
  const { json: other } = await site.api('POST', '/deployments', {
    taskSequenceId: json['taskSequenceId'],
    collectionId: json['collectionId'],
    purpose: 'available',
    makeAvailableTo: 'media-and-pxe',
  })
  const ended = await load('--deployment', String(other['id']))
  t.is(ended.code, 1)
  t.regex(Object.keys(summaryOf(ended).failures).join(' '), /starts by itself on such a machine; it is not started/)
  t.deepEqual(await runsOf(site), [])
})

test('a deployment that failures would stop or alert for is refused', async (t) => {
  const { site, deploymentId, load } = await loaded(t, 'available')
  for (const more of [{ canary: { machines: 5, failuresMax: 0 } }, { failureAlert: { abovePercent: 20 } }]) {
    const { json } = await site.api('GET', `/deployments/${deploymentId}`)
    const { taskSequenceId, collectionId } = json
    const wanted = { taskSequenceId, collectionId, purpose: 'available', makeAvailableTo: 'media-and-pxe', ...more }
    const edited = await site.api('PUT', `/deployments/${deploymentId}`, wanted)
    t.is(edited.status, 200, edited.body.toString())
    const ended = await load('--deployment', deploymentId)
    t.is(ended.code, 1)
    t.regex(ended.err, /made-up failures/)
  }
  t.deepEqual(await runsOf(site), [])
})

test('a site that knows a machine with such an address is left alone', async (t) => {
  const { site, load } = await loaded(t, 'available')
  await site.api('POST', '/devices', { name: 'mine', macAddresses: [madeUpAddress(5)] })
  const ended = await load()
  t.is(ended.code, 1)
  t.regex(ended.err, /device mine of the site has an address that begins with 02:52:4c/)
  t.is(ended.out, '')
})

test('a machine that may boot nothing goes on to its disk', async (t) => {
  const { load } = await loaded(t, 'available', {
    bootPolicy: { unknownComputerSupport: false, respond: true, promptSeconds: 1 },
  })
  const ended = await load()
  t.is(ended.code, 0, ended.err)
  t.deepEqual(summaryOf(ended).arrived, { 'to its disk': 6 })
})

test('failures are counted by their reason, and the exit code says so', async (t) => {
  const { site, load } = await loaded(t, 'available', { unknownComputers: 'approve' })
  const { json } = await site.api('GET', '/deployments')
  const [first] = json['items'] as readonly { id: string }[]
  const ended = await load('--deployment', first?.id ?? '')
  t.is(ended.code, 1)
  const { failures, failed } = summaryOf(ended)
  t.is(failed, 6)
  t.deepEqual(failures, { 'hello: the machine may not start anything: waiting-for-approval': 6 })
})

for (const [name, words, expected] of [
  ['another machine that is not named', [], /192\.0\.2\.9 is not this machine.*--against 192\.0\.2\.9/],
  ['another one than was named', ['--against', 'other'], /--against names other, but the server is 192\.0\.2\.9/],
  ['one that is named once', ['--against', '192.0.2.9'], /was not named a second time, so nothing was sent/],
  [
    'one that is named otherwise the second time',
    ['--against', '192.0.2.9', '--yes-against', '192.0.2.8'],
    /was not named a second time/,
  ],
] as const) {
  test(`refuses ${name}`, async (t) => {
    const site = await openTestSite({})
    t.teardown(() => site.close())
    const ended = await runReveille(site, '--server', 'http://192.0.2.9:8080', 'load', ...words)
    t.is(ended.code, 1)
    t.regex(ended.err, expected)
  })
}

test('numbers are bounded', async (t) => {
  const { load } = await loaded(t, 'available')
  for (const words of [
    ['--machines', '100001'],
    ['--at-once', '0'],
    ['--for', '2.5'],
    ['--at-once', 'many'],
  ]) {
    const ended = await load(...words)
    t.not(ended.code, 0)
    t.regex(ended.err, /is a number from 1 to/, words.join(' '))
  }
})
