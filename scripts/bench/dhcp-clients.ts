/**
 * DHCP clients, after perfdhcp: a number of exchanges at once, each DISCOVER, OFFER, REQUEST, ACK of a machine nobody has
 * seen before, with the options of UEFI firmware, through a relay. Checks of every answer: transaction, hardware address,
 * message type, the same address in OFFER and ACK, and that no other machine got that address.
 */

import { randomInt } from 'node:crypto'
import { encodeIpv4Address, ipv4ToNumber, unspecifiedAddress } from '../../server/address/ipv4-address.ts'
import type { Ipv4Address } from '../../server/address/ipv4-address.ts'
import { assert } from '../../server/assert.ts'
import { Waits } from '../../server/cli/load/waits.ts'
import { DatagramDescriptor } from '../../server/listen/datagram-descriptor.ts'
import type { ReadinessSet } from '../../server/listen/readiness-set.ts'
import { BOOTREPLY, BOOTREQUEST, decodeDhcpPacket, encodeDhcpPacket } from '../../server/wire/dhcp-packet.ts'
import { encodeText } from '../../server/wire/ascii.ts'
import { MessageType } from '../../server/wire/dhcp-option-values.ts'
import { type LoadMeter, Tally } from './load-result.ts'

export interface DhcpLoad {
  readonly address: string
  /** Ours: where answers come to, on port 67. */
  readonly relayAddress: string
  readonly inFlight: number
  /** They come again, so that a server's leases do not grow for ever; absent: nobody comes twice. */
  readonly machines?: number
}

interface Exchange {
  readonly xid: number
  readonly machine: number
  readonly hardwareAddress: Uint8Array
  readonly beganMs: number
  offered: Uint8Array | undefined
  /** The last message, to be said again. */
  packet: Uint8Array
  saidAtMs: number
}

const relayPort = 67
const saidAgainMs = 1_000
const ticksEveryMs = 50
const offsets = { xid: 4, yiaddr: 16, chaddr: 28, options: 240 } as const
const code = { requestedAddress: 50, messageType: 53, serverIdentifier: 54, end: 255 } as const

/** What the readiness set tells when there are answers: no client of TFTP has it. */
export const dhcpToken = 0xff_ff_ff_ff

export class DhcpClients {
  readonly #load: DhcpLoad
  readonly #meter: LoadMeter
  readonly #socket: DatagramDescriptor
  readonly #discover: Uint8Array
  readonly #request: Uint8Array
  readonly #exchanges = new Map<number, Exchange>()
  /** Which machine has an address. */
  readonly #given = new Map<number, number>()
  readonly #firstMachine = randomInt(1, 0x7f_00_00_00)
  #begun = 0
  #checked = false
  #tickAtMs = 0
  failed = 0
  repeats = 0
  readonly done: Tally
  /** Of whole exchanges. */
  readonly waits = new Waits()

  constructor(load: DhcpLoad, ready: ReadinessSet, meter: LoadMeter) {
    const { relayAddress, inFlight } = load
    this.#load = load
    this.#meter = meter
    this.#socket = new DatagramDescriptor({
      address: ipv4ToNumber(relayAddress as Ipv4Address),
      port: relayPort,
      interfaceName: undefined,
      broadcast: false,
      shareAddress: false,
    })
    ready.add(this.#socket.descriptor, dhcpToken)
    this.#discover = template('DHCPDISCOVER', relayAddress)
    this.#request = template('DHCPREQUEST', relayAddress)
    this.done = new Tally(meter)
    for (let each = 0; each < inFlight; each++) this.#begin()
    this.#socket.flush()
  }

  hear(): void {
    this.#socket.receive(({ bytes }) => {
      // One answer is read whole, so that a server without boot options is not compared with one that has them.
      if (!this.#checked) this.#checked = namesBootFile(bytes)
      this.#take(bytes)
    })
    this.#socket.flush()
  }

  turn(nowMs: number): void {
    if (nowMs < this.#tickAtMs) return
    this.#tickAtMs = nowMs + ticksEveryMs
    for (const exchange of this.#exchanges.values()) {
      if (nowMs - exchange.saidAtMs < saidAgainMs) continue
      if (this.#meter.started) this.repeats++
      this.#say(exchange)
    }
    this.#socket.flush()
  }

  close(): void {
    assert(this.#checked, 'the server answered')
    this.#socket.close()
  }

  #begin(): void {
    const { machines = Number.POSITIVE_INFINITY } = this.#load
    const machine = this.#firstMachine + (this.#begun++ % machines)
    const xid = (this.#firstMachine + this.#begun) >>> 0
    const hardwareAddress = Uint8Array.of(2, 0, machine >>> 24, machine >>> 16, machine >>> 8, machine)
    const packet = addressed(this.#discover, xid, hardwareAddress)
    const beganMs = performance.now()
    const exchange: Exchange = { xid, machine, hardwareAddress, beganMs, offered: undefined, packet, saidAtMs: 0 }
    this.#exchanges.set(xid, exchange)
    this.#say(exchange)
  }

  #say(exchange: Exchange): void {
    exchange.saidAtMs = performance.now()
    const address = ipv4ToNumber(this.#load.address as Ipv4Address)
    this.#socket.queue(exchange.packet, {
      address,
      port: relayPort,
      fromAddress: 0,
      interfaceIndex: 0,
      segmentBytes: 0,
    })
  }

  #take(bytes: Uint8Array): void {
    assert(bytes[0] === BOOTREPLY, 'a server sends replies')
    const exchange = this.#exchanges.get(uint32(bytes, offsets.xid))
    // A second answer to something that was said twice.
    if (exchange === undefined) return
    assert(isEqual(bytes, offsets.chaddr, exchange.hardwareAddress), 'an answer is for the machine that asked')
    const options = findOptions(bytes)
    const offered = bytes.slice(offsets.yiaddr, offsets.yiaddr + 4)
    if (exchange.offered === undefined && options.messageType === MessageType.DHCPOFFER) {
      assert(options.serverIdentifier !== undefined, 'an offer names its server')
      exchange.offered = offered
      exchange.packet = addressed(this.#request, exchange.xid, exchange.hardwareAddress)
      exchange.packet.set(offered, findOption(exchange.packet, code.requestedAddress))
      exchange.packet.set(options.serverIdentifier, findOption(exchange.packet, code.serverIdentifier))
      return this.#say(exchange)
    }
    if (exchange.offered === undefined || options.messageType === MessageType.DHCPOFFER) return
    this.#exchanges.delete(exchange.xid)
    if (options.messageType === MessageType.DHCPACK) {
      assert(isEqual(offered, 0, exchange.offered), 'the address of the ACK is that of the offer')
      this.#lease(exchange, uint32(offered, 0))
    } else this.failed++
    this.#begin()
  }

  #lease({ machine, beganMs }: Exchange, leased: number): void {
    assert((this.#given.get(leased) ?? machine) === machine, 'no two machines get one address')
    this.#given.set(leased, machine)
    this.done.add(1)
    if (this.#meter.started) this.waits.add(performance.now() - beganMs)
  }
}

function namesBootFile(bytes: Uint8Array): boolean {
  const packet = decodeDhcpPacket(bytes)
  assert(packet.file !== '' || packet.options.has(67), 'an answer to PXE names a boot file')
  return true
}

/** As UEFI x64 firmware says it. */
function template(type: 'DHCPDISCOVER' | 'DHCPREQUEST', relayAddress: string): Uint8Array {
  const some = encodeIpv4Address(unspecifiedAddress)
  return encodeDhcpPacket({
    op: BOOTREQUEST,
    htype: 1,
    hops: 1,
    xid: 0,
    secs: 0,
    flags: 0x8000,
    ciaddr: unspecifiedAddress,
    yiaddr: unspecifiedAddress,
    siaddr: unspecifiedAddress,
    giaddr: relayAddress as Ipv4Address,
    chaddr: new Uint8Array(6),
    sname: '',
    file: '',
    options: new Map([
      [code.messageType, Uint8Array.of(MessageType[type])],
      ...(type === 'DHCPREQUEST'
        ? [[code.requestedAddress, some] as const, [code.serverIdentifier, some] as const]
        : []),
      [57, Uint8Array.of(1472 >> 8, 1472 & 255)],
      [55, Uint8Array.of(1, 2, 3, 4, 5, 6, 12, 13, 15, 43, 54, 60, 66, 67, 97, 128, 135)],
      [93, Uint8Array.of(0, 7)],
      [94, Uint8Array.of(1, 3, 16)],
      [60, encodeText('PXEClient:Arch:00007:UNDI:003016')],
    ]),
  })
}

function addressed(packet: Uint8Array, xid: number, hardwareAddress: Uint8Array): Uint8Array {
  const copy = packet.slice()
  new DataView(copy.buffer).setUint32(offsets.xid, xid)
  copy.set(hardwareAddress, offsets.chaddr)
  return copy
}

function findOptions(bytes: Uint8Array): { messageType: number | undefined; serverIdentifier: Uint8Array | undefined } {
  const type = findOption(bytes, code.messageType)
  const server = findOption(bytes, code.serverIdentifier)
  return {
    messageType: type === 0 ? undefined : bytes[type],
    serverIdentifier: server === 0 ? undefined : bytes.slice(server, server + 4),
  }
}

/** Where the option's value begins; 0: it is not there. */
function findOption(bytes: Uint8Array, wanted: number): number {
  for (let at = offsets.options; at < bytes.length; ) {
    const found = bytes[at]
    if (found === wanted) return at + 2
    if (found === code.end) return 0
    at += found === 0 ? 1 : 2 + (bytes[at + 1] ?? 0)
  }
  return 0
}

function uint32(bytes: Uint8Array, at: number): number {
  return (
    (((bytes[at] ?? 0) << 24) | ((bytes[at + 1] ?? 0) << 16) | ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0)) >>> 0
  )
}

function isEqual(bytes: Uint8Array, at: number, wanted: Uint8Array): boolean {
  return wanted.every((octet, index) => bytes[at + index] === octet)
}
