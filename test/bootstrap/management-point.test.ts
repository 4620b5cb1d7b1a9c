/** The agent's requests: signed, repeated where that helps, and each failure told apart. */

import { createServer as createHttpServer } from 'node:http'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import test from 'ava'
import { Fault } from '../../bootstrap/fault.ts'
import { Identity } from '../../bootstrap/identity.ts'
import { ManagementPoint, type ManagementPointSettings } from '../../bootstrap/management-point.ts'
import { hardwareDisksMax, type Hello } from '../../server/contract/agent.ts'
import { AgentServer } from './agent-server.ts'

function makePoint(server: readonly string[], changes: Partial<ManagementPointSettings> = {}) {
  const identity = new Identity()
  const faults: Fault[] = []
  const enough = new AbortController()
  const point = new ManagementPoint({
    server,
    identity,
    onFault: (fault) => {
      faults.push(fault)
      if (faults.length >= 3) enough.abort()
    },
    signal: enough.signal,
    backOff: { firstMs: 1, mostMs: 1 },
    ...changes,
  })
  return { point, identity, faults }
}

function helloOf({ identityKey, sealingKey, nonce }: Identity): Hello {
  return {
    protocol: 1,
    identityKey,
    sealingKey,
    nonce,
    hardware: {
      architecture: 'x64',
      firmware: 'bios',
      secureBoot: false,
      macAddresses: ['52:54:00:00:00:01'],
      memoryBytes: 1,
      disks: [],
    },
    startedFrom: 'boot-image',
    agentVersion: 'test',
  }
}

test('A05: requests are signed with the key of hello, and their counter grows', async (t) => {
  const server = new AgentServer()
  t.teardown(() => server.stop())
  const { point, identity } = makePoint([await server.start()])
  t.is((await point.hello(helloOf(identity)))?.code, 'ABCDEFGH')
  t.is((await point.hello(helloOf(identity)))?.code, 'ABCDEFGH')
  t.is(Buffer.from(identity.identityKey, 'base64').length, 32)
  t.is(Buffer.from(identity.sealingKey, 'base64').length, 32)
})

test('a machine with more disks than the server hears of tells the first ones', async (t) => {
  const server = new AgentServer()
  t.teardown(() => server.stop())
  const { point, identity } = makePoint([await server.start()])
  const hello = helloOf(identity)
  const disks = Array.from({ length: 100 }, (_, number) => ({ name: `sd${number}`, bytes: 1, removable: false }))
  await point.hello({ ...hello, hardware: { ...hello.hardware, disks } })
  t.deepEqual(server.hellos[0]?.hardware.disks, disks.slice(0, hardwareDisksMax))
})

test('a lost request and a lost answer are asked again, with a new counter', async (t) => {
  const server = new AgentServer()
  t.teardown(() => server.stop())
  const losses = ['request', 'answer'] as const
  let asked = 0
  server.loss = () => losses[asked++]
  const { point, identity, faults } = makePoint([await server.start()])
  await point.hello(helloOf(identity))
  t.deepEqual(
    faults.map(({ kind }) => kind),
    ['broken', 'broken'],
  )
  t.is(server.hellos.length, 2)
})

test('a refused connection is told apart, with the address tried, and the next server is asked', async (t) => {
  const closed = createServer()
  await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve))
  const dead = `http://127.0.0.1:${(closed.address() as AddressInfo).port}`
  await new Promise((resolve) => closed.close(resolve))
  const server = new AgentServer()
  t.teardown(() => server.stop())
  const { point, identity, faults } = makePoint([dead, await server.start()])
  await point.hello(helloOf(identity))
  t.is(faults[0]?.message.startsWith(`Error 33: ${dead}/agent/v1/hello: the connection was refused`), true)
})

test('S6-046: whoever waits for the server is asked before each further try, and may have had enough', async (t) => {
  const server = new AgentServer()
  t.teardown(() => server.stop())
  server.loss = () => 'request'
  const { point, identity } = makePoint([await server.start()])
  const waits: number[] = []
  const answer = await point.hello(helloOf(identity), async (ms) => waits.push(ms) < 2)
  t.is(answer, undefined)
  t.is(waits.length, 2)
})

test('a server that accepts and says nothing is a time-out', async (t) => {
  const silent = createServer()
  t.teardown(() => silent.close())
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
  const { point, identity, faults } = makePoint([`http://127.0.0.1:${(silent.address() as AddressInfo).port}`], {
    timeoutMs: 30,
  })
  await t.throwsAsync(point.hello(helloOf(identity)))
  t.is(faults[0]?.kind, 'timed-out')
})

test('something that is no Reveille server is told apart', async (t) => {
  const other = createServer((socket) => socket.end('SSH-2.0-OpenSSH\r\n').on('error', () => {}))
  t.teardown(() => other.close())
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
  const { point, identity, faults } = makePoint([`http://127.0.0.1:${(other.address() as AddressInfo).port}`])
  await t.throwsAsync(point.hello(helloOf(identity)))
  t.is(faults[0]?.kind, 'not-ours')
})

test('without a server the machine says which argument is missing', async (t) => {
  const { point, identity, faults } = makePoint([])
  await t.throwsAsync(point.hello(helloOf(identity)), { message: /Error 30: reveille.server=/ })
  t.is(faults[0]?.kind, 'no-server')
})

test('a refusal that no repetition cures is handed on at once', async (t) => {
  const server = new AgentServer()
  t.teardown(() => server.stop())
  server.loss = () => 'not-armed'
  const { point, identity, faults } = makePoint([await server.start()])
  const error = await t.throwsAsync(point.hello(helloOf(identity)), { instanceOf: Fault })
  t.is(error.kind, 'not-armed')
  t.regex(error.message, /no deployment may start on this machine now - as the test wants/)
  t.is(faults.length, 0)
})

test('A07: a server that says when it wants to be asked again is not asked before, and none sends a machine away for days', async (t) => {
  for (const [retryAfter, atLeastMs, atMostMs] of [
    ['90', 90_000, 90_000],
    ['99999999', 3_600_000, 3_600_000],
    ['Fri, 31 Dec 1999 23:59:59 GMT', 0, 1],
  ] as const) {
    const busy = createHttpServer((_request, response) => {
      response.writeHead(429, { 'retry-after': retryAfter, 'content-type': 'application/problem+json' })
      response.end(JSON.stringify({ title: 'Too Many Requests', detail: 'it has to wait' }))
    })
    await new Promise<void>((resolve) => busy.listen(0, '127.0.0.1', resolve))
    t.teardown(() => busy.close())
    const enough = new AbortController()
    const waits: number[] = []
    const { point, identity } = makePoint([`http://127.0.0.1:${(busy.address() as AddressInfo).port}`], {
      signal: enough.signal,
      onFault: (_fault, againInMs) => {
        waits.push(againInMs)
        enough.abort()
      },
    })
    await t.throwsAsync(point.hello(helloOf(identity)), { instanceOf: Fault })
    t.is(waits.length, 1)
    t.true((waits[0] ?? -1) >= atLeastMs && (waits[0] ?? -1) <= atMostMs, `${retryAfter}: ${waits[0]}`)
  }
})
