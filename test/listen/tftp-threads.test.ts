/** TFTP in threads of its own: all that it promises, and what only threads could get wrong. */

import { readdirSync } from 'node:fs'
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import test from 'ava'
import type { Ipv4Address } from '../../server/address/ipv4-address.ts'
import { root } from '../../scripts/root.ts'
import { waitUntil } from '../../scripts/wait-for.ts'
import { BindError } from '../../server/listen/bind-error.ts'
import { openTftpListener } from '../../server/listen/tftp-listener.ts'
import { bootFiles, pattern } from '../support/boot-files.ts'
import { anotherClient, same, served } from '../support/tftp-server.ts'
import { testTftp } from './tftp-suite.ts'

testTftp({ options: { threads: 1 }, knowsDestinations: true, serially: true })

const run = promisify(execFile)
const image = pattern(7, 700_001)
const options = { blksize: '1468', windowsize: '8' }
const addresses = Array.from({ length: 12 }, (_, index) => `127.0.0.${index + 10}`)

test.serial(
  'T24, C10: machines of many addresses are served by three threads, and the file is read once',
  async (t) => {
    const { listener, place, files } = await served(t, { image }, { threads: 3 })
    t.is(listener.backEnd, 'system calls, in 3 threads')
    const clients = await Promise.all(addresses.map(async (address) => anotherClient(t, address)))
    const got = await Promise.all(clients.map(async (client) => client.download('image', place, { options })))
    t.true(got.every(({ bytes }) => same(bytes, image)))
    t.is(files.reads.count, 3)
    await waitUntil('all ends to be counted', () => listener.counters.completed === addresses.length, {
      withinMs: 20_000,
    })
  },
)

test.serial('C09: the budget of a source holds over all threads, because all that it says reaches one', async (t) => {
  const budget = { loopbackExempt: false, perSecond: 0.001, burst: 10 }
  const { listener, place } = await served(t, {}, { threads: 3, budget })
  const silent = await Promise.all(Array.from({ length: 30 }, async () => anotherClient(t, '127.0.0.9')))
  for (const each of silent) each.read('missing', place)
  const isDecided = (): boolean => listener.counters['over-budget'] + listener.counters['not-found'] === 30
  await waitUntil('a verdict on each request', isDecided, { withinMs: 20_000 })
  t.is(listener.counters['not-found'], 10)
})

test.serial('a second server finds the port taken, though the threads of the first share it', async (t) => {
  const { place } = await served(t, {}, { threads: 2 })
  const again = openTftpListener({
    address: '127.0.0.1' as Ipv4Address,
    port: place.port,
    files: bootFiles({}),
    threads: 2,
    signal: new AbortController().signal,
  })
  await t.throwsAsync(again, { instanceOf: BindError, code: 'EADDRINUSE' })
})

test.serial('closing ends what is under way at once, and leaves no descriptor', async (t) => {
  const descriptors = (): number => readdirSync('/proc/self/fd').length
  const stop = new AbortController()
  const open = async () =>
    openTftpListener({
      address: '127.0.0.1' as Ipv4Address,
      port: 0,
      files: bootFiles({ image }),
      threads: 2,
      signal: stop.signal,
    })
  // What the first one makes for good, such as the C library, is there then.
  await (await open()).close()
  const before = descriptors()
  const listener = await open()
  t.true(descriptors() > before + 64)
  const client = await anotherClient(t)
  client.read('image', { port: listener.localPort })
  const first = await client.hear()
  client.acknowledge(1, first)
  await client.hearBlock(2)
  const closingMs = performance.now()
  await listener.close()
  t.true(performance.now() - closingMs < 5_000)
  t.is(listener.counters.stopped, 1)
  // The client of this test is one.
  await waitUntil('the descriptors to be closed', () => descriptors() <= before + 1, { withinMs: 10_000 })
})

test.serial('a port that cannot be had leaves no thread and no descriptor', async (t) => {
  const descriptors = (): number => readdirSync('/proc/self/fd').length
  const { place } = await served(t, {})
  const open = async () =>
    openTftpListener({
      address: '127.0.0.1' as Ipv4Address,
      port: place.port,
      files: bootFiles({}),
      threads: 1,
      signal: new AbortController().signal,
    })
  await t.throwsAsync(open(), { instanceOf: BindError, code: 'EADDRINUSE' })
  const before = descriptors()
  await t.throwsAsync(open(), { instanceOf: BindError, code: 'EADDRINUSE' })
  await waitUntil('the descriptors to be closed', () => descriptors() <= before, { withinMs: 10_000 })
})

test.serial('a thread that dies ends the process, and says why', async (t) => {
  // Its length is no number, which only a mistake of ours could bring about; the thread stumbles over it.
  const program = `
    const { openTftpListener } = await import(process.argv[1] + '/server/listen/tftp-listener.ts')
    const { openTftpClient } = await import(process.argv[1] + '/test/support/tftp-client.ts')
    const file = { bytes: Number.NaN, version: 'broken', read: () => new Uint8Array(0), close() {} }
    const listener = await openTftpListener({
      address: '127.0.0.1', port: 0, threads: 1, files: { open: async () => file }, signal: new AbortController().signal,
    })
    const client = await openTftpClient()
    client.read('file', { port: listener.localPort })
    setTimeout(() => process.exit(0), 20_000)`
  const failed = await t.throwsAsync(run(process.execPath, ['--input-type=module', '-e', program, root]))
  t.like(failed, { code: 1 })
  t.regex(String(failed), /tftp-/)
})
