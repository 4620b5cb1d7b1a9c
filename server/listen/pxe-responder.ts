/**
 * THE PIPELINE: datagram -> decode -> classify -> look up facts -> decide -> build -> encode -> send. Read this first.
 * Ports 67 and 4011 and every mode come through here; what is answered is decided by the pure folders, one step each
 * (design 1.2). Nothing is recorded by an offer: firmware repeats itself, and the same request gets the same answer.
 */

import { unspecifiedAddress, type Ipv4Address, type Ipv4Subnet } from '../address/ipv4-address.ts'
import type { MacAddress } from '../address/mac-address.ts'
import type { BootDecision } from '../boot/boot-decision.ts'
import type { BootFacts, BootPolicy } from '../boot/boot-facts.ts'
import { decideBoot } from '../boot/decide.ts'
import { networkBootProgram, type NetworkBootProgram } from '../boot/network-boot-program.ts'
import { printPlatform } from '../boot/platform-architecture.ts'
import type { PxeClient } from '../boot/pxe-client.ts'
import type { ServerUrl } from '../boot/server-url.ts'
import type { Observation, Observed } from '../contract/progress.ts'
import { buildReply, replyLimits } from '../dhcp/build-reply.ts'
import { classify } from '../dhcp/classify.ts'
import { destinationOf } from '../dhcp/destination.ts'
import type { BootPart, DhcpAnswer, Responder } from '../dhcp/dhcp-answer.ts'
import type { BootRequest, DhcpClient, ServerPort } from '../dhcp/dhcp-client.ts'
import { mayRelay } from '../dhcp/relays.ts'
import { routeOf, type Route } from '../dhcp/route.ts'
import { DecodeError } from '../wire/decode-error.ts'
import { decodeDhcpPacket, dhcpPacketRoom, encodeDhcpPacket, type DhcpPacket } from '../wire/dhcp-packet.ts'
import { printDhcpLine, printXid } from '../wire/dhcp-summary.ts'
import type { AddressService } from './address-service.ts'
import type { Log } from './log-port.ts'
import type { UdpDatagram, UdpDestination } from './udp-socket.ts'

export interface PxeResponderOptions {
  readonly mode: 'proxy' | 'full' | 'off'
  readonly facts: { about(client: PxeClient): BootFacts | Promise<BootFacts> }
  readonly policy: BootPolicy
  /** In `full` mode: who gives addresses. */
  readonly addresses?: AddressService
  /** Relays that are answered; none listed: all. */
  readonly relays: readonly Ipv4Subnet[]
  /** Our address towards a datagram that came without one: where the system does not tell the interface. */
  readonly fallbackAddress: Ipv4Address
  readonly serverUrl: (address: Ipv4Address) => ServerUrl
  readonly observe: (observed: Observed) => void
  /** This address is this machine's, as far as it says so: for showing downloads in the right lane. */
  readonly learned: (address: Ipv4Address, lane: MacAddress) => void
  /** One more datagram of this kind: the label of a counter. */
  readonly count: (label: string) => void
  readonly log: Log
  readonly nowMs: () => number
}

export interface PxeResponder {
  /**
   * Undefined: it is done; most answers are made in the very turn in which the datagram came. Never throws or rejects: what goes
   * wrong with one datagram is counted and logged, and the next one is served.
   */
  answer(datagram: UdpDatagram, port: ServerPort, send: Send): Promise<void> | undefined
}

type Send = (bytes: Uint8Array, to: UdpDestination) => void

export function createPxeResponder(options: PxeResponderOptions): PxeResponder {
  /** `send` copies. */
  const room = new Uint8Array(dhcpPacketRoom)
  const failed = (error: unknown): void => {
    if (error instanceof DecodeError) return options.count(error.code)
    options.count('failed')
    options.log.error('a DHCP message could not be answered', { error: String(error) })
  }
  const say = (conversation: Conversation, answer: DhcpAnswer | undefined, send: Send): undefined => {
    const { client, responder } = conversation
    const reply = answer && buildReply(client, answer, responder)
    if (reply === undefined) return
    const to = destinationFor(reply, conversation)
    send(encodeDhcpPacket(reply, replyLimits(client.packet), room), to)
    options.count('answered')
    options.log.debug(() => `sent ${printDhcpLine(reply)}`, { to: to.address, port: to.port })
  }
  const proceed = (
    conversation: Conversation,
    facts: BootFacts | undefined,
    send: Send,
  ): Promise<undefined> | undefined => {
    const { boot } = conversation.client
    const answering = answerTo(conversation, boot && facts && bootPartFor(boot, facts, conversation))
    if (!(answering instanceof Promise)) return say(conversation, answering, send)
    return answering.then((answer) => say(conversation, answer, send))
  }
  return {
    answer(datagram, port, send) {
      try {
        const conversation = begin(datagram, port, options)
        if (conversation === undefined) return undefined
        const { boot } = conversation.client
        const facts = boot && options.facts.about(boot.client)
        const pending =
          facts instanceof Promise
            ? facts.then((known) => proceed(conversation, known, send))
            : proceed(conversation, facts, send)
        return pending?.catch(failed)
      } catch (error) {
        failed(error)
        return undefined
      }
    },
  }
}

interface Conversation {
  readonly options: PxeResponderOptions
  readonly datagram: UdpDatagram
  readonly client: DhcpClient
  readonly route: Exclude<Route, { kind: 'silent' }>
  readonly responder: Responder
}

/** Undefined: it gets no answer, which is counted and said. */
function begin(datagram: UdpDatagram, port: ServerPort, options: PxeResponderOptions): Conversation | undefined {
  const { count, log } = options
  const packet = decodeDhcpPacket(datagram.bytes)
  const silence = (label: string, reason: string): undefined => {
    count(label)
    log.debug(() => `no answer: ${reason}`, { xid: printXid(packet), from: datagram.sourceAddress })
  }
  log.debug(() => `received ${printDhcpLine(packet)}`, { from: datagram.sourceAddress, port })
  if (!mayRelay(packet.giaddr, options.relays)) {
    return silence('unknown-relay', `the relay ${packet.giaddr} is not listed`)
  }
  const client = classify(packet, port)
  if (client.kind === 'not-for-us') return silence(client.count, client.reason)
  const serverAddress = datagram.interfaceAddress ?? options.fallbackAddress
  // There is no server identifier that its link could reach (D4-28).
  if (serverAddress === unspecifiedAddress) return silence('no-own-address', 'the interface has no address of ours')
  if (packet.ciaddr !== unspecifiedAddress) options.learned(packet.ciaddr, client.macAddress)
  const route = routeOf(client, options.mode)
  if (route.kind === 'silent') return silence('silent', route.reason)
  return { options, datagram, client, route, responder: { mode: options.mode, serverAddress } }
}

/** Undefined: silence. */
function answerTo(
  { options, client, route, responder: { serverAddress } }: Conversation,
  boot: BootPart | undefined,
): DhcpAnswer | undefined | Promise<DhcpAnswer | undefined> {
  if (route.kind === 'boot-only') return boot && { kind: route.answer, boot }
  return options.addresses?.answer(client, { serverAddress, boot })
}

/** Where the reply goes; what it tells about the machine's address is noted. */
function destinationFor(reply: DhcpPacket, { options, datagram, client, responder }: Conversation): UdpDestination {
  if (reply.yiaddr !== unspecifiedAddress && client.messageType === 'DHCPREQUEST') {
    options.learned(reply.yiaddr, client.macAddress)
  }
  const { port } = client
  const { sourceAddress, sourcePort, interfaceName } = datagram
  const to = destinationOf(client.packet, reply, { port, sourceAddress, sourcePort })
  const destination = { address: to.address, port: to.port, fromAddress: responder.serverAddress }
  return interfaceName === undefined || !to.broadcast ? destination : { ...destination, interfaceName }
}

/** Undefined: nothing to boot, which in every mode means that no boot file is named (D23). */
function bootPartFor(
  request: BootRequest,
  facts: BootFacts,
  { options, client, responder: { serverAddress } }: Conversation,
): BootPart | undefined {
  const decided = decide(request, facts, options)
  // Said when the machine begins to ask, not with every message of one conversation.
  if (client.messageType === 'DHCPDISCOVER') options.observe(observed(client, options, requestOf(request)))
  if (client.messageType === 'DHCPDISCOVER' || client.port === 4011) tellDecision(client, decided, options)
  const { program } = decided
  if (program.kind === 'none') return undefined
  if (program.kind === 'tftp') return { kind: 'tftp', file: program.file }
  return { kind: 'http', url: `${options.serverUrl(serverAddress)}${program.path}` }
}

interface Decided {
  readonly decision: BootDecision
  /** What the machine is to load first. */
  readonly program: NetworkBootProgram
  /** Absent: an unknown computer. */
  readonly deviceName: string | undefined
}

function decide({ client }: BootRequest, facts: BootFacts, { policy }: PxeResponderOptions): Decided {
  const decision = decideBoot(client, facts, policy)
  const deviceName = facts.devices.find(({ id }) => id === decision.deviceId)?.name
  return { decision, program: networkBootProgram(client, decision), deviceName }
}

function requestOf({ client: { platform, stage, smbiosGuid } }: BootRequest): Observation {
  const known = { kind: 'dhcp-request', platform: printPlatform(platform), stage } as const
  return smbiosGuid === undefined ? known : { ...known, smbiosGuid }
}

/** To the page and to the log. */
function tellDecision(
  client: DhcpClient,
  { decision, program, deviceName }: Decided,
  options: PxeResponderOptions,
): void {
  const missing = program.kind === 'none' ? program.reason : undefined
  const boots = decision.kind === 'boot' && missing === undefined
  const text = boots
    ? `Boots ${decision.bootImage.name}: ${decision.reason}`
    : `${decision.kind === 'ignore' ? 'Gets no answer' : 'Goes on to its own disk'}: ${missing ?? decision.reason}`
  const boot: Observation = {
    kind: 'boot-decided',
    decision: boots ? 'boot' : decision.kind === 'ignore' ? 'ignore' : 'continue-to-local-disk',
    text,
    prompt: decision.kind === 'boot' && decision.prompt !== undefined,
    ...(decision.deviceId === undefined ? {} : { deviceId: decision.deviceId }),
    ...(deviceName === undefined ? {} : { name: deviceName }),
  }
  options.observe(observed(client, options, boot))
  options.log.info(text, {
    device: client.macAddress,
    xid: printXid(client.packet),
    ...(decision.rejected.length > 0 ? { rejected: decision.rejected } : {}),
    ...(client.remarks.length > 0 ? { remarks: client.remarks } : {}),
  })
}

function observed({ macAddress }: DhcpClient, { nowMs }: PxeResponderOptions, observation: Observation): Observed {
  return { lane: macAddress, atMs: nowMs(), observation }
}
