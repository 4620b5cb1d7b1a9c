/** Chunks of user state on lines that break, and servers that refuse. */

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import test, { type ExecutionContext } from 'ava'
import { Fault } from '../../bootstrap/fault.ts'
import { siteStateStores } from '../../bootstrap/site-state-stores.ts'

/** Answers with these in turn, and then with the last one again. */
async function serve(t: ExecutionContext, ...answers: readonly (readonly [status: number, text: string])[]) {
  const asked: string[] = []
  const faults: string[] = []
  const server = createServer((request, response) => {
    const [status = 500, text = ''] = answers[Math.min(asked.length, answers.length - 1)] ?? []
    asked.push(`${request.method} ${request.url} ${request.headers.authorization}`)
    request.resume()
    // 0: the connection breaks.
    if (status === 0) request.socket.destroy()
    else request.on('end', () => response.writeHead(status).end(text))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    server.close()
    server.closeAllConnections()
  })
  const { port } = server.address() as AddressInfo
  const link = { ask: async <A>(): Promise<A> => Promise.reject(new Fault('not-found', 'http://site/')) }
  const stores = siteStateStores(link, {
    bases: [`http://127.0.0.1:${port}`],
    token: () => 'token',
    onFault: (fault) => faults.push(fault.kind),
    backOff: { firstMs: 1, mostMs: 1 },
  })
  return { stores, asked, faults }
}

test('a chunk is sent again when the connection breaks or the server has a problem', async (t) => {
  const { stores, asked, faults } = await serve(t, [0, ''], [503, ''], [200, '{}'])
  await stores.putChunk('abc', 3, Buffer.from('octets'))
  t.is(asked.length, 3)
  t.is(asked[2], 'PUT /agent/v1/state-stores/chunk?store=abc&index=3 Bearer token')
  t.is(faults.length, 2)
})

test('a refusal is said, and not repeated', async (t) => {
  const { stores, asked } = await serve(t, [404, '{"detail":"It is not there."}'])
  await t.throwsAsync(stores.getChunk('abc', 0), { message: 'the server does not give user state: It is not there.' })
  t.is(asked.length, 1)
})

test('a server that never comes back ends the transfer', async (t) => {
  const { stores, asked } = await serve(t, [507, '{"detail":"the disk has no room left for user state"}'])
  await t.throwsAsync(stores.putChunk('abc', 0, Buffer.from('x')), { message: /no room left for user state/ })
  t.is(asked.length, 8)
})
