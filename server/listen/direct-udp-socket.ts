/** A UDP socket through the system calls: addresses and interfaces of each datagram, batches in and out. */

import { ipv4FromNumber, ipv4ToNumber } from '../address/ipv4-address.ts'
import type { Ipv4Address } from '../address/ipv4-address.ts'
import { BindError } from './bind-error.ts'
import { DatagramDescriptor } from './datagram-descriptor.ts'
import type { DatagramArrival } from './datagram-port.ts'
import { interfaceIndexOf, interfaceNameOf } from './interface-names.ts'
import { SystemCallError } from './libc.ts'
import { watchReadable } from './readiness.ts'
import type { Watch } from './readiness.ts'
import { Remembered } from './remembered.ts'
import type { UdpCounters, UdpDatagram, UdpDestination, UdpSocket, UdpSocketOptions } from './udp-socket.ts'

export function openDirectSocket(options: UdpSocketOptions): UdpSocket {
  const { address, port, interfaceName, broadcast = false, sharesPort = false } = options
  try {
    const descriptor = new DatagramDescriptor({
      address: ipv4ToNumber(address),
      port,
      interfaceName,
      broadcast,
      shareAddress: sharesPort,
    })
    return new DirectUdpSocket(descriptor, options.onDatagram)
  } catch (error) {
    if (!(error instanceof SystemCallError)) throw error
    throw new BindError({ service: options.service ?? 'UDP', address, port, sharesPort }, error.code, error)
  }
}

class DirectUdpSocket implements UdpSocket {
  readonly localPort: number
  readonly #descriptor: DatagramDescriptor
  readonly #watch: Watch
  readonly #onDatagram: UdpSocketOptions['onDatagram']
  /** While a batch is read, answers collect and leave together. */
  #reading = false
  #flushDue = false

  constructor(descriptor: DatagramDescriptor, onDatagram: UdpSocketOptions['onDatagram']) {
    this.#descriptor = descriptor
    this.#onDatagram = onDatagram
    this.localPort = descriptor.localPort
    this.#watch = watchReadable(descriptor.descriptor, () => this.#read(), 'urgent')
  }

  get counters(): UdpCounters {
    return this.#descriptor.counters
  }

  #read(): number {
    this.#reading = true
    try {
      return this.#descriptor.receive((datagram) => this.#onDatagram(told(datagram)))
    } finally {
      this.#reading = false
      this.#descriptor.flush()
    }
  }

  send(bytes: Uint8Array, to: UdpDestination): void {
    this.#descriptor.queue(bytes, {
      address: addressNumbers.get(to.address),
      port: to.port,
      fromAddress: to.fromAddress === undefined ? 0 : addressNumbers.get(to.fromAddress),
      interfaceIndex: to.interfaceName === undefined ? 0 : interfaceIndexOf(to.interfaceName),
      segmentBytes: to.segmentBytes ?? bytes.length,
    })
    if (this.#reading || this.#flushDue) return
    this.#flushDue = true
    queueMicrotask(() => {
      this.#flushDue = false
      this.#descriptor.flush()
    })
  }

  async close(): Promise<void> {
    this.#watch.close()
    this.#descriptor.close()
  }
}

function told(datagram: DatagramArrival): UdpDatagram {
  const bytes = copied(datagram.bytes)
  const sourceAddress = addressTexts.get(datagram.sourceAddress)
  const { sourcePort, interfaceIndex } = datagram
  if (interfaceIndex === 0) return { bytes, sourceAddress, sourcePort }
  return {
    bytes,
    sourceAddress,
    sourcePort,
    localAddress: addressTexts.get(datagram.destinationAddress),
    interfaceAddress: addressTexts.get(datagram.interfaceAddress),
    interfaceName: interfaceNameOf(interfaceIndex),
  }
}

/** From Node's pool: memory of its own for each datagram takes longer than copying it. */
function copied(bytes: Uint8Array): Uint8Array {
  const { buffer, byteOffset, length } = Buffer.from(bytes)
  return new Uint8Array(buffer, byteOffset, length)
}

const addressTexts = new Remembered<number, Ipv4Address>(ipv4FromNumber)
const addressNumbers = new Remembered<Ipv4Address, number>(ipv4ToNumber)
