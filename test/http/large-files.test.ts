/** Large files over a real connection: what arrives is what the file holds, for quick, slow and vanished readers. */

import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { connect } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import type { ExecutionContext } from 'ava'
import { waitUntil } from '../../scripts/wait-for.ts'
import { sendContent } from '../../server/http/send-content.ts'
import { parseSha256 } from '../../server/site/content.ts'

const body = randomBytes(9_000_001)

async function served(t: ExecutionContext, opened = { now: 0 }): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'reveille-large-files-'))
  const path = join(folder, 'image.bin')
  await writeFile(path, body)
  const sha256 = parseSha256(createHash('sha256').update(body).digest('hex'))
  if (sha256 === undefined) throw new Error('a hash is a hash')
  const server = createServer((request, response) => {
    const content = {
      bytes: body.length,
      sha256,
      type: 'application/octet-stream',
      cacheControl: 'no-cache',
      open: async () => {
        const handle = await open(path)
        opened.now += 1
        return {
          fileDescriptor: handle.fd,
          read: async (position: number, length: number) =>
            (await handle.read(Buffer.alloc(length), 0, length, position)).buffer,
          close: async () => {
            await handle.close()
            opened.now -= 1
          },
        }
      },
    }
    sendContent(request, response, content).catch((error: unknown) => t.fail(String(error)))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(async () => {
    server.closeAllConnections()
    server.close()
    await rm(folder, { recursive: true })
  })
  return (server.address() as AddressInfo).port
}

test('a large file arrives whole and unchanged, twice over one connection', async (t) => {
  const port = await served(t)
  for (let time = 0; time < 2; time++) {
    const answer = await fetch(`http://127.0.0.1:${port}/`)
    t.is(Buffer.from(await answer.arrayBuffer()).compare(body), 0)
  }
})

test('a large range holds exactly its octets', async (t) => {
  const port = await served(t)
  const answer = await fetch(`http://127.0.0.1:${port}/`, { headers: { range: 'bytes=17-8000000' } })
  t.is(answer.status, 206)
  t.is(Buffer.from(await answer.arrayBuffer()).compare(body, 17, 8_000_001), 0)
})

test('a reader that stops now and then gets everything, and others are served meanwhile', async (t) => {
  const port = await served(t)
  const socket = connect(port, '127.0.0.1')
  socket.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
  const [first] = (await once(socket, 'data')) as [Buffer]
  socket.pause()
  const answer = await fetch(`http://127.0.0.1:${port}/`)
  t.is((await answer.arrayBuffer()).byteLength, body.length)
  const chunks = [first]
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  socket.resume()
  await once(socket, 'end')
  const whole = Buffer.concat(chunks)
  t.is(whole.subarray(whole.indexOf('\r\n\r\n') + 4).compare(body), 0)
})

test('HT-17: pipelined requests for large parts, HEAD among them, are answered in order over one connection', async (t) => {
  const port = await served(t)
  const socket = connect(port, '127.0.0.1')
  const ask = (method: string, first: number, last: number, more = '') =>
    `${method} / HTTP/1.1\r\nHost: x\r\nRange: bytes=${first}-${last}\r\n${more}\r\n`
  const end = 'Connection: close\r\n'
  socket.write(ask('GET', 0, 999_999) + ask('HEAD', 0, 9) + ask('GET', 3, 1_500_002) + ask('GET', 7, 7, end))
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  await once(socket, 'end')
  let rest = Buffer.concat(chunks)
  for (const part of [body.subarray(0, 1_000_000), undefined, body.subarray(3, 1_500_003), body.subarray(7, 8)]) {
    const start = rest.indexOf('\r\n\r\n') + 4
    const bytes = part?.length ?? 0
    t.is(rest.subarray(start, start + bytes).compare(part ?? Buffer.alloc(0)), 0)
    rest = rest.subarray(start + bytes)
  }
  t.is(rest.length, 0)
})

test('HT-21: readers that vanish in the middle harm no other reader, and their files are closed', async (t) => {
  const opened = { now: 0 }
  const port = await served(t, opened)
  for (let round = 0; round < 5; round++) {
    const gone = connect(port, '127.0.0.1')
    gone.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
    await once(gone, 'data')
    const other = fetch(`http://127.0.0.1:${port}/`)
    gone.resetAndDestroy()
    t.is(Buffer.from(await (await other).arrayBuffer()).compare(body), 0)
  }
  const isClosed = (saw: (value: unknown) => void): boolean => {
    saw(opened.now)
    return opened.now === 0
  }
  await t.notThrowsAsync(waitUntil('every file to be closed', isClosed, { withinMs: 20_000 }))
})
