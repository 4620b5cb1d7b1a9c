/** What is counted of HTTP: octets by area while they flow, connections, requests under way. */

import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import test from 'ava'
import type { ExecutionContext } from 'ava'
import { waitFor, waitUntil } from '../../scripts/wait-for.ts'
import { valueOf } from '../metrics/shown-value.ts'
import { addBootImage, openTestSite, type TestSite } from './test-site.ts'

const withinMs = 10_000
/** Half of what an upload of these sites may have, and more than the system holds for a reader that does not read. */
const imageBytes = 8_000_000

async function openSite(t: ExecutionContext): Promise<TestSite> {
  const site = await openTestSite()
  t.teardown(() => site.close())
  return site
}

async function shown(site: TestSite, name: string): Promise<number | undefined> {
  return valueOf(await site.dependencies.metrics.metrics(), name)
}

const sentIn = async (site: TestSite, area: string): Promise<number> =>
  (await shown(site, `reveille_http_sent_bytes_total{area="${area}"}`)) ?? 0

async function openConnection(t: ExecutionContext, site: TestSite): Promise<Socket> {
  const socket = connect(site.port, '127.0.0.1')
  t.teardown(() => socket.destroy())
  await once(socket, 'connect')
  return socket
}

async function readToEnd(t: ExecutionContext, site: TestSite, requests: string): Promise<number> {
  const socket = await openConnection(t, site)
  let bytes = 0
  socket.on('data', (chunk) => (bytes += chunk.length))
  socket.write(requests)
  await once(socket, 'end')
  return bytes
}

test('every octet of a connection is counted once, with what was asked for', async (t) => {
  const site = await openSite(t)
  const id = await addBootImage(site, { vmlinuz: randomBytes(3_000_001), small: randomBytes(1_000) })
  const get = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`
  const before = { boot: await sentIn(site, 'boot'), healthz: await sentIn(site, 'healthz') }
  const files = get(`/boot/images/${id}/1/vmlinuz`) + get(`/boot/images/${id}/1/small`)
  const last = 'GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'
  const all = await readToEnd(t, site, files + get('/healthz') + files + last)
  const alone = await readToEnd(t, site, last)
  const boot = (await sentIn(site, 'boot')) - before.boot
  const healthz = (await sentIn(site, 'healthz')) - before.healthz
  t.true(boot > 2 * 3_001_001)
  t.is(boot + healthz, all + alone)
})

test('a download shows while it lasts, and so do its connection and its request', async (t) => {
  const site = await openSite(t)
  const id = await addBootImage(site, { vmlinuz: randomBytes(imageBytes) })
  const idle = await openConnection(t, site)
  await waitUntil('the idle connection', () => site.app.reading().http.connections === 1, { withinMs })
  const slow = await openConnection(t, site)
  slow.pause()
  slow.write(`GET /boot/images/${id}/1/vmlinuz HTTP/1.1\r\nHost: a\r\n\r\n`)
  const flowing = await waitFor(
    'octets of a download',
    async () => {
      const sent = await sentIn(site, 'boot')
      return sent > 100_000 ? sent : undefined
    },
    { withinMs },
  )
  t.true(flowing < imageBytes)
  t.is(await shown(site, 'reveille_http_requests_under_way'), 1)
  t.is(await shown(site, 'reveille_http_connections'), 2)
  slow.resume()
  await waitUntil('the end', async () => (await shown(site, 'reveille_http_requests_under_way')) === 0, { withinMs })
  slow.destroy()
  idle.destroy()
  await waitUntil('closed connections', () => site.app.reading().http.connections === 0, { withinMs })
  t.true((await sentIn(site, 'boot')) > imageBytes)
})

test('answers are counted by area and status, in the machine plane and outside of it', async (t) => {
  const site = await openSite(t)
  for (const path of ['/boot/none', '/boot/none', '/healthz', '/bootstrap', '/api/v1/devices', '/api?x']) {
    await site.ask('GET', path)
  }
  await site.api('GET', '/devices')
  const answers = async (area: string, status: string) =>
    shown(site, `reveille_http_requests_total{area="${area}",status="${status}"}`)
  t.is(await answers('boot', '4xx'), 2)
  t.is(await answers('healthz', '2xx'), 1)
  t.is(await answers('console', '4xx'), 1)
  t.is(await answers('api', '4xx'), 2)
  t.is(await answers('api', '2xx'), 1)
  t.is(await answers('boot', '2xx'), undefined)
  t.is(site.app.reading().http.requests, 7)
})
