/**
 * A UDP socket for many datagrams: what arrives is looked at where it lies, what goes is put together where it is sent from.
 * Two kinds: `datagram-descriptor.ts` (system calls, batches, windows cut by the kernel) and `plain-datagram-port.ts`
 * (`node:dgram`, which works everywhere). Addresses are 32-bit numbers in network order: nothing here is worth a text a packet.
 */

/** One datagram. There is one such object for all of a thread: it is good until the callback returns. */
export class DatagramArrival {
  octets: Uint8Array = new Uint8Array(0)
  /** Where it lies in `octets`. */
  start = 0
  length = 0
  sourceAddress = 0
  sourcePort = 0
  /** From the IP header: may be a broadcast address. 0: not known. */
  destinationAddress = 0
  /** The address of the interface it came in by. 0: not known. */
  interfaceAddress = 0
  /** 0: not known. */
  interfaceIndex = 0

  get bytes(): Uint8Array {
    return this.octets.subarray(this.start, this.start + this.length)
  }
}

export interface OutgoingDatagram {
  readonly address: number
  readonly port: number
  /** 0: the routing table decides. */
  readonly fromAddress: number
  /** 0: likewise. */
  readonly interfaceIndex: number
  /**
   * The octets are datagrams of this size, the last may be shorter: one call sends a whole window. What is queued next for the
   * same place may go along. 0: one datagram by itself.
   */
  readonly segmentBytes: number
}

/** Datagrams since the socket was opened: received, among them too long and dropped, sent, and failed to be sent. */
export interface DatagramCounters {
  received: number
  receivedTooLong: number
  sent: number
  sendFailed: number
}

export interface DatagramPort {
  readonly localPort: number
  readonly counters: Readonly<DatagramCounters>
  /** Where in `octets` so many may be written now. Then `commit`, before anything else is sent by this thread. */
  room(bytes: number): number
  /** May be another memory after each `room`. */
  readonly octets: Uint8Array
  /** What was written will leave, at the latest with `flush`. What is lost on the way is counted: the protocols repeat themselves. */
  commit(bytes: number, to: OutgoingDatagram): void
  flush(): void
}

/** Of UDP over IPv4. */
export const datagramBytesMax = 65_507
/** What the kernel cuts from one window at most: UDP_MAX_SEGMENTS of older kernels (udp(7)). */
export const segmentsMax = 64
