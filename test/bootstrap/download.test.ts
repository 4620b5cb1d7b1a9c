/** Downloads over connections that break, stall, lie or refuse, from a real server on loopback. */

import { createHash, randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import test, { type ExecutionContext } from 'ava'
import { readDownloadRetries } from '../../bootstrap/download-retries.ts'
import { ContentFault, downloadFile, type DownloadSettings } from '../../bootstrap/download.ts'
import type { Fault } from '../../bootstrap/fault.ts'
import { parsePackageId } from '../../server/address/identifiers.ts'
import type { PolicyContent } from '../../server/contract/agent.ts'
import { parseSha256 } from '../../server/site/content.ts'

const octets = randomBytes(3_000_000)
const sha256 = createHash('sha256').update(octets).digest('hex')

function contentWith(hash: string): PolicyContent {
  const id = parsePackageId('RVL00007')
  const parsed = parseSha256(hash)
  if (id === undefined || parsed === undefined) throw new Error('a wrong fixture')
  const files = [{ name: 'my image/rootfs+x.tar', sha256: parsed, bytes: octets.length }]
  return { id, name: 'Image', version: 3, kind: 'operating-system-image', files }
}

interface Served {
  readonly base: string
  readonly requests: IncomingMessage[]
}

async function serve(
  t: ExecutionContext,
  answer: (request: IncomingMessage, response: ServerResponse, number: number) => void,
): Promise<Served> {
  const requests: IncomingMessage[] = []
  const server = createServer((request, response) => {
    requests.push(request)
    answer(request, response, requests.length)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  t.teardown(() => {
    server.close()
    server.closeAllConnections()
  })
  return { base: `http://127.0.0.1:${port}`, requests }
}

/** Answers a range, but breaks the connection after so many octets. */
function sendPart(request: IncomingMessage, response: ServerResponse, most: number): void {
  const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0)
  const status = request.headers.range === undefined ? 200 : 206
  const range = { 'content-range': `bytes ${start}-${octets.length - 1}/${octets.length}` }
  response.writeHead(status, { 'content-length': octets.length - start, ...(status === 206 ? range : {}) })
  const part = octets.subarray(start, start + most)
  response.write(part, () => {
    if (start + most >= octets.length) response.end()
    else setImmediate(() => response.destroy())
  })
}

async function fetchAll(bases: readonly string[], content: PolicyContent, changes: Partial<DownloadSettings> = {}) {
  const faults: Fault[] = []
  const [file] = content.files
  if (file === undefined) throw new Error('a wrong fixture')
  const settings: DownloadSettings = {
    bases,
    token: () => 'token',
    onFault: (fault) => faults.push(fault),
    backOff: { firstMs: 1, mostMs: 1 },
    ...changes,
  }
  const chunks: Buffer[] = []
  const stream = downloadFile(settings, { content, file, signal: new AbortController().signal })
  for await (const chunk of stream) chunks.push(chunk)
  return { received: Buffer.concat(chunks), faults }
}

test('6, 39: a broken connection goes on at the octet where it broke', async (t) => {
  const served = await serve(t, (request, response) => sendPart(request, response, 700_000))
  const { received, faults } = await fetchAll([served.base], contentWith(sha256))
  t.true(received.equals(octets))
  t.true(faults.length >= 4)
  const [first, second] = served.requests
  t.is(first?.url, '/content/RVL00007/3/my%20image/rootfs%2Bx.tar')
  t.is(first?.headers.range, undefined)
  t.regex(second?.headers.range ?? '', /^bytes=[1-9]\d*-$/)
  t.is(second?.headers['if-range'], `"${sha256}"`)
  t.is(first?.headers.authorization, 'Bearer token')
})

test('a server that does not know Range starts again, and no octet comes twice', async (t) => {
  const served = await serve(t, (request, response, number) => {
    delete request.headers.range
    sendPart(request, response, number < 3 ? 900_000 : octets.length)
  })
  const { received } = await fetchAll([served.base], contentWith(sha256))
  t.true(received.equals(octets))
})

test('37: a base without the content leaves it to the next one', async (t) => {
  const without = await serve(t, (_request, response) => response.writeHead(404).end())
  const served = await serve(t, (request, response) => sendPart(request, response, octets.length))
  const { received, faults } = await fetchAll([without.base, served.base], contentWith(sha256))
  t.true(received.equals(octets))
  t.is(faults[0]?.kind, 'not-found')
  t.regex(
    faults[0]?.message ?? '',
    /Error 44: http:.*content RVL00007 version 3, file my image\/rootfs\+x\.tar: HTTP 404/,
  )
})

test('I6, E06: a wrong hash names the content, its version, the file and both hashes', async (t) => {
  const served = await serve(t, (request, response) => sendPart(request, response, octets.length))
  const wrong = 'f'.repeat(64)
  const error = await t.throwsAsync(fetchAll([served.base], contentWith(wrong)), { instanceOf: ContentFault })
  t.is(
    error.message,
    `content RVL00007 version 3, file my image/rootfs+x.tar has the wrong hash: expected ${wrong}, received ${sha256}`,
  )
})

test('a server that says nothing more counts as broken', async (t) => {
  const served = await serve(t, (request, response, number) => {
    if (number > 1) return sendPart(request, response, octets.length)
    response.writeHead(200, { 'content-length': octets.length })
    return response.write(octets.subarray(0, 1000))
  })
  const { received, faults } = await fetchAll([served.base], contentWith(sha256), { silenceMs: 50 })
  t.true(received.equals(octets))
  t.is(faults[0]?.kind, 'timed-out')
})

test('39: a download that gets nowhere ends with the last reason', async (t) => {
  const served = await serve(t, (_request, response) => response.writeHead(500).end())
  await t.throwsAsync(fetchAll([served.base], contentWith(sha256), { triesOfBaseMax: 3 }), {
    instanceOf: ContentFault,
    message: /could not be downloaded: Error 38/,
  })
  t.is(served.requests.length, 3)
})

test('S3.2: SMSTSDownloadRetryCount is how often each server is tried, SMSTSDownloadRetryDelay the pause between', async (t) => {
  const variables = new Map([
    ['SMSTSDownloadRetryCount', ' 2 '],
    ['SMSTSDownloadRetryDelay', '0'],
  ])
  const retries = readDownloadRetries((name) => variables.get(name) ?? '')
  t.deepEqual(retries, { triesOfBaseMax: 2, backOff: { firstMs: 0, mostMs: 0 } })
  const without = [1, 2].map(async () => serve(t, (_request, response) => response.writeHead(404).end()))
  const [one, other] = await Promise.all(without)
  const bases = [one?.base ?? '', other?.base ?? '']
  await t.throwsAsync(fetchAll(bases, contentWith(sha256), retries), { message: /could not be downloaded/ })
  t.deepEqual([one?.requests.length, other?.requests.length], [2, 2])
})

test('S3.2: what is no number of tries or seconds leaves a download as it is', (t) => {
  for (const text of ['', 'x', '-1', '1.5', '1000000'])
    t.deepEqual(
      readDownloadRetries(() => text),
      {},
    )
  const none = readDownloadRetries((name) => (name === 'SMSTSDownloadRetryCount' ? '0' : ''))
  t.deepEqual(none, { triesOfBaseMax: 1 })
})

test('S5-033: a point that dies in the middle of a file leaves the rest, from that octet on, to the site', async (t) => {
  const point = await serve(t, (request, response, number) => {
    if (number === 1) sendPart(request, response, 1_200_000)
    else request.socket.destroy()
  })
  const site = await serve(t, (request, response) => sendPart(request, response, octets.length))
  const served: string[] = []
  const content = { ...contentWith(sha256), bases: [point.base, site.base] }
  const { received, faults } = await fetchAll([site.base], content, { onServed: (base) => served.push(base) })
  t.true(received.equals(octets))
  t.deepEqual(served, [point.base, site.base])
  t.deepEqual([point.requests.length, site.requests.length, faults.length], [1, 1, 1])
  const [, position = ''] = /^bytes=(\d+)-$/.exec(site.requests[0]?.headers.range ?? '') ?? []
  t.true(Number(position) > 0 && Number(position) <= 1_200_000)
})

test('points that are dead from the start cost no wait, and the server that the machine knows comes last', async (t) => {
  const dead = await serve(t, (request) => request.socket.destroy())
  const refusing = await serve(t, (_request, response) => response.writeHead(401).end())
  const site = await serve(t, (request, response) => sendPart(request, response, octets.length))
  const waits: number[] = []
  const content = { ...contentWith(sha256), bases: [dead.base, refusing.base] }
  const onFault: DownloadSettings['onFault'] = (_fault, againInMs) => waits.push(againInMs)
  const { received } = await fetchAll([site.base], content, { onFault, backOff: { firstMs: 60_000, mostMs: 60_000 } })
  t.true(received.equals(octets))
  t.deepEqual(waits, [0, 0])
})
