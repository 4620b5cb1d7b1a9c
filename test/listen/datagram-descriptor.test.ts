/**
 * The memory that the kernel reads and writes: random batches arrive as a checked copy says, and nothing is written around the
 * arenas. Deterministic by a seed.
 */

import test from 'ava'
import { seededRandom } from '../../scripts/lab/seeded-random.ts'
import { ipv4ToNumber, type Ipv4Address } from '../../server/address/ipv4-address.ts'
import { receiveArena, sendArena } from '../../server/listen/datagram-arenas.ts'
import { DatagramDescriptor } from '../../server/listen/datagram-descriptor.ts'
import { ReadinessSet } from '../../server/listen/readiness-set.ts'

const loopback = ipv4ToNumber('127.0.0.1' as Ipv4Address)
const arenasAreIntact = (): boolean => receiveArena().isIntact && sendArena().isIntact

function open(): DatagramDescriptor {
  const nothingElse = { interfaceName: undefined, broadcast: false, shareAddress: false }
  return new DatagramDescriptor({ address: loopback, port: 0, ...nothingElse })
}

/** All that has arrived, as text, one a datagram. */
function arrived(socket: DatagramDescriptor): string[] {
  const heard: string[] = []
  const ready = new ReadinessSet()
  ready.add(socket.descriptor, 0)
  while (ready.wait(0).length > 0) socket.receive(({ bytes }) => heard.push(Buffer.from(bytes).toString('latin1')))
  ready.close()
  return heard
}

test('3,000 random batches of windows and single datagrams arrive as they were put together, and no guard is touched', (t) => {
  const random = seededRandom(7)
  const below = (most: number): number => Math.floor(random() * most)
  const senders = [open(), open()] as const
  const receivers = [open(), open(), open()] as const
  for (let batch = 0; batch < 3_000; batch++) {
    const expected: string[][] = receivers.map(() => [])
    for (let datagram = below(12); datagram >= 0; datagram--) {
      const sender = senders[below(5) === 0 ? 1 : 0]
      const which = below(3)
      const segmentBytes = below(3) === 0 ? 0 : 1 + below(1_500)
      const bytes = segmentBytes === 0 ? below(2_049) : below(Math.min(8, 2_048) * segmentBytes + 1)
      const octets = Uint8Array.from({ length: bytes }, () => below(256))
      const to = { address: loopback, port: receivers[which]?.localPort ?? 0, fromAddress: 0, interfaceIndex: 0 }
      if (below(2) === 0) sender.queue(octets, { ...to, segmentBytes })
      else {
        const start = sender.room(bytes)
        sender.octets.set(octets, start)
        sender.commit(bytes, { ...to, segmentBytes })
      }
      const step = segmentBytes === 0 ? Math.max(1, bytes) : segmentBytes
      for (let at = 0; at === 0 || at < bytes; at += step) {
        expected[which]?.push(Buffer.from(octets.subarray(at, at + step)).toString('latin1'))
      }
    }
    senders[0].flush()
    for (const [which, receiver] of receivers.entries()) {
      if (arrived(receiver).join('|') !== expected[which]?.join('|')) t.fail(`batch ${batch} differs`)
    }
    if (!arenasAreIntact()) t.fail(`batch ${batch} wrote around an arena`)
  }
  for (const socket of [...senders, ...receivers]) socket.close()
  t.is(senders[0].counters.sendFailed + senders[1].counters.sendFailed, 0)
})

test('datagrams of every length around the room for one are told or dropped whole, and no guard is touched', (t) => {
  const [sender, receiver] = [open(), open()]
  const to = { address: loopback, port: receiver.localPort, fromAddress: 0, interfaceIndex: 0, segmentBytes: 0 }
  for (const bytes of [0, 1, 2_046, 2_047, 2_048, 2_049, 9_000, 65_507]) {
    sender.queue(new Uint8Array(bytes).fill(bytes & 255), to)
    sender.flush()
    t.deepEqual(
      arrived(receiver).map((text) => text.length),
      bytes <= 2_048 ? [bytes] : [],
    )
    t.true(arenasAreIntact())
  }
  t.is(receiver.counters.receivedTooLong, 3)
  t.throws(() => sender.room(65_508), { message: 'fits a datagram' })
  sender.close()
  receiver.close()
})

test('where the kernel will not cut a window, it is cut here, for that socket alone, from then on', (t) => {
  const [sender, other, receiver] = [open(), open(), open()]
  const to = { address: loopback, port: receiver.localPort, fromAddress: 0, interfaceIndex: 0, segmentBytes: 10 }
  // More datagrams than any kernel cuts at once.
  sender.queue(new Uint8Array(2_000).fill(1), to)
  sender.flush()
  t.is(arrived(receiver).length, 200)
  t.false(sender.segmentation)
  t.true(other.segmentation)
  sender.queue(new Uint8Array(35).fill(2), to)
  sender.flush()
  t.deepEqual(
    arrived(receiver).map((text) => text.length),
    [10, 10, 10, 5],
  )
  t.is(sender.counters.sent, 204)
  t.is(sender.counters.sendFailed, 0)
  for (const socket of [sender, other, receiver]) socket.close()
})

test('a closed socket sends nothing that was put together for it', (t) => {
  const [sender, receiver] = [open(), open()]
  const to = { address: loopback, port: receiver.localPort, fromAddress: 0, interfaceIndex: 0, segmentBytes: 0 }
  sender.close()
  const start = sender.room(3)
  sender.octets.fill(1, start, start + 3)
  sender.commit(3, to)
  sender.flush()
  t.deepEqual(arrived(receiver), [])
  receiver.close()
})
