/** The status page's WebSocket: who may open it, what it is sent, and pages that do not keep up. */

import { randomBytes } from 'node:crypto'
import test from 'ava'
import { WebSocket } from 'ws'
import { parseRunId, type RunId } from '../../server/address/identifiers.ts'
import { parseMacAddress } from '../../server/address/mac-address.ts'
import type { ProgressFrame } from '../../server/contract/progress.ts'
import { makeFrame } from '../../server/http/progress-frames.ts'
import { adminToken, loginTicket, openTestSite, sendRaw, TestAgent, type TestSite } from './test-site.ts'

const authorization = `Bearer ${adminToken}`

type AlertsFrame = Extract<ProgressFrame, { readonly kind: 'alerts' }>
type LoadFrame = Extract<ProgressFrame, { readonly kind: 'server-load' }>
type Picture = Exclude<ProgressFrame, AlertsFrame | LoadFrame>

/** A page: frames are kept in order and can be waited for; those of alerts and of the server's load by themselves. */
class Page {
  readonly socket: WebSocket
  readonly frames: Picture[] = []
  readonly alerts: AlertsFrame[] = []
  readonly loads: LoadFrame[] = []
  readonly closed: Promise<number>
  #wake: (() => void)[] = []

  constructor(site: TestSite, query = '', headers: Record<string, string> = { authorization }) {
    this.socket = new WebSocket(`ws://127.0.0.1:${site.port}/api/v1/progress${query}`, {
      headers,
      perMessageDeflate: false,
    })
    this.socket.on('message', (data) => {
      const frame: ProgressFrame = JSON.parse(Buffer.isBuffer(data) ? data.toString() : '')
      if (frame.kind === 'alerts') this.alerts.push(frame)
      else if (frame.kind === 'server-load') this.loads.push(frame)
      else this.frames.push(frame)
      for (const wake of this.#wake.splice(0)) wake()
    })
    this.socket.on('error', () => {})
    this.closed = new Promise((resolve) => this.socket.on('close', resolve))
  }

  async until(isDone: (frames: readonly Picture[]) => boolean): Promise<void> {
    while (!isDone(this.frames)) await new Promise<void>((resolve) => this.#wake.push(resolve))
  }

  get events(): readonly number[] {
    return this.frames.flatMap((frame) =>
      frame.kind === 'changes' ? frame.events.map(({ event }) => event.sequence) : [],
    )
  }

  get forgotten(): readonly string[] {
    return this.frames.flatMap((frame) => (frame.kind === 'changes' ? frame.forgotten.map(({ id }) => id) : []))
  }

  get lanes(): readonly string[] {
    return this.frames.flatMap((frame) => (frame.kind === 'still-here' ? [] : frame.lanes.map(({ lane }) => lane.id)))
  }
}

function lanesOfLast(frames: readonly Picture[]): readonly string[] {
  const last = frames.at(-1)
  return last === undefined || last.kind === 'still-here' ? [] : last.lanes.map(({ lane }) => lane.id)
}

const dayMs = 24 * 3_600_000

/** A run as a machine starts it. */
async function startTestRun(site: TestSite): Promise<RunId> {
  const mac = '52:54:00:00:0b:01'
  await site.api('POST', '/devices', { name: 'Watched', macAddresses: [mac] })
  const boot = await site.api('POST', '/boot-images', { name: 'W', architecture: 'x64' })
  const step = { name: 'S', action: { type: 'set-task-sequence-variable', variable: 'A', value: 'b' } }
  const sequence = { name: 'Watched', children: [step] }
  const made = await site.api('POST', '/task-sequences', { bootImageId: boot.json['id'], sequence })
  const deployed = await site.api('POST', '/deployments', {
    taskSequenceId: made.json['id'],
    collectionId: 'RVL10001',
    purpose: 'available',
    makeAvailableTo: 'media-and-pxe',
  })
  const agent = new TestAgent(mac)
  const session = String((await agent.sayHello(site)).json['session'])
  const started = await agent.say(site, '/agent/v1/runs', { deploymentId: deployed.json['id'], variables: [] }, session)
  const runId = parseRunId(String(started.json['runId']))
  if (runId === undefined) throw new Error(started.body.toString())
  return runId
}

function macOf(index: number) {
  const address = parseMacAddress(index.toString(16).padStart(12, '0'))
  if (address === undefined) throw new Error('not an address')
  return address
}

async function observe(site: TestSite, index: number): Promise<void> {
  await site.store.observe([
    {
      lane: macOf(index),
      atMs: site.clock.nowMs,
      observation: { kind: 'dhcp-request', platform: 'x64 UEFI', stage: 'firmware' },
    },
  ])
}

async function handshake(site: TestSite, headers: Record<string, string>, version = '13'): Promise<string> {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  const key = randomBytes(16).toString('base64')
  return sendRaw(
    site.port,
    `GET /api/v1/progress HTTP/1.1\r\nHost: 127.0.0.1:${site.port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
      `Sec-WebSocket-Version: ${version}\r\nSec-WebSocket-Key: ${key}\r\n${lines.join('')}\r\n`,
  )
}

test('a page gets the whole picture first and then each change once', async (t) => {
  const site = await openTestSite()
  t.teardown(() => site.close())
  await observe(site, 1)
  const page = new Page(site)
  await page.until((frames) => frames.length === 1)
  t.is(page.frames[0]?.kind, 'snapshot')
  await observe(site, 2)
  await observe(site, 3)
  await page.until(() => page.lanes.length === 3)
  t.deepEqual(page.lanes, [macOf(1), macOf(2), macOf(3)])
})

test('a lane that is forgotten is taken from every open page, whatever else it watches', async (t) => {
  const site = await openTestSite()
  t.teardown(() => site.close())
  await observe(site, 1)
  const runId = await startTestRun(site)
  const pages = [new Page(site), new Page(site)]
  const [, watching] = pages
  await Promise.all(pages.map((page) => page.until((frames) => frames.length === 1)))
  watching?.socket.send(JSON.stringify({ kind: 'watch-run', runId, since: 0 }))
  t.is(await site.store.forgetStrangers(site.clock.nowMs + 2 * dayMs), 1)
  await Promise.all(pages.map((page) => page.until(() => page.forgotten.length > 0)))
  for (const page of pages) t.deepEqual(page.forgotten, [macOf(1)])
  // The machine comes back: its lane is a new one, and stays.
  await observe(site, 1)
  await Promise.all(pages.map((page) => page.until((frames) => lanesOfLast(frames).includes(macOf(1)))))
  for (const page of pages) t.is(page.forgotten.length, 1)
})

test('I5: a page that was away while a lane was forgotten is told all lanes there are', async (t) => {
  const site = await openTestSite()
  t.teardown(() => site.close())
  await observe(site, 1)
  await site.store.observe([
    {
      lane: macOf(2),
      atMs: site.clock.nowMs + 2 * dayMs,
      observation: { kind: 'dhcp-request', platform: 'x64 UEFI', stage: 'firmware' },
    },
  ])
  const { seq } = await site.store.lanes()
  t.is(await site.store.forgetStrangers(site.clock.nowMs + 2 * dayMs), 1)
  const away = new Page(site, `?since=${seq}`)
  await away.until((frames) => frames.length === 1)
  t.is(away.frames[0]?.kind, 'snapshot')
  t.deepEqual(away.lanes, [macOf(2)])
  // Whoever saw that goes on with changes.
  const cursor = away.frames[0]?.seq ?? 0
  const back = new Page(site, `?since=${cursor}`)
  await back.until((frames) => frames.length === 1)
  t.is(back.frames[0]?.kind, 'changes')
  t.deepEqual(back.lanes, [])
})

test('WS-13, I5: a page that comes back is told what it missed, once, in order', async (t) => {
  const site = await openTestSite()
  t.teardown(() => site.close())
  await observe(site, 1)
  const { seq } = await site.store.lanes()
  await observe(site, 2)
  const page = new Page(site, `?since=${seq}`)
  await page.until(() => page.lanes.length === 1)
  await observe(site, 3)
  await page.until(() => page.lanes.length === 2)
  t.deepEqual(page.lanes, [macOf(2), macOf(3)])
  t.true(page.frames.every(({ kind }) => kind === 'changes'))
  const future = new Page(site, '?since=999999')
  await future.until((frames) => frames.length === 1)
  t.is(future.frames[0]?.kind, 'snapshot')
})

test('WS-16: two tabs get each change once', async (t) => {
  const site = await openTestSite()
  t.teardown(() => site.close())
  const tabs = [new Page(site), new Page(site)]
  await Promise.all(tabs.map((tab) => tab.until((frames) => frames.length === 1)))
  for (let index = 1; index <= 50; index += 1) await observe(site, index)
  await Promise.all(tabs.map((tab) => tab.until(() => tab.lanes.length >= 50)))
  for (const tab of tabs) t.is(new Set(tab.lanes).size, tab.lanes.length)
})

test('WS-15: a page that does not read gets a fresh picture later, counts as behind till then, and others do not wait', async (t) => {
  const site = await openTestSite()
  t.teardown(() => site.close())
  const slow = new Page(site)
  const quick = new Page(site)
  await Promise.all([slow, quick].map((page) => page.until((frames) => frames.length === 1)))
  slow.socket.pause()
  const platform = 'x'.repeat(60_000)
  const total = 250
  for (let index = 1; index <= total; index += 1) {
    const observation = { kind: 'dhcp-request', platform, stage: 'firmware' } as const
    await site.store.observe([{ lane: macOf(index), atMs: 1, observation }])
  }
  await quick.until(() => new Set(quick.lanes).size === total)
  t.deepEqual(pagesOf(site), { open: 2, behind: 1 })
  for (const atMs of [0, 2_000]) site.load.measure(atMs)
  await quick.until(() => quick.loads.length === 1)
  t.deepEqual(quick.loads[0]?.load.pages, { open: 2, behind: 1 })
  slow.socket.resume()
  await slow.until(() => new Set(slow.lanes).size === total)
  t.deepEqual(slow.loads, [], 'it gets the next one')
  t.deepEqual(pagesOf(site), { open: 2, behind: 0 })
  t.true(slow.frames.filter(({ kind }) => kind === 'snapshot').length >= 2)
  t.is(quick.frames.filter(({ kind }) => kind === 'snapshot').length, 1)
})

test('a page that watches a run gets its events from the beginning, and later ones as they come', async (t) => {
  const site = await openTestSite()
  t.teardown(() => site.close())
  const runId = await startTestRun(site)
  const report = async (first: number, last: number) => {
    const sequences = Array.from({ length: last - first + 1 }, (_, index) => first + index)
    const events = sequences.map((sequence) => {
      const body = { kind: 'output', stream: 'stdout', lines: [`line ${sequence}`] } as const
      return { sequence, atMs: sequence, body }
    })
    await site.store.addEvents(runId, events, 1)
  }
  await report(1, 700)
  const page = new Page(site)
  await page.until((frames) => frames.length === 1)
  page.socket.send(JSON.stringify({ kind: 'watch-run', runId, since: 0 }))
  await page.until(() => page.events.length >= 700)
  await report(701, 720)
  await page.until(() => page.events.length >= 720)
  t.deepEqual(
    page.events,
    Array.from({ length: 720 }, (_, index) => index + 1),
  )
  page.socket.send(JSON.stringify({ kind: 'watch-run', runId: null, since: 0 }))
})

test('D02, WS-03: only a page of this site may open it with a cookie', async (t) => {
  const site = await openTestSite({ access: { origins: ['https://deploy.example.org'] } })
  t.teardown(() => site.close())
  const signedIn = await site.ask('POST', '/api/v1/session', {
    headers: { 'content-type': 'application/json', 'x-reveille': '1' },
    body: JSON.stringify({ ticket: loginTicket }),
  })
  const cookie = signedIn.headers['set-cookie']?.[0]?.split(';')[0] ?? ''
  const own = `http://127.0.0.1:${site.port}`
  const foreign = [
    'null',
    'http://evil.example',
    `${own}.evil.example`,
    `http://evil-127.0.0.1:${site.port}`,
    `https://127.0.0.1:${site.port}`,
    `${own}/`,
  ]
  for (const origin of foreign) t.regex(await handshake(site, { cookie, origin }), /^HTTP\/1\.1 403 /, origin)
  t.regex(await handshake(site, { cookie }), /^HTTP\/1\.1 403 /)
  t.regex(await handshake(site, { origin: own }), /^HTTP\/1\.1 401 /)
  for (const origin of [own, 'https://deploy.example.org']) {
    const page = new Page(site, '', { cookie, origin })
    await page.until((frames) => frames.length === 1)
    page.socket.close()
  }
  t.pass()
})

test('WS-01, WS-02: another version is 426 with ours, and so is a request without an upgrade', async (t) => {
  const site = await openTestSite()
  t.teardown(() => site.close())
  const text = await handshake(site, { authorization }, '12')
  t.regex(text, /^HTTP\/1\.1 426 /)
  t.regex(text, /sec-websocket-version: 13/i)
  t.is((await site.ask('GET', '/api/v1/progress', { headers: { authorization } })).status, 426)
})

test('WS-08, WS-12: long messages close with 1009, and nothing is compressed', async (t) => {
  const site = await openTestSite()
  t.teardown(() => site.close())
  const page = new Page(site)
  await page.until((frames) => frames.length === 1)
  t.is(page.socket.extensions, '')
  page.socket.send('x'.repeat(5_000))
  t.is(await page.closed, 1009)
})

test('what is no request closes with 1008', async (t) => {
  const site = await openTestSite()
  t.teardown(() => site.close())
  for (const message of ['{', '{"kind":"other"}', Buffer.from('{}')]) {
    const page = new Page(site)
    await page.until((frames) => frames.length === 1)
    page.socket.send(message)
    t.is(await page.closed, 1008)
  }
})

test('WS-09, WS-10: a ping is answered with its payload, and a close with its code', async (t) => {
  const site = await openTestSite()
  t.teardown(() => site.close())
  const page = new Page(site)
  await page.until((frames) => frames.length === 1)
  const pong = new Promise<string>((resolve) => page.socket.on('pong', (data) => resolve(data.toString())))
  page.socket.ping('payload')
  t.is(await pong, 'payload')
  page.socket.close(1000)
  t.is(await page.closed, 1000)
})

test('a frame holds each lane once, in its newest state, and is made once', (t) => {
  const lane = { id: macOf(1), name: 'a', stage: 'dhcp', condition: 'moving', text: '', lines: [] } as const
  const times = { startedAtMs: 0, changedAtMs: 0, stageStartedAtMs: 0 }
  const row = (seq: number, name: string) => ({ seq, lane: { ...lane, ...times, name } })
  const frame = makeFrame([
    { seq: 5, lanes: [row(5, 'old')], forgotten: [], events: [] },
    { seq: 6, lanes: [row(6, 'new')], forgotten: [], events: [] },
  ])
  t.deepEqual(
    frame.lanes.map(({ lane }) => lane.name),
    ['new'],
  )
  t.is(frame.seq, 6)
  t.is(frame.firstSeq, 5)
  t.is(frame.octets(undefined), frame.octets(undefined))
})

test('S5-036: a page is told the open alerts first, and whenever they change', async (t) => {
  const site = await openTestSite()
  t.teardown(() => site.close())
  const page = new Page(site)
  t.teardown(() => page.socket.terminate())
  await page.until(() => page.alerts.length === 1)
  t.deepEqual(page.alerts, [{ kind: 'alerts', alerts: [], total: 0 }])
  const runId = await startTestRun(site)
  const [deployed] = await site.store.deployments.list()
  if (deployed === undefined) throw new Error('nothing is deployed')
  const { id, revision: _revision, createdAtMs: _createdAtMs, ...draft } = deployed
  await site.store.deployments.replace(id, { ...draft, failureAlert: { abovePercent: 0 } }, undefined)
  const outcome = { kind: 'failed', path: [], exitCode: 1, message: 'broken' } as const
  await site.store.addEvents(runId, [{ sequence: 1, atMs: 1, body: { kind: 'sequence-ended', outcome } }], 1)
  await site.store.judgeAlerts()
  await page.until(() => page.alerts.length === 2)
  const [alert] = page.alerts.at(-1)?.alerts ?? []
  t.like(alert, { id: 1, severity: 'critical', raisedAtMs: site.clock.nowMs })
  t.regex(alert?.text ?? '', /1 of 1 machines have failed/)
  // One that comes back holds nothing of before.
  const again = new Page(site, `?since=${page.frames.at(-1)?.seq}`)
  t.teardown(() => again.socket.terminate())
  await again.until(() => again.alerts.length === 1)
  t.deepEqual(again.alerts, page.alerts.slice(1))
  await site.api('POST', '/alerts/1/acknowledge')
  for (const one of [page, again]) {
    await one.until(() => one.alerts.at(-1)?.total === 0)
    t.deepEqual(one.alerts.at(-1)?.alerts, [])
  }
})

test('every page is told how busy the server is, with each measurement, and one that comes later with the next', async (t) => {
  const site = await openTestSite()
  t.teardown(() => site.close())
  site.load.measure(0)
  site.load.measure(2_000)
  const pages = [new Page(site), new Page(site)]
  await Promise.all(pages.map((page) => page.until((frames) => frames.length === 1)))
  const { frames: sentBefore } = site.app.reading().pages
  site.load.measure(4_000)
  await Promise.all(pages.map((page) => page.until(() => page.loads.length > 0)))
  const [first, second] = pages.map((page) => page.loads)
  t.deepEqual(first, second)
  t.is(first?.length, 1)
  t.deepEqual(first?.[0]?.load.pages, { open: 2, behind: 0 })
  t.true((first?.[0]?.load.http?.connections ?? 0) >= 2)
  t.is(first?.[0]?.load.store?.waiting, 0)
  t.is(site.app.reading().pages.frames - sentBefore, 2)
})

function pagesOf(site: TestSite) {
  const { open, behind } = site.app.reading().pages
  return { open, behind }
}
