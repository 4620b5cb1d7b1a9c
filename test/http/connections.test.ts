/** What one connection and one address may take of the server: answers in turn, and a bounded number of everything. */

import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import test from 'ava'
import type { ExecutionContext } from 'ava'
import { pipelinedRequestsMax } from '../../server/http/in-turn.ts'
import { parseSha256 } from '../../server/site/content.ts'
import { openTestSite, type TestSite } from './test-site.ts'

const body = randomBytes(300_000)

/** A site with one large file, which counts how often it is open at one time. */
async function served(t: ExecutionContext, limits: Parameters<typeof openTestSite>[0] = {}) {
  const opened = { now: 0, most: 0, ever: 0 }
  const sha256 = parseSha256(createHash('sha256').update(body).digest('hex'))
  if (sha256 === undefined) throw new Error('a hash is a hash')
  const open = async () => {
    opened.now += 1
    opened.ever += 1
    opened.most = Math.max(opened.most, opened.now)
    return {
      read: async (position: number, length: number) => body.subarray(position, position + length),
      close: async () => void (opened.now -= 1),
    }
  }
  const find = async () => ({
    sha256,
    bytes: body.length,
    type: 'application/octet-stream',
    cacheControl: 'no-cache',
    open,
  })
  const site = await openTestSite({ ...limits, bootFiles: { find } })
  t.teardown(() => site.close())
  return { site, opened }
}

const get = 'GET /boot/files/x HTTP/1.1\r\nHost: a\r\n\r\n'
const last = 'GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'

async function refusals({ dependencies }: TestSite, reason: string): Promise<number> {
  const text = await dependencies.metrics.metrics()
  return Number(new RegExp(`reveille_http_refused_total\\{reason="${reason}"\\} (\\d+)`).exec(text)?.[1] ?? 0)
}

test('HT-17, D05: the file of a pipelined request is opened when the answer before it is finished', async (t) => {
  const { site, opened } = await served(t)
  const socket = connect(site.port, '127.0.0.1')
  socket.write(get.repeat(100) + last)
  let bytes = 0
  socket.on('data', (chunk) => (bytes += chunk.length))
  await once(socket, 'end')
  t.deepEqual(opened, { now: 0, most: 1, ever: 100 })
  t.true(bytes > 100 * body.length)
})

test('D05: a connection that asks for 20,000 answers at once is closed and counted, and opens next to nothing', async (t) => {
  const { site, opened } = await served(t)
  const socket = connect(site.port, '127.0.0.1')
  socket.on('error', () => undefined)
  const closed = new Promise((resolve) => socket.once('close', resolve))
  socket.write(get.repeat(20_000))
  socket.resume()
  await closed
  t.true(opened.most <= 1)
  t.true(opened.ever < 20_000)
  t.is(await refusals(site, 'too-many-requests-waiting'), 1)
  t.is((await site.ask('GET', '/healthz')).status, 200)
})

test('D05, HT-17: as many requests as may wait are all answered', async (t) => {
  const { site, opened } = await served(t)
  const socket = connect(site.port, '127.0.0.1')
  socket.write(get.repeat(pipelinedRequestsMax) + last)
  socket.resume()
  await once(socket, 'end')
  t.is(opened.ever, pipelinedRequestsMax)
  t.is(await refusals(site, 'too-many-requests-waiting'), 0)
})

test('D05: an address has so many connections and no more, and one that ends makes room', async (t) => {
  const { site } = await served(t, { limits: { connectionsOfAddressMax: 3, loopbackExempt: false } })
  const open = async (from: string): Promise<Socket> => {
    const socket = connect({ port: site.port, host: '127.0.0.1', localAddress: from })
    socket.on('error', () => undefined)
    t.teardown(() => socket.destroy())
    await once(socket, 'connect')
    return socket
  }
  const isServed = async (socket: Socket): Promise<boolean> => {
    socket.write('GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n')
    return Promise.race([once(socket, 'data').then(() => true), once(socket, 'close').then(() => false)])
  }
  const sockets = [await open('127.0.0.1'), await open('127.0.0.1'), await open('127.0.0.1')]
  for (const socket of sockets) t.true(await isServed(socket))
  t.false(await isServed(await open('127.0.0.1')))
  t.is(await refusals(site, 'too-many-connections-of-address'), 1)
  t.true(await isServed(await open('127.0.0.2')))
  sockets[0]?.end()
  while ((await new Promise<number>((resolve) => site.server.getConnections((_, count) => resolve(count)))) > 3)
    await new Promise((resolve) => setImmediate(resolve))
  t.true(await isServed(await open('127.0.0.1')))
})

test('D05: this machine itself may have as many connections as it likes', async (t) => {
  const { site } = await served(t, { limits: { connectionsOfAddressMax: 1 } })
  const held = [connect(site.port, '127.0.0.1'), connect(site.port, '127.0.0.1')]
  t.teardown(() => {
    for (const socket of held) socket.destroy()
  })
  await Promise.all(held.map(async (socket) => once(socket, 'connect')))
  t.is((await site.ask('GET', '/healthz')).status, 200)
})
