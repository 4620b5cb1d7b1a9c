/** Frames that are made once for all pages, read by a client of `ws` between messages of its own. */

import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import test from 'ava'
import { WebSocket, WebSocketServer } from 'ws'
import { textFrame } from '../../server/http/text-frame.ts'

const lengths = [0, 1, 125, 126, 127, 65_535, 65_536, 300_000]

test('frames of all lengths arrive as one message each, in order with those that ws sends', async (t) => {
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false })
  const server = createServer().on('upgrade', (request, connection, head) => {
    sockets.handleUpgrade(request, connection, head, (socket) => {
      for (const length of lengths) {
        connection.write(textFrame('ä'.repeat(length / 2) + 'x'.repeat(length % 2)))
        socket.send(`that was ${length}`)
      }
    })
  })
  server.listen(0, '127.0.0.1')
  t.teardown(() => server.close())
  await once(server, 'listening')
  const client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`)
  t.teardown(() => client.terminate())
  const messages: string[] = []
  client.on('message', (data: Buffer, isBinary) => messages.push(`${isBinary ? 'octets ' : ''}${data.toString()}`))
  while (messages.length < 2 * lengths.length) await once(client, 'message')
  const expected = lengths.flatMap((length) => ['ä'.repeat(length / 2) + 'x'.repeat(length % 2), `that was ${length}`])
  t.true(messages.every((message, index) => message === expected[index]))
})
