/**
 * Whether another program has a UDP port already. Programs that allow it share a port (SO_REUSEADDR, socket(7)), and then
 * binding succeeds although each datagram for one host reaches only one of them; a DHCP server always allows it. A socket
 * that shares nothing is refused, so such a one is opened for a moment.
 */

import { unspecifiedAddress } from '../address/ipv4-address.ts'
import { BindError } from './bind-error.ts'
import { openUdpSocket, type UdpSocketOptions } from './udp-socket.ts'

export interface PortPlace {
  readonly port: number
  /** Only a program that hears these matters; empty: all of them. Another bridge's DHCP server is nobody's rival. */
  readonly interfaces: readonly string[]
}

export async function isPortTaken({ port, interfaces }: PortPlace): Promise<boolean> {
  const names = interfaces.length === 0 ? [undefined] : interfaces
  for (const interfaceName of names) {
    const code = await whyNotBound({ port, ...(interfaceName === undefined ? {} : { interfaceName }) })
    // Where one interface cannot be asked for, all of them are: a rival on another one is better named than not seen.
    const isUnknown = interfaceName !== undefined && code !== undefined && code !== 'EADDRINUSE' && code !== 'ENODEV'
    if ((isUnknown ? await whyNotBound({ port }) : code) === 'EADDRINUSE') return true
  }
  return false
}

type Probe = Pick<UdpSocketOptions, 'port' | 'interfaceName'>

/** Undefined: it could be bound, by nobody else. */
async function whyNotBound(probe: Probe): Promise<string | undefined> {
  const { signal } = new AbortController()
  try {
    const socket = await openUdpSocket({ ...probe, address: unspecifiedAddress, onDatagram: () => {}, signal })
    await socket.close()
    return undefined
  } catch (error) {
    if (error instanceof BindError) return error.code
    throw error
  }
}
