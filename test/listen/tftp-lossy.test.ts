/** Whole downloads through a bad network over real sockets. */

import test, { type ExecutionContext } from 'ava'
import { waitUntil } from '../../scripts/wait-for.ts'
import { pattern } from '../support/boot-files.ts'
import { openLossyRelay } from '../support/lossy-relay.ts'
import type { Faults, LossyRelay } from '../support/lossy-relay.ts'
import { same, served } from '../support/tftp-server.ts'

const image = pattern(5, 1_500_000)
const bad: Faults = { loss: 0.1, duplicate: 0.1, reorder: 0.1 }

/** Closed whatever becomes of the test: an open socket would keep the whole run from ending. */
async function relayed(t: ExecutionContext, options: Parameters<typeof openLossyRelay>[0]): Promise<LossyRelay> {
  const relay = await openLossyRelay(options)
  t.teardown(() => relay.close())
  return relay
}

for (const [name, options] of [
  ['in lock step', { blksize: '1468' }],
  ['in windows of 4', { blksize: '1468', windowsize: '4', tsize: '0' }],
  ['in windows of 16', { blksize: '1428', windowsize: '16' }],
] as const) {
  test(`TF-46: 10 % loss, doubles and reordering both ways, ${name}`, async (t) => {
    const { client, place, listener } = await served(t, { image })
    const server = { address: '127.0.0.1', port: place.port }
    const relay = await relayed(t, { server, toServer: bad, toClient: bad, seed: 7 })
    const got = await client.download('image', relay, { options, retryMs: 150 })
    t.true(same(got.bytes, image))
    t.true(relay.counters.lost > 50 && relay.counters.duplicated > 50 && relay.counters.reordered > 50)
    await waitUntil('its sockets are counted', () => listener.counters['datagrams-received'] > 50, { withinMs: 5_000 })
    const { 'blocks-sent': sent, 'blocks-resent': again, 'octets-sent': octets, timeouts } = listener.counters
    const blocks = Math.floor(image.length / Number(options.blksize)) + 1
    t.is(sent - again, blocks, 'each block was sent for the first time once')
    t.true(again > 50 && timeouts > 0 && octets > image.length, `${again} ${timeouts} ${octets}`)
  })
}

test('TF-47: a path that swallows blocks of 1,468 octets: the client that asks again is granted less', async (t) => {
  const { client, place } = await served(t, { image })
  const server = { address: '127.0.0.1', port: place.port }
  const relay = await relayed(t, { server, toServer: {}, toClient: { bytesMax: 1_372 }, seed: 1 })
  client.read('image', relay, { options: { blksize: '1468' } })
  const granted = await client.hear()
  t.like(granted.packet, { options: [{ name: 'blksize', value: '1468' }] })
  client.acknowledge(0, granted)
  // As firmware does: nothing comes, it waits, and asks again with the same words.
  const got = await client.download('image', relay, { options: { blksize: '1468' }, retryMs: 700, samePort: true })
  t.is(got.options['blksize'], '1024')
  t.true(same(got.bytes, image))
})

test('a corrupted network breaks nothing but the octets', async (t) => {
  const { client, place, listener } = await served(t, { image })
  const server = { address: '127.0.0.1', port: place.port }
  const relay = await relayed(t, { server, toServer: { corrupt: 0.2 }, toClient: {}, seed: 3 })
  const got = await client.download('image', relay, { options: { blksize: '8192' }, retryMs: 60 })
  if (got.error === undefined) t.true(same(got.bytes, image))
  t.true(listener.active <= 1)
})
