/** The UDP sockets of the listeners, both ways in, against each other and against Node's own. */

import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import test from 'ava'
import type { ExecutionContext } from 'ava'
import { waitFor } from '../../scripts/wait-for.ts'
import type { Ipv4Address } from '../../server/address/ipv4-address.ts'
import { unspecifiedAddress } from '../../server/address/ipv4-address.ts'
import { BindError } from '../../server/listen/bind-error.ts'
import { openUdpSocket } from '../../server/listen/udp-socket.ts'
import type { UdpDatagram, UdpSocket } from '../../server/listen/udp-socket.ts'

const loopback = '127.0.0.1' as Ipv4Address
const text = new TextDecoder()
const octets = new TextEncoder()

interface Opened {
  readonly socket: UdpSocket
  next(): Promise<UdpDatagram>
}

async function opened(through: 'system-calls' | 'node', address: Ipv4Address, signal: AbortSignal): Promise<Opened> {
  const waiting: ((datagram: UdpDatagram) => void)[] = []
  const arrived: UdpDatagram[] = []
  const onDatagram = (datagram: UdpDatagram): void => {
    const waiter = waiting.shift()
    if (waiter === undefined) arrived.push(datagram)
    else waiter(datagram)
  }
  const socket = await openUdpSocket({ through, address, port: 0, onDatagram, signal })
  const next = async (): Promise<UdpDatagram> => {
    const datagram = arrived.shift()
    return datagram ?? new Promise((resolve) => waiting.push(resolve))
  }
  return { socket, next }
}

function stopAtTheEnd(t: ExecutionContext): AbortController {
  const stop = new AbortController()
  t.teardown(() => stop.abort())
  return stop
}

for (const through of ['system-calls', 'node'] as const) {
  test(`${through}: a datagram arrives with its source and the answer goes back`, async (t) => {
    const stop = stopAtTheEnd(t)
    const server = await opened(through, loopback, stop.signal)
    const peer = createSocket('udp4')
    t.teardown(() => peer.close())
    peer.send('hello', server.socket.localPort, loopback)
    const datagram = await server.next()
    t.is(text.decode(datagram.bytes), 'hello')
    t.is(datagram.sourceAddress, loopback)
    t.is(datagram.localAddress, loopback)
    const answered = once(peer, 'message')
    server.socket.send(octets.encode('welcome'), { address: loopback, port: datagram.sourcePort })
    const [answer, source] = (await answered) as [Buffer, { port: number }]
    t.is(String(answer), 'welcome')
    t.is(source.port, server.socket.localPort)
    t.is(server.socket.counters.received, 1)
  })

  test(`${through}: a window is sent as datagrams of the segment size, the last one shorter`, async (t) => {
    const stop = stopAtTheEnd(t)
    const sender = await opened(through, loopback, stop.signal)
    const receiver = await opened('system-calls', loopback, stop.signal)
    const window = new Uint8Array(25).map((_, index) => index)
    sender.socket.send(window, { address: loopback, port: receiver.socket.localPort, segmentBytes: 10 })
    const datagrams = [await receiver.next(), await receiver.next(), await receiver.next()]
    t.deepEqual(
      datagrams.map(({ bytes }) => [...bytes]),
      [[...window.subarray(0, 10)], [...window.subarray(10, 20)], [...window.subarray(20)]],
    )
  })

  test(`${through}: what is sent in one turn arrives as it was sent, whatever went along with what`, async (t) => {
    const stop = stopAtTheEnd(t)
    const sender = await opened(through, loopback, stop.signal)
    const receivers = [
      await opened('system-calls', loopback, stop.signal),
      await opened('system-calls', loopback, stop.signal),
    ] as const
    const sent = [[], []] as [string[], string[]]
    for (const [which, length] of [
      ...Array.from({ length: 70 }, () => [0, 5]),
      [1, 5],
      [0, 5],
      [0, 3],
      [0, 5],
      [0, 9],
      [0, 0],
      [0, 9],
    ] as [0 | 1, number][]) {
      const said = `${sent[0].length + sent[1].length}`.padEnd(length, '.').slice(0, length)
      sent[which].push(said)
      sender.socket.send(octets.encode(said), { address: loopback, port: receivers[which].socket.localPort })
    }
    for (const which of [0, 1] as const) {
      const arrived = []
      for (const _ of sent[which]) arrived.push(text.decode((await receivers[which].next()).bytes))
      t.deepEqual(arrived, sent[which])
    }
    t.is(sender.socket.counters.sent, 77)
  })

  test(`${through}: a port that is taken is refused with service, address, port and advice`, async (t) => {
    const stop = stopAtTheEnd(t)
    const first = await opened(through, loopback, stop.signal)
    const again = openUdpSocket({
      service: 'TFTP',
      through,
      address: loopback,
      port: first.socket.localPort,
      onDatagram: () => undefined,
      signal: stop.signal,
    })
    const error = await t.throwsAsync(again, { instanceOf: BindError, code: 'EADDRINUSE' })
    t.true(error.message.startsWith(`TFTP cannot use 127.0.0.1 port ${first.socket.localPort}. Another program has it`))
  })

  test(`${through}: a closed socket sends nothing, and its port is free again`, async (t) => {
    const stop = stopAtTheEnd(t)
    // An address of its own: on the usual one somebody else may be given the port in between.
    const address = '127.0.0.78' as Ipv4Address
    const first = await opened(through, address, stop.signal)
    const port = first.socket.localPort
    await first.socket.close()
    first.socket.send(octets.encode('late'), { address, port })
    const onDatagram = (): void => undefined
    // A program that another test starts has a copy of every socket of this process until it runs.
    const again = async () =>
      openUdpSocket({ through, address, port, onDatagram, signal: stop.signal }).catch(() => undefined)
    const second = await waitFor('the port to be free', again, { withinMs: 10_000 })
    t.is(second.localPort, port)
  })
}

test('T26: the destination and interface of a datagram are known, and an answer leaves from that address', async (t) => {
  const stop = stopAtTheEnd(t)
  const server = await opened('system-calls', unspecifiedAddress, stop.signal)
  const peer = await opened('system-calls', loopback, stop.signal)
  peer.socket.send(octets.encode('who?'), { address: '127.0.0.53' as Ipv4Address, port: server.socket.localPort })
  const question = await server.next()
  t.like(question, {
    localAddress: '127.0.0.53',
    interfaceAddress: '127.0.0.53',
    interfaceName: 'lo',
  })
  const fromAddress = question.localAddress ?? loopback
  server.socket.send(octets.encode('me'), { address: loopback, port: peer.socket.localPort, fromAddress })
  t.is((await peer.next()).sourceAddress, '127.0.0.53' as Ipv4Address)
})

test('a broadcast is told from its destination, which is not the address of the interface', async (t) => {
  const stop = stopAtTheEnd(t)
  const server = await opened('system-calls', unspecifiedAddress, stop.signal)
  const peer = await openUdpSocket({
    address: loopback,
    port: 0,
    broadcast: true,
    onDatagram: () => undefined,
    signal: stop.signal,
  })
  peer.send(octets.encode('all'), { address: '127.255.255.255' as Ipv4Address, port: server.socket.localPort })
  const { localAddress, interfaceAddress } = await server.next()
  t.is(localAddress, '127.255.255.255' as Ipv4Address)
  t.is(interfaceAddress, loopback)
})

test('TF-32: a datagram of 60,000 octets is counted and dropped, the next one is read', async (t) => {
  const stop = stopAtTheEnd(t)
  const server = await opened('system-calls', loopback, stop.signal)
  const peer = createSocket('udp4')
  t.teardown(() => peer.close())
  peer.send(new Uint8Array(60_000), server.socket.localPort, loopback)
  peer.send('short', server.socket.localPort, loopback)
  t.is(text.decode((await server.next()).bytes), 'short')
  t.is(server.socket.counters.receivedTooLong, 1)
})

test('an interface that does not exist is named in the message', async (t) => {
  const opening = openUdpSocket({
    service: 'DHCP',
    address: unspecifiedAddress,
    port: 0,
    interfaceName: 'nowhere0',
    onDatagram: () => undefined,
    signal: new AbortController().signal,
  })
  await t.throwsAsync(opening, { instanceOf: BindError, code: 'ENODEV', message: /no such network interface/ })
})

test('a socket of one interface hears what comes in there', async (t) => {
  const stop = stopAtTheEnd(t)
  const heard = Promise.withResolvers<UdpDatagram>()
  const server = await openUdpSocket({
    address: unspecifiedAddress,
    port: 0,
    interfaceName: 'lo',
    broadcast: true,
    onDatagram: heard.resolve,
    signal: stop.signal,
  })
  const peer = await opened('system-calls', loopback, stop.signal)
  peer.socket.send(octets.encode('lo'), { address: loopback, port: server.localPort, interfaceName: 'lo' })
  t.is((await heard.promise).interfaceName, 'lo')
})
