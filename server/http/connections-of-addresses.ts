/** How many connections each address has open: one source must leave room for the others (security D05). */

import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import { plainAddress } from './machine-addresses.ts'

export interface AddressLimit {
  readonly connectionsOfAddressMax: number
  /** A proxy on this machine, or the demo: nobody on the network can come from there. Unless told, they are. */
  readonly loopbackExempt?: boolean
}

export function limitConnections(
  server: Server,
  { connectionsOfAddressMax, loopbackExempt = true }: AddressLimit,
  tooMany: () => void,
): void {
  const counts = new Map<string, number>()
  const ended = (address: string): void => {
    const left = (counts.get(address) ?? 0) - 1
    if (left > 0) counts.set(address, left)
    else counts.delete(address)
  }
  // Before Node's own listener, which would begin to read.
  server.prependListener('connection', (socket: Socket) => {
    const address = plainAddress(socket.remoteAddress ?? '')
    if (loopbackExempt && (address.startsWith('127.') || address === '::1')) return
    const others = counts.get(address) ?? 0
    if (others >= connectionsOfAddressMax) {
      tooMany()
      socket.destroy()
      return
    }
    counts.set(address, others + 1)
    socket.once('close', () => ended(address))
  })
}
