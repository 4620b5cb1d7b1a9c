/** What the TFTP listener promises, packet by packet over loopback, on any of its back ends. */

import test from 'ava'
import type { ExecutionContext } from 'ava'
import type { Ipv4Address } from '../../server/address/ipv4-address.ts'
import { unspecifiedAddress } from '../../server/address/ipv4-address.ts'
import { seededRandom } from '../../scripts/lab/seeded-random.ts'
import { waitUntil } from '../../scripts/wait-for.ts'
import { BindError } from '../../server/listen/bind-error.ts'
import { openTftpListener } from '../../server/listen/tftp-listener.ts'
import { openUdpSocket } from '../../server/listen/udp-socket.ts'
import { encodeTftpPacket } from '../../server/wire/tftp-packet.ts'
import type { TftpPacket } from '../../server/wire/tftp-packet.ts'
import { bootFiles, generated, pattern } from '../support/boot-files.ts'
import { openTftpClient } from '../support/tftp-client.ts'
import type { Heard, TftpClient } from '../support/tftp-client.ts'
import { anotherClient, same, served } from '../support/tftp-server.ts'
import type { TftpListenerOptions } from '../../server/listen/tftp-listener.ts'
import type { Served } from '../support/tftp-server.ts'

const small = pattern(0, 1_300)
const image = pattern(7, 700_001)
/** Machines that run tests may be busy; whatever does not come in this time does not come. */
const patience = { withinMs: 20_000 }
const error = (code: number, message: string): TftpPacket => ({ kind: 'error', code, message })

/** How it is done, and whether the system tells where a datagram was sent to. */
export interface TftpBackEnd {
  readonly options: Pick<TftpListenerOptions, 'through' | 'threads'>
  readonly knowsDestinations: boolean
  /** One after the other, where each test starts threads. */
  readonly serially: boolean
}

type Serve = (
  t: ExecutionContext,
  contents: Parameters<typeof served>[1],
  more?: Partial<TftpListenerOptions>,
) => Promise<Served>

function serverOf(options: TftpBackEnd['options']): Serve {
  return (t, contents, more = {}) => served(t, contents, { ...options, ...more })
}

/** Where the system tells the interface and the address that a datagram was sent to. */
function testDestinations(statement: typeof test | typeof test.serial, serve: Serve): void {
  statement('TF-41: a window of large blocks stays under 1 MiB', async (t) => {
    const { client, place } = await serve(t, { huge: generated(20_000_000) })
    client.read('huge', place, { options: { blksize: '65464', windowsize: '65535' } })
    const { packet } = await client.hear()
    t.deepEqual(packet, {
      kind: 'option-acknowledgement',
      options: [
        { name: 'blksize', value: '65464' },
        { name: 'windowsize', value: '16' },
      ],
    })
  })

  statement('T26: the answer comes from the address that was asked', async (t) => {
    const { client, listener } = await serve(t, { small }, { address: unspecifiedAddress })
    for (const address of ['127.0.0.1', '127.0.0.77', '127.1.2.3']) {
      const before = new Set(client.portsHeard)
      client.read('small', { port: listener.localPort, address })
      let heard = await client.hear()
      while (before.has(heard.port)) heard = await client.hear()
      t.is(heard.address, address)
      client.send(error(0, 'thanks'), heard)
    }
  })

  statement('TF-34: a request to a broadcast address is not answered', async (t) => {
    const { listener, client } = await serve(t, { small }, { address: unspecifiedAddress })
    const asking = { kind: 'read-request', file: 'small', mode: 'octet', options: [] } as const
    const stop = new AbortController()
    t.teardown(() => stop.abort())
    const heard: unknown[] = []
    const everyone = await openUdpSocket({
      address: '127.0.0.1' as Ipv4Address,
      port: 0,
      broadcast: true,
      onDatagram: (datagram) => heard.push(datagram),
      signal: stop.signal,
    })
    const to = { address: '127.255.255.255' as Ipv4Address, port: listener.localPort }
    everyone.send(encodeTftpPacket(asking), to)
    t.deepEqual((await client.download('small', { port: listener.localPort })).bytes, small)
    t.is(listener.counters.broadcasts, 1)
    t.deepEqual(heard, [])
  })

  statement('TF-48: a file that is replaced during the transfer arrives in the version that was opened', async (t) => {
    const { client, place, files } = await serve(t, { image })
    client.read('image', place, { options: { blksize: '65464' } })
    const first = await client.hear()
    files.replace('image', pattern(99, 700_001))
    const parts: Uint8Array[] = []
    for (let block = 0; block < 11; block++) {
      client.acknowledge(block, first)
      parts.push(await client.hearBlock(block + 1))
    }
    t.true(same(Buffer.concat(parts), image))
    const other = await anotherClient(t)
    t.true(same((await other.download('image', place)).bytes, pattern(99, 700_001)))
  })
}

export function testTftp({ options, knowsDestinations, serially }: TftpBackEnd): void {
  const statement = serially ? test.serial : test
  const serve = serverOf(options)
  if (knowsDestinations) testDestinations(statement, serve)

  for (const bytes of [0, 511, 512, 513, 5_120]) {
    statement(`TF-01, T10: a file of ${bytes} octets arrives exactly`, async (t) => {
      const { client, place } = await serve(t, { file: pattern(3, bytes) })
      const got = await client.download('file', place)
      t.deepEqual(got.bytes, pattern(3, bytes))
      t.is(got.blocks, Math.floor(bytes / 512) + 1)
    })
  }

  statement(`TF-14, TF-15, TF-21: options are granted, and windows bring the file`, async (t) => {
    const { client, place, ended } = await serve(t, { image })
    const options = { blksize: '1428', windowsize: '16', tsize: '0', timeout: '3' }
    const got = await client.download('image', place, { options })
    t.deepEqual(got.options, { blksize: '1428', windowsize: '16', tsize: '700001', timeout: '3' })
    t.true(same(got.bytes, image))
    t.like(await ended, { outcome: 'completed', bytes: 700_001 })
  })

  statement(`T06, T25: a client that is to have less is granted less`, async (t) => {
    const limitsFor = () => ({ windowBlocksMax: 4, blockBytesMax: 1_024 })
    const { client, place } = await serve(t, { image }, { limitsFor })
    const got = await client.download('image', place, { options: { blksize: '1428', windowsize: '16' } })
    t.deepEqual(got.options, { blksize: '1024', windowsize: '4' })
    t.true(same(got.bytes, image))
  })

  statement(`TF-22, TF-23: a stranger is told error 5, and the transfer goes on`, async (t) => {
    const { client, place } = await serve(t, { small })
    client.read('small', place)
    const first = await client.hear()
    const stranger = await anotherClient(t)
    stranger.acknowledge(1, first)
    t.deepEqual((await stranger.hear()).packet, error(5, 'Unknown transfer'))
    stranger.send(error(0, 'die'), first)
    client.acknowledge(1, first)
    t.true(same(await client.hearBlock(2), small.subarray(512, 1_024)))
  })

  statement(`T21: in single-port mode answers leave from the port of the requests`, async (t) => {
    const { client, place } = await serve(t, { image }, { singlePort: true })
    client.read('image', place)
    const first = await client.hear()
    t.is(first.port, place.port)
    const other = await anotherClient(t)
    t.true(same((await other.download('image', place, { options: { blksize: '1024' } })).bytes, image))
  })

  const refuses = test.macro(async (t: ExecutionContext, request: TftpPacket, expected: TftpPacket) => {
    const { client, place, files } = await serve(t, { small })
    client.send(request, place)
    t.deepEqual((await client.hear()).packet, expected)
    t.deepEqual(
      files.opened.filter((name) => name !== 'missing'),
      [],
    )
  })

  function read(file: string, mode = 'octet'): TftpPacket {
    return { kind: 'read-request', file, mode, options: [] }
  }

  statement('TF-03: the mode mail is refused', refuses, read('small', 'mail'), error(4, 'Use octet mode'))
  statement('TF-03: an unknown mode is refused', refuses, read('small', 'binary'), error(4, 'Use octet mode'))
  statement('TF-05, T18: a name that climbs is refused', refuses, read('../../etc/passwd'), error(2, 'Not allowed'))
  statement('TF-07: an empty name is no file', refuses, read(''), error(1, 'File not found'))
  statement('TF-07: a folder is no file', refuses, read('boot/'), error(1, 'File not found'))
  statement('TF-08: a missing file is told without a path', refuses, read('missing'), error(1, 'File not found'))
  statement(
    'TF-09, T19: a write request is refused',
    refuses,
    { kind: 'write-request', file: 'small', mode: 'octet', options: [] },
    error(2, 'Read only'),
  )

  statement(
    'T20: names that a loader tries one after the other are counted when missing, and are no fault',
    async (t) => {
      const { client, place, listener, faults, reports } = await serve(t, { small })
      const names = ['01-52-54-00-12-34-56', 'C0A80705', 'C0A8070', 'C0A807', 'C', 'default']
      // A client that waits long asks once for each, however busy the machine is.
      const patient = { retryMs: 5_000 }
      for (const name of names) {
        const { error } = await client.download(`pxelinux.cfg/${name}`, place, patient)
        t.deepEqual(error, { code: 1, message: 'File not found' })
      }
      t.is(listener.counters['not-found'], names.length)
      t.deepEqual([faults, reports], [[], []])
    },
  )

  statement('TF-02: the mode is read without case', async (t) => {
    const { client, place } = await serve(t, { small })
    t.deepEqual((await client.download('small', place, { mode: 'OcTeT' })).bytes, small)
  })

  statement('TF-04, T16: netascii converts, and tsize is the length that is sent', async (t) => {
    const { client, place } = await serve(t, { 'motd.txt': new TextEncoder().encode('one\ntwo\r') })
    const got = await client.download('motd.txt', place, { mode: 'netascii', options: { tsize: '0' } })
    t.is(String.fromCharCode(...got.bytes), 'one\r\ntwo\r\0')
    t.is(got.options['tsize'], '10')
  })

  statement('TF-04, C10: a text is converted once for everybody who loads it', async (t) => {
    const text = new TextEncoder().encode('one\n'.repeat(2_000))
    const { client, place, files } = await serve(t, { 'motd.txt': text })
    for (let round = 0; round < 3; round++) {
      const got = await client.download('motd.txt', place, { mode: 'netascii', options: { blksize: '1024' } })
      t.is(got.bytes.length, 10_000)
    }
    t.is(files.reads.count, 1)
    files.replace('motd.txt', new TextEncoder().encode('two\n'))
    const got = await client.download('motd.txt', place, { mode: 'netascii' })
    t.is(String.fromCharCode(...got.bytes), 'two\r\n')
  })

  statement('TF-04: a file that is too large to be a text is not converted, and the client hears why', async (t) => {
    const { client, place, files, listener } = await serve(t, { text: generated(65_536), image: generated(65_537) })
    t.is((await client.download('text', place, { mode: 'netascii' })).error, undefined)
    const before = files.reads.count
    const refused = await client.download('image', place, { mode: 'netascii' })
    t.deepEqual(refused.error, { code: 4, message: 'Too large for netascii, use octet mode' })
    t.is(files.reads.count, before)
    t.is(listener.counters['refused-modes'], 1)
  })

  statement('TF-12, TF-13, TF-14: unusable options are left out', async (t) => {
    const { client, place } = await serve(t, { small })
    const options = { blksize: '-1', timeout: '256', windowsize: '0', tsize: 'abc' }
    client.read('small', place, { options })
    t.like((await client.hear()).packet, { kind: 'data', block: 1 })
  })

  statement('TF-16: tsize of a file of 5 GiB is exact', async (t) => {
    const { client, place } = await serve(t, { huge: generated(5 * 2 ** 30 + 1) })
    client.read('huge', place, { options: { tsize: '0' } })
    t.deepEqual((await client.hear()).packet, {
      kind: 'option-acknowledgement',
      options: [{ name: 'tsize', value: '5368709121' }],
    })
  })

  statement('TF-17: only unknown options bring DATA 1', async (t) => {
    const { client, place } = await serve(t, { small })
    client.read('small', place, { options: { multicast: '', rollover: '0' } })
    t.like((await client.hear()).packet, { kind: 'data', block: 1 })
  })

  statement('TF-18, TF-19: options are read without case, and one that comes twice is answered once', async (t) => {
    const { client, place } = await serve(t, { small })
    const options = [
      { name: 'BLKSIZE', value: '1024' },
      { name: 'blksize', value: '512' },
    ]
    client.send({ kind: 'read-request', file: 'small', mode: 'octet', options }, place)
    t.deepEqual((await client.hear()).packet, {
      kind: 'option-acknowledgement',
      options: [{ name: 'blksize', value: '1024' }],
    })
  })

  statement('TF-26: 75,001 blocks arrive exactly', async (t) => {
    const file = pattern(1, 75_000 * 16)
    const { client, place } = await serve(t, { file })
    const got = await client.download('file', place, { options: { blksize: '16', windowsize: '32' } })
    t.true(same(got.bytes, file))
    t.is(got.blocks, 75_001)
  })

  statement('TF-29: what is sent again is the same octets', async (t) => {
    const { client, place } = await serve(t, { small })
    client.read('small', place)
    const first = await client.hear()
    const again = await client.hear()
    t.deepEqual(again.bytes, first.bytes)
    t.is(again.port, first.port)
  })

  statement('TF-31: ACK, DATA, ERROR and OACK on the port of requests are not answered', async (t) => {
    const { client, place, listener } = await serve(t, { small })
    client.acknowledge(1, place)
    client.send({ kind: 'data', block: 1, octets: small }, place)
    client.send(error(0, 'x'), place)
    client.send({ kind: 'option-acknowledgement', options: [] }, place)
    client.read('small', place)
    t.like((await client.hear()).packet, { kind: 'data', block: 1 })
    t.deepEqual(client.unread, [])
    t.is(listener.counters.strays, 4)
  })

  statement('TF-32, T15: broken packets of all lengths are not answered and break nothing', async (t) => {
    const { client, place, listener } = await serve(t, { small })
    for (const bytes of [[], [0], [0, 1, 97], [9, 9, 9], [0, 1, 97, 0, 111]])
      client.sendRaw(Uint8Array.from(bytes), place)
    client.sendRaw(new Uint8Array(60_000).fill(1), place)
    t.deepEqual((await client.download('small', place)).bytes, small)
    // Node gives the long one whole.
    t.is(listener.counters.malformed, knowsDestinations ? 5 : 6)
  })

  statement('TF-32: a thousand random datagrams on both ports disturb nobody, and end no transfer', async (t) => {
    const { client, place, listener } = await serve(t, { image })
    const random = seededRandom(11)
    const vandal = await anotherClient(t, '127.0.0.9')
    client.read('image', place, { options: { blksize: '1024', windowsize: '4' } })
    const agreed = await client.hear()
    for (let sent = 0; sent < 1_000; sent++) {
      const octets = Uint8Array.from({ length: Math.floor(random() * 60) }, () => Math.floor(random() * 256))
      // Half of them look like something.
      if (octets.length > 1 && random() < 0.5) octets.set([0, Math.floor(random() * 8)])
      vandal.sendRaw(octets, sent % 2 === 0 ? place : agreed)
      if (sent % 50 === 49) await new Promise((resolve) => setImmediate(resolve))
    }
    client.acknowledge(0, agreed)
    t.true(same(await client.hearBlock(1), image.subarray(0, 1_024)))
    const other = await anotherClient(t)
    t.true(same((await other.download('image', place, { options: { blksize: '1468' } })).bytes, image))
    t.is(listener.counters['aborted-by-client'], 0)
  })

  statement('TF-33: a repeated request from one port is one transfer, begun again', async (t) => {
    const { client, place, listener } = await serve(t, { small })
    client.read('small', place)
    const first = await client.hear()
    client.read('small', place)
    const second = await client.hear()
    t.is(second.port, first.port)
    t.deepEqual(second.bytes, first.bytes)
    t.is(listener.active, 1)
  })

  statement('TF-33: a port that asks for another file has one transfer, that of the other file', async (t) => {
    const { client, place, listener } = await serve(t, { small, image })
    client.read('small', place)
    await client.hear()
    const got = await client.download('image', place, { options: { blksize: '1468', windowsize: '4' }, samePort: true })
    t.true(same(got.bytes, image))
    t.is(listener.counters.replaced, 1)
    t.true(listener.active <= 1)
  })

  statement('T01: a client that only wanted the size ends quietly, and the same port then gets the file', async (t) => {
    const { client, place, listener, faults } = await serve(t, { image })
    client.read('image', place, { options: { tsize: '0' } })
    const probe = await client.hear()
    t.like(probe.packet, { kind: 'option-acknowledgement' })
    client.send(error(8, 'aborted'), probe)
    // The next request goes to another socket of the server, which may be read first.
    await waitUntil('the server to hear of the end', () => listener.counters.declined === 1, patience)
    t.is(listener.active, 0)
    const options = { tsize: '0', blksize: '1468', windowsize: '4' }
    const got = await client.download('image', place, { options, samePort: true })
    t.true(same(got.bytes, image))
    t.is(listener.counters.replaced, 0)
    t.deepEqual(faults, [])
  })

  statement('TF-35: transfers of one client come from ports of their own', async (t) => {
    const { client, place } = await serve(t, { small })
    const ports = new Set<number>()
    for (let index = 0; index < 4; index++) {
      const other = await anotherClient(t)
      other.read('small', place)
      ports.add((await other.hear()).port)
    }
    t.is(ports.size, 4)
    t.false(ports.has(place.port))
    t.deepEqual(client.unread, [])
  })

  const busy = error(0, 'The server is busy, try again later')

  /** Requests of one machine from as many ports; a port has one transfer. No more at once than a socket's buffer holds. */
  async function manyRequests(
    t: ExecutionContext,
    count: number,
    { listener, place }: Pick<Served, 'listener' | 'place'>,
  ): Promise<readonly TftpClient[]> {
    const clients: TftpClient[] = []
    t.teardown(() => {
      for (const client of clients) client.close()
    })
    for (let sent = 1; sent <= count; sent++) {
      const client = await openTftpClient()
      clients.push(client)
      client.read('small', place)
      while (sent - listener.counters.requests > 50) await new Promise((resolve) => setImmediate(resolve))
    }
    while (listener.counters.requests < count) await new Promise((resolve) => setImmediate(resolve))
    return clients
  }

  /** What comes after the first block, which a busy machine may hear twice. */
  async function afterBlockOne(client: TftpClient | undefined): Promise<Heard | undefined> {
    for (;;) {
      const heard = await client?.hear()
      if (heard?.packet.kind !== 'data' || heard.packet.block !== 1) return heard
    }
  }

  statement(
    'TF-36, C10: more half-open transfers than there may be keep no new client out; the oldest leave and are told',
    async (t) => {
      const server = await serve(t, { small }, { limits: { halfOpenMax: 1_024 } })
      const { client, place, listener } = server
      const silent = await manyRequests(t, 1_500, server)
      t.deepEqual((await client.download('small', place)).bytes, small)
      t.true(listener.active <= 1_024, `${listener.active} half-open`)
      t.true(listener.counters['half-open-evicted'] >= 476)
      t.deepEqual((await afterBlockOne(silent[0]))?.packet, busy)
    },
  )

  statement(
    'C10: while as many files are being opened for clients as may be, the next one is told to come again',
    async (t) => {
      const opening = Promise.withResolvers<undefined>()
      const server = await serve(
        t,
        {},
        { files: { open: async () => opening.promise }, limits: { halfOpenMax: 1_024 } },
      )
      const { client, place, listener } = server
      const waiting = await manyRequests(t, 1_024, server)
      client.read('small', place)
      t.deepEqual((await client.hear()).packet, busy)
      t.is(listener.counters.busy, 1)
      opening.resolve(undefined)
      t.deepEqual((await waiting[0]?.hear())?.packet, error(1, 'File not found'))
    },
  )

  statement('C10: one address has at most 256 transfers under way, and others are served meanwhile', async (t) => {
    const server = await serve(t, { small })
    const { client, place, listener } = server
    const greedy = await manyRequests(t, 300, server)
    const seconds: (Heard | undefined)[] = []
    for (const each of greedy) {
      each.acknowledge(1, await each.hear())
      seconds.push(await afterBlockOne(each))
    }
    t.is(seconds.filter((heard) => heard?.packet.kind === 'data').length, 256)
    t.deepEqual(seconds.at(-1)?.packet, busy)
    t.is(listener.counters.busy, 44)
    client.read('small', place)
    t.deepEqual((await client.hear()).packet, busy)
    const other = await openTftpClient('127.0.0.2')
    t.deepEqual((await other.download('small', place)).bytes, small)
    other.close()
    greedy[0]?.send(error(0, 'enough'), { port: seconds[0]?.port ?? 0 })
    while (listener.counters['aborted-by-client'] === 0) await new Promise((resolve) => setImmediate(resolve))
    t.deepEqual((await client.download('small', place)).bytes, small)
  })

  statement('C10: transfers whose last acknowledgement never comes do not keep their address out', async (t) => {
    const server = await serve(t, { small })
    const { client, place, listener } = server
    for (const each of await manyRequests(t, 300, server)) {
      each.acknowledge(1, await each.hear())
      each.acknowledge(2, (await afterBlockOne(each)) ?? place)
      for (let last = await each.hear(); last.packet.kind !== 'data' || last.packet.block !== 3; )
        last = await each.hear()
    }
    t.deepEqual((await client.download('small', place)).bytes, small)
    t.is(listener.counters.busy, 0)
  })

  statement(
    'TF-37, C09: a source that never acknowledges gets its 64 answers and then no more, others are served',
    async (t) => {
      const { place, listener } = await serve(t, { small }, { budget: { loopbackExempt: false, perSecond: 0.001 } })
      const silent = await Promise.all(Array.from({ length: 100 }, async () => anotherClient(t)))
      const other = await anotherClient(t, '127.0.0.2')
      for (const each of silent) each.read('missing', place)
      const answered = (): number => silent.filter(({ unread }) => unread.length > 0).length
      await waitUntil('a verdict on each request', () => listener.counters.requests === 100, patience)
      await waitUntil('64 answers', () => answered() === 64, patience)
      t.is(listener.counters['over-budget'], 36)
      t.deepEqual((await other.download('small', place)).bytes, small)
      t.is(answered(), 64)
    },
  )

  statement('C09: a client that shows that it receives loads as many files as it likes', async (t) => {
    const { place } = await serve(t, { small }, { budget: { loopbackExempt: false, perSecond: 0.001, burst: 3 } })
    for (let index = 0; index < 12; index++) {
      const client = await anotherClient(t)
      t.deepEqual((await client.download('small', place)).bytes, small)
    }
  })

  statement('C09: so does one whose files are of one block, which one acknowledgement begins and ends', async (t) => {
    const tiny = pattern(3, 20)
    const { place } = await serve(t, { tiny }, { budget: { loopbackExempt: false, perSecond: 0.001, burst: 3 } })
    for (let index = 0; index < 12; index++) {
      const client = await anotherClient(t)
      t.deepEqual((await client.download('tiny', place)).bytes, tiny)
    }
  })

  statement('TF-42: known options behind sixty unknown ones are honoured', async (t) => {
    const { client, place } = await serve(t, { small })
    const unknown = Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`option${index}`, 'v']))
    client.read('small', place, { options: { ...unknown, blksize: '1000' } })
    t.like((await client.hear()).packet, { options: [{ name: 'blksize', value: '1000' }] })
  })

  statement('TF-44, T17, R04: names of Windows, in any case, with rubbish behind them', async (t) => {
    const { client, place } = await serve(t, { 'Boot/x64/wdsnbp.com': small })
    t.deepEqual((await client.download('\\boot\\X64\\WDSNBP.COM', place)).bytes, small)
    t.deepEqual((await client.download('//Boot//x64/wdsnbp.com\u00ff', place)).bytes, small)
  })

  statement('TF-45: an ERROR ends the transfer without an answer', async (t) => {
    const { client, place, listener } = await serve(t, { image })
    client.read('image', place)
    const first = await client.hear()
    client.acknowledge(1, first)
    await client.hear()
    client.send(error(3, 'disk full'), first)
    client.acknowledge(2, first)
    t.deepEqual((await client.download('image', place)).bytes.length, image.length)
    t.is(listener.counters['aborted-by-client'], 1)
    t.is(listener.counters.strangers, 0)
    t.deepEqual(
      client.unread.filter(({ kind }) => kind === 'error'),
      [],
    )
  })

  statement('T24: twenty clients that load one file read it once', async (t) => {
    const { place, files } = await serve(t, { image })
    const options = { blksize: '1468', windowsize: '8' }
    const clients = await Promise.all(Array.from({ length: 20 }, async () => anotherClient(t)))
    const got = await Promise.all(clients.map(async (each) => each.download('image', place, { options })))
    t.true(got.every(({ bytes }) => same(bytes, image)))
    t.is(files.reads.count, 3)
  })

  statement('T24: pieces that come later from the disk arrive in order', async (t) => {
    const late = {
      ...generated(1_000_000),
      version: 'late',
      read: async (offset: number, length: number) => pattern(offset, length),
    }
    const { client, place } = await serve(t, { late })
    const got = await client.download('late', place, { options: { blksize: '1400', windowsize: '10' } })
    t.true(same(got.bytes, pattern(0, 1_000_000)))
  })

  statement('T14: a file that cannot be read ends with an error, and our side hears of faults', async (t) => {
    const fault = new Error('disk')
    const broken = { ...generated(1_000), version: 'broken', read: async () => Promise.reject(fault) }
    const { client, place, listener, faults } = await serve(t, { broken })
    client.read('broken', place)
    t.deepEqual((await client.hear()).packet, error(0, 'The file cannot be read'))
    t.is(listener.counters['read-failed'], 1)
    await waitUntil('the fault', () => faults.length > 0, patience)
    t.deepEqual(faults.map(String), ['Error: disk'])
  })

  statement('T11: late and repeated last acknowledgements are no strangers', async (t) => {
    const { client, place, listener } = await serve(t, { small })
    client.read('small', place)
    let heard = await client.hear()
    for (let block = 1; block < 3; block++) {
      client.acknowledge(block, heard)
      heard = await client.hear()
    }
    for (let times = 0; times < 5; times++) client.acknowledge(3, heard)
    t.deepEqual((await client.download('small', place)).bytes, small)
    t.is(listener.counters.strangers, 0)
  })

  statement('the status page hears of a transfer at most four times a second, and of its end', async (t) => {
    const { client, place, reports, ended, listener } = await serve(t, { image })
    const beganMs = performance.now()
    await client.download('image', place, { options: { blksize: '1468' } })
    const end = await ended
    const quarters = (performance.now() - beganMs) / 250
    t.is(listener.counters.completed, 1)
    t.like(end, {
      clientAddress: '127.0.0.1',
      file: 'image',
      bytes: 700_001,
      totalBytes: 700_001,
      outcome: 'completed',
    })
    t.true(reports.length <= 1 + quarters, `${reports.length} reports in ${quarters} quarters of a second`)
  })

  statement('a port that is taken is refused in words', async (t) => {
    const { place } = await serve(t, { small })
    const opening = openTftpListener({
      address: '127.0.0.1' as Ipv4Address,
      port: place.port,
      files: bootFiles({}),
      signal: new AbortController().signal,
    })
    await t.throwsAsync(opening, {
      instanceOf: BindError,
      message: /^TFTP cannot use 127\.0\.0\.1 port \d+\. Another program/,
    })
  })
}
