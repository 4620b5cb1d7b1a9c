/**
 * DHCP of made-up machines as a relay on this host hands it on (RFC 1542): from an address of its own, to the one server that was
 * named. It only ever sends what clients say, and hears nobody but that server. Leases are given back (DHCPRELEASE).
 */

import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import {
  encodeIpv4Address,
  parseIpv4Address,
  unspecifiedAddress,
  type Ipv4Address,
} from '../../address/ipv4-address.ts'
import { encodeMacAddress, type MacAddress } from '../../address/mac-address.ts'
import { encodeText } from '../../wire/ascii.ts'
import { DecodeError } from '../../wire/decode-error.ts'
import { OptionCode } from '../../wire/dhcp-option-code.ts'
import { addressOption, MessageType, messageTypeOf, type MessageTypeName } from '../../wire/dhcp-option-values.ts'
import { BOOTREPLY, BOOTREQUEST, decodeDhcpPacket, encodeDhcpPacket, type DhcpPacket } from '../../wire/dhcp-packet.ts'
import { bootFileIn } from './boot-file-in.ts'
import { LoadError } from './load-error.ts'
import { architecture } from './made-up-machine.ts'

export interface Booted {
  /** Name for TFTP; absent: nothing is to be booted. */
  readonly file: string | undefined
  /** Leased; absent: the server leases none and only says what to boot. */
  readonly address: Ipv4Address | undefined
}

const relayPort = 67
/** RFC 2131 section 4.1: doubled each time. */
const patienceMs = [1_000, 2_000, 4_000] as const

type Options = readonly (readonly [number, Uint8Array])[]

export class DhcpRelay {
  readonly #socket: Socket
  readonly #address: Ipv4Address
  readonly #server: { readonly address: Ipv4Address; readonly port: number }
  readonly #waiting = new Map<number, (packet: DhcpPacket) => void>()
  #xid = Math.floor(Math.random() * 2 ** 31)

  private constructor(socket: Socket, address: Ipv4Address, server: { address: Ipv4Address; port: number }) {
    this.#socket = socket
    this.#address = address
    this.#server = server
    socket.on('message', (bytes, { address: from }) => this.#hear(bytes, from))
    socket.on('error', () => undefined)
  }

  /** Throws what the system says when the port cannot be had. */
  static async open(address: Ipv4Address, server: { address: Ipv4Address; port: number }): Promise<DhcpRelay> {
    const socket = createSocket('udp4')
    const bound = once(socket, 'listening')
    socket.bind(relayPort, address)
    await bound
    return new DhcpRelay(socket, address, server)
  }

  async boot(machine: MacAddress): Promise<Booted> {
    const xid = ++this.#xid
    const offer = await this.#ask(xid, this.#message(machine, xid, 'DHCPDISCOVER', []))
    const file = bootFileIn(offer)
    // Beside another DHCP server: what to boot is all that it says.
    if (offer.yiaddr === unspecifiedAddress) return { file, address: undefined }
    const chosen: Options = [
      [OptionCode.serverIdentifier, encodeIpv4Address(serverOf(offer))],
      [OptionCode.requestedAddress, encodeIpv4Address(offer.yiaddr)],
    ]
    const ack = await this.#ask(xid, this.#message(machine, xid, 'DHCPREQUEST', chosen))
    if (messageTypeOf(ack) !== 'DHCPACK') throw new LoadError('DHCPNAK')
    if (ack.yiaddr !== offer.yiaddr) throw new LoadError('the ACK has another address than the offer')
    return { file: bootFileIn(ack) ?? file, address: ack.yiaddr }
  }

  /** Nobody answers it (RFC 2131 section 4.4.4). */
  release(machine: MacAddress, address: Ipv4Address): void {
    const server: Options = [[OptionCode.serverIdentifier, encodeIpv4Address(this.#server.address)]]
    this.#send({ ...this.#message(machine, ++this.#xid, 'DHCPRELEASE', server), ciaddr: address })
  }

  async close(): Promise<void> {
    const closed = once(this.#socket, 'close')
    this.#socket.close()
    await closed
  }

  async #ask(xid: number, packet: DhcpPacket): Promise<DhcpPacket> {
    const wanted = messageTypeOf(packet) === 'DHCPDISCOVER' ? ['DHCPOFFER'] : ['DHCPACK', 'DHCPNAK']
    for (const waitMs of patienceMs) {
      const answer = await new Promise<DhcpPacket | undefined>((resolve) => {
        const timer = setTimeout(() => resolve(undefined), waitMs)
        this.#waiting.set(xid, (heard) => {
          if (!wanted.includes(messageTypeOf(heard) ?? '')) return
          clearTimeout(timer)
          resolve(heard)
        })
        this.#send(packet)
      })
      this.#waiting.delete(xid)
      if (answer !== undefined) return answer
    }
    throw new LoadError(`no answer to ${messageTypeOf(packet) ?? 'a message'}`)
  }

  #send(packet: DhcpPacket): void {
    this.#socket.send(encodeDhcpPacket(packet), this.#server.port, this.#server.address)
  }

  #hear(bytes: Uint8Array, from: string): void {
    if (from !== this.#server.address) return
    try {
      const packet = decodeDhcpPacket(bytes)
      if (packet.op === BOOTREPLY) this.#waiting.get(packet.xid)?.(packet)
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error
    }
  }

  #message(machine: MacAddress, xid: number, type: MessageTypeName, options: Options): DhcpPacket {
    return {
      op: BOOTREQUEST,
      htype: 1,
      hops: 1,
      xid,
      secs: 0,
      flags: 0,
      sname: '',
      file: '',
      ciaddr: unspecifiedAddress,
      yiaddr: unspecifiedAddress,
      siaddr: unspecifiedAddress,
      giaddr: this.#address,
      chaddr: encodeMacAddress(machine),
      options: new Map([
        [OptionCode.messageType, Uint8Array.of(MessageType[type])],
        [OptionCode.vendorClass, encodeText(`PXEClient:Arch:${String(architecture).padStart(5, '0')}:UNDI:003016`)],
        [OptionCode.clientSystemArchitecture, Uint8Array.of(0, architecture)],
        [OptionCode.clientNetworkInterface, Uint8Array.of(1, 3, 16)],
        [OptionCode.parameterRequestList, Uint8Array.of(1, 3, 6, 43, 51, 54, 60, 66, 67, 97)],
        ...options,
      ]),
    }
  }
}

function serverOf(packet: DhcpPacket): Ipv4Address {
  const server = addressOption(packet, OptionCode.serverIdentifier)
  if (server === undefined) throw new LoadError('an offer does not name its server')
  return server
}

/** Ours on the way to it: what a relay there would be called. Nothing is sent. */
export async function addressToward(server: Ipv4Address): Promise<Ipv4Address> {
  const socket = createSocket('udp4')
  try {
    const connected = once(socket, 'connect')
    socket.connect(relayPort, server)
    await connected
    const own = parseIpv4Address(socket.address().address)
    if (own === undefined) throw new LoadError('this host has no address toward the server')
    return own
  } finally {
    socket.close()
  }
}
