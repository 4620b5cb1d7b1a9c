/** Sends the packets that wake machines, from one socket: which network each leaves by is the system's choice, by its destination. */

import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import type { Ipv4Address } from '../address/ipv4-address.ts'
import type { SleepingMachine } from '../site/sleeping-machine.ts'
import { encodeMagicPacket } from '../wire/magic-packet.ts'
import { findInterfaces } from './network-interfaces.ts'
import { wakeUpDestinations } from './wake-up-destinations.ts'

export interface WakeUpSender {
  /**
   * Resolves when everything is on its way; says where to, each address once. Whether anybody wakes nobody can know. Rejects when
   * nothing of it could be sent.
   */
  readonly wake: (machines: readonly SleepingMachine[]) => Promise<readonly Ipv4Address[]>
  close(): Promise<void>
}

export interface WakeUpOptions {
  /** Those of the server; none: all it has. */
  readonly interfaces: readonly string[]
  /** 9 (discard), as is usual. */
  readonly port: number
  readonly count: (outcome: 'sent' | 'failed') => void
}

/** Nobody acknowledges a packet, and one alone may be lost. */
const rounds = 3
const betweenRoundsMs = 200
/** What a switch on the way takes without dropping. */
const packetsPerBurst = 64
const betweenBurstsMs = 5

export async function openWakeUpSender({ interfaces, port, count }: WakeUpOptions): Promise<WakeUpSender> {
  const socket = createSocket('udp4')
  socket.bind()
  await once(socket, 'listening')
  socket.setBroadcast(true)
  const sendOne = async (packet: Uint8Array, to: Ipv4Address): Promise<boolean> => {
    const sent = await isSent(socket, packet, { port, to })
    count(sent ? 'sent' : 'failed')
    return sent
  }
  return {
    async wake(machines) {
      // Asked anew each time: an interface may have come up, or have another address now.
      const own = findInterfaces(interfaces).found.map(({ subnet }) => subnet)
      const packets = machines.flatMap((machine) => {
        const destinations = wakeUpDestinations(machine, own)
        return machine.macAddresses
          .map(encodeMagicPacket)
          .flatMap((packet) => destinations.map((to) => ({ packet, to })))
      })
      let anySent = false
      for (let round = 0; round < rounds; round += 1) {
        if (round > 0) await pause(betweenRoundsMs)
        for (let at = 0; at < packets.length; at += packetsPerBurst) {
          if (at > 0) await pause(betweenBurstsMs)
          const burst = packets.slice(at, at + packetsPerBurst)
          const outcomes = await Promise.all(burst.map(async ({ packet, to }) => sendOne(packet, to)))
          anySent ||= outcomes.includes(true)
        }
      }
      if (!anySent) throw new Error('no wake-up packet could be sent: no network of this server is up')
      return [...new Set(packets.map(({ to }) => to))]
    },
    async close() {
      socket.close()
      await once(socket, 'close')
    },
  }
}

/** A network that cannot be reached now is no reason to leave out the others. */
function isSent(
  socket: Socket,
  packet: Uint8Array,
  { port, to }: { readonly port: number; readonly to: Ipv4Address },
): Promise<boolean> {
  return new Promise((resolve) => {
    socket.send(packet, port, to, (error) => resolve(error === null))
  })
}
