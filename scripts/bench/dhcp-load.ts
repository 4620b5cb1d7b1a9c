/**
 * DHCP load, after perfdhcp: a number of exchanges at once, each DISCOVER, OFFER, REQUEST, ACK of a machine nobody has
 * seen before, with the options of UEFI firmware, through a relay. Checks of every answer: transaction, hardware address,
 * message type, the same address in OFFER and ACK, and that nobody else got that address.
 */

import { randomInt } from 'node:crypto'
import { encodeIpv4Address, ipv4ToNumber, unspecifiedAddress } from '../../server/address/ipv4-address.ts'
import type { Ipv4Address } from '../../server/address/ipv4-address.ts'
import { assert } from '../../server/assert.ts'
import { DatagramDescriptor } from '../../server/listen/datagram-descriptor.ts'
import { whyNoSystemCalls } from '../../server/listen/libc.ts'
import { ReadinessSet } from '../../server/listen/readiness-set.ts'
import { BOOTREPLY, BOOTREQUEST, decodeDhcpPacket, encodeDhcpPacket } from '../../server/wire/dhcp-packet.ts'
import { encodeText } from '../../server/wire/ascii.ts'
import { MessageType } from '../../server/wire/dhcp-option-values.ts'
import { LoadMeter, type LoadTime } from './load-result.ts'

export interface DhcpLoad extends LoadTime {
  readonly address: string
  /** Ours: where answers come to, on port 67. */
  readonly relayAddress: string
  readonly inFlight: number
}

interface Exchange {
  readonly xid: number
  readonly hardwareAddress: Uint8Array
  offered: Uint8Array | undefined
  /** The last message, to be said again. */
  packet: Uint8Array
  saidAtMs: number
}

const relayPort = 67
const saidAgainMs = 1_000
const waitMs = 10
const ticksEveryMs = 50
const offsets = { xid: 4, yiaddr: 16, chaddr: 28, options: 240 } as const
const code = { requestedAddress: 50, messageType: 53, serverIdentifier: 54, end: 255 } as const

const load = JSON.parse(process.argv[2] ?? '') as DhcpLoad
const reason = whyNoSystemCalls()
if (reason !== undefined) throw new Error(reason)
console.log(JSON.stringify(run(load)))

function run({ address, relayAddress, inFlight, ...time }: DhcpLoad) {
  const to = { address: ipv4ToNumber(address as Ipv4Address), port: relayPort, fromAddress: 0, interfaceIndex: 0 }
  const socket = new DatagramDescriptor({
    address: ipv4ToNumber(relayAddress as Ipv4Address),
    port: relayPort,
    interfaceName: undefined,
    broadcast: false,
    shareAddress: false,
  })
  const ready = new ReadinessSet()
  ready.add(socket.descriptor, 0)
  const meter = new LoadMeter(time)
  const discover = template('DHCPDISCOVER', relayAddress)
  const request = template('DHCPREQUEST', relayAddress)
  const exchanges = new Map<number, Exchange>()
  const given = new Set<number>()
  let machines = randomInt(1, 0xff_00_00_00)
  let failed = 0
  let repeats = 0

  const say = (exchange: Exchange): void => {
    exchange.saidAtMs = performance.now()
    socket.queue(exchange.packet, { ...to, segmentBytes: 0 })
  }
  const begin = (): void => {
    machines = (machines + 1) >>> 0
    const hardwareAddress = Uint8Array.of(2, 0, machines >>> 24, machines >>> 16, machines >>> 8, machines)
    const xid = machines
    const packet = addressed(discover, xid, hardwareAddress)
    const exchange: Exchange = { xid, hardwareAddress, offered: undefined, packet, saidAtMs: 0 }
    exchanges.set(xid, exchange)
    say(exchange)
  }
  const take = (bytes: Uint8Array): void => {
    assert(bytes[0] === BOOTREPLY, 'a server sends replies')
    const exchange = exchanges.get(uint32(bytes, offsets.xid))
    // A second answer to something that was said twice.
    if (exchange === undefined) return
    assert(isEqual(bytes, offsets.chaddr, exchange.hardwareAddress), 'an answer is for the machine that asked')
    const options = findOptions(bytes)
    const offered = bytes.slice(offsets.yiaddr, offsets.yiaddr + 4)
    if (exchange.offered === undefined && options.messageType === MessageType.DHCPOFFER) {
      assert(options.serverIdentifier !== undefined, 'an offer names its server')
      exchange.offered = offered
      exchange.packet = addressed(request, exchange.xid, exchange.hardwareAddress)
      exchange.packet.set(offered, findOption(exchange.packet, code.requestedAddress))
      exchange.packet.set(options.serverIdentifier, findOption(exchange.packet, code.serverIdentifier))
      return say(exchange)
    }
    if (exchange.offered === undefined || options.messageType === MessageType.DHCPOFFER) return
    exchanges.delete(exchange.xid)
    if (options.messageType === MessageType.DHCPACK) {
      assert(isEqual(offered, 0, exchange.offered), 'the address of the ACK is that of the offer')
      const leased = uint32(offered, 0)
      assert(!given.has(leased), 'no two machines get one address')
      given.add(leased)
      meter.count(1)
    } else failed++
    begin()
  }

  for (let each = 0; each < inFlight; each++) begin()
  socket.flush()
  let checked = false
  let tickAtMs = 0
  for (let nowMs = performance.now(); meter.goesOn(nowMs); nowMs = performance.now()) {
    if (ready.wait(waitMs).length > 0) {
      socket.receive(({ bytes }) => {
        // One answer is read whole, so that a server without boot options is not compared with one that has them.
        if (!checked) checked = namesBootFile(bytes)
        take(bytes)
      })
      socket.flush()
    }
    if (nowMs < tickAtMs) continue
    tickAtMs = nowMs + ticksEveryMs
    for (const exchange of exchanges.values()) {
      if (nowMs - exchange.saidAtMs < saidAgainMs) continue
      if (meter.started) repeats++
      say(exchange)
    }
    socket.flush()
  }
  assert(checked, 'the server answered')
  const result = meter.result(1, { failed, repeats })
  socket.close()
  ready.close()
  return result
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
