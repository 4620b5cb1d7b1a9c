/**
 * The sockets of one thread of TFTP: the port of requests, and a pool of ports for transfers, which the kernel chooses at random.
 * A transfer that begins takes the next one of the pool, so that a client that asks twice is answered from two ports (TF-35).
 */

import { ipv4ToNumber, type Ipv4Address } from '../address/ipv4-address.ts'
import { BindError } from './bind-error.ts'
import { DatagramDescriptor } from './datagram-descriptor.ts'
import type { DatagramArrival, DatagramPort } from './datagram-port.ts'
import { SystemCallError } from './libc.ts'
import { openPlainPort } from './plain-datagram-port.ts'
import type { Watch } from './readiness.ts'
import type { TftpPorts } from './tftp-service.ts'

export interface TftpPlace {
  readonly address: Ipv4Address
  readonly port: number
  /** Of the pool. 0: answers leave from the port of the requests, for clients behind NAT and for containers (T21). */
  readonly transferPorts: number
  /** How many threads have the port of requests; what one client says reaches one of them. */
  readonly threads: number
}

export type OnDatagram = (datagram: DatagramArrival, port: DatagramPort) => void

export interface OpenTftpPorts extends TftpPorts {
  close(): Promise<void>
}

const service = 'TFTP'

/** `watch`: calls back when there is something to read, which tells how many datagrams it read. */
export function openDirectPorts(
  { address, port, transferPorts, threads }: TftpPlace,
  watch: (descriptor: number, read: () => number) => Watch,
  onDatagram: OnDatagram,
): OpenTftpPorts {
  const closings: (() => void)[] = []
  const close = async (): Promise<void> => {
    for (const closing of closings) closing()
  }
  const shared = threads > 1 ? { sharers: threads } : {}
  const open = (number: number, more: { sharers?: number }): DatagramDescriptor => {
    const place = { address: ipv4ToNumber(address), port: number, interfaceName: undefined, ...more }
    const opened = new DatagramDescriptor({ ...place, broadcast: false, shareAddress: false })
    const receive = (datagram: DatagramArrival): void => onDatagram(datagram, opened)
    const watched = watch(opened.descriptor, () => {
      try {
        return opened.receive(receive)
      } finally {
        opened.flush()
      }
    })
    closings.push(() => {
      watched.close()
      opened.close()
    })
    return opened
  }
  try {
    const request = open(port, shared)
    const transfers = Array.from({ length: transferPorts }, () => open(0, {}))
    return { request, transfers: transferPorts === 0 ? [request] : transfers, close }
  } catch (error) {
    void close()
    if (!(error instanceof SystemCallError)) throw error
    throw new BindError({ service, address, port }, error.code, error)
  }
}

export async function openPlainPorts(
  { address, port, transferPorts }: TftpPlace,
  onDatagram: OnDatagram,
  signal: AbortSignal,
): Promise<OpenTftpPorts> {
  const opened: { readonly closing: () => Promise<void> }[] = []
  const close = async (): Promise<void> => {
    await Promise.all(opened.map(({ closing }) => closing()))
  }
  const open = async (number: number): Promise<DatagramPort> => {
    const one = await openPlainPort({ service, address, port: number, onDatagram, signal })
    opened.push({ closing: () => one.close() })
    return one
  }
  try {
    const request = await open(port)
    const transfers: DatagramPort[] = []
    while (transfers.length < transferPorts) transfers.push(await open(0))
    return { request, transfers: transferPorts === 0 ? [request] : transfers, close }
  } catch (error) {
    await close()
    throw error
  }
}
