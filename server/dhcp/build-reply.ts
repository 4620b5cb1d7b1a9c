/**
 * From an answer to the packet that says it: RFC 2131 table 3, RFC 3046, RFC 4578, RFC 6842, PXE 2.1 and the UEFI
 * specification's HTTP boot. What boot data looks like is in boot-options.ts. Nothing is decided here: an answer that
 * the mode does not allow, such as a NAK beside another DHCP server, becomes no packet at all.
 */

import { unspecifiedAddress, type Ipv4Address } from '../address/ipv4-address.ts'
import { encodeText } from '../wire/ascii.ts'
import { OptionCode } from '../wire/dhcp-option-code.ts'
import { maximumMessageSizeOf, MessageType } from '../wire/dhcp-option-values.ts'
import { OptionList, type DhcpOption, type DhcpOptions } from '../wire/dhcp-options.ts'
import {
  BOOTREPLY,
  broadcastFlag,
  maximumMessageSizeMin,
  type DhcpPacket,
  type EncodeLimits,
} from '../wire/dhcp-packet.ts'
import { addressOctets } from '../wire/encoded-once.ts'
import { relayAgentInformationOf } from '../wire/relay-agent-information.ts'
import { bootFields, type BootFields } from './boot-options.ts'
import type { BootPart, DhcpAnswer, Responder } from './dhcp-answer.ts'
import type { DhcpClient } from './dhcp-client.ts'
import { leaseOptions, networkOptions } from './lease-options.ts'

export function buildReply(client: DhcpClient, answer: DhcpAnswer, responder: Responder): DhcpPacket | undefined {
  switch (answer.kind) {
    case 'proxy-offer':
    case 'proxy-ack':
      return proxyReply(client, answer, responder)
    case 'offer':
    case 'ack':
      return leaseReply(client, answer, responder)
    case 'inform-ack':
      return informReply(client, answer, responder)
    case 'nak':
      return nak(client, answer.reason, responder)
    default:
      return answer satisfies never
  }
}

/** What the reply may weigh: option 57, and 576 octets for a client that says nothing (D4-13). */
export function replyLimits(request: DhcpPacket): EncodeLimits {
  return { maximumMessageSize: maximumMessageSizeOf(request) ?? maximumMessageSizeMin }
}

function proxyReply(
  client: DhcpClient,
  answer: Extract<DhcpAnswer, { kind: 'proxy-offer' | 'proxy-ack' }>,
  responder: Responder,
): DhcpPacket | undefined {
  const fields = bootOf(client, answer, responder)
  if (fields === undefined) return undefined
  const isOffer = answer.kind === 'proxy-offer'
  const ciaddr = isOffer ? unspecifiedAddress : client.packet.ciaddr
  return reply(client, {
    ciaddr,
    // The client has no address that we know, so it, or its relay, must broadcast (R14, L04).
    flags: ciaddr === unspecifiedAddress ? client.packet.flags | broadcastFlag : client.packet.flags,
    fields,
    options: [...typeAndServer(isOffer ? 'DHCPOFFER' : 'DHCPACK', responder.serverAddress), ...fields.options],
  })
}

function leaseReply(
  client: DhcpClient,
  answer: Extract<DhcpAnswer, { kind: 'offer' | 'ack' }>,
  responder: Responder,
): DhcpPacket | undefined {
  if (responder.mode !== 'full') return undefined
  const fields = bootOf(client, answer, responder)
  const isOffer = answer.kind === 'offer'
  return reply(client, {
    ciaddr: isOffer ? unspecifiedAddress : client.packet.ciaddr,
    yiaddr: answer.lease.address,
    ...(fields === undefined ? {} : { fields }),
    options: [
      ...typeAndServer(isOffer ? 'DHCPOFFER' : 'DHCPACK', serverIdentifier(client, responder)),
      ...leaseOptions(answer.lease, client.packet),
      ...(fields?.options ?? []),
    ],
  })
}

/** RFC 2131 section 4.3.5: no lease time and no `yiaddr` (D4-10, D20). */
function informReply(
  client: DhcpClient,
  answer: Extract<DhcpAnswer, { kind: 'inform-ack' }>,
  responder: Responder,
): DhcpPacket | undefined {
  if (responder.mode !== 'full') return undefined
  const fields = bootOf(client, answer, responder)
  return reply(client, {
    ciaddr: client.packet.ciaddr,
    ...(fields === undefined ? {} : { fields }),
    options: [
      ...typeAndServer('DHCPACK', serverIdentifier(client, responder)),
      ...(answer.network === undefined ? [] : networkOptions(answer.network)),
      ...(fields?.options ?? []),
    ],
  })
}

function nak(client: DhcpClient, reason: string, responder: Responder): DhcpPacket | undefined {
  if (responder.mode !== 'full') return undefined
  const relayed = client.packet.giaddr !== unspecifiedAddress
  return reply(client, {
    // RFC 2131 section 4.3.2: behind a relay the NAK must be broadcast, for the client's address is the wrong one.
    flags: relayed ? client.packet.flags | broadcastFlag : client.packet.flags,
    options: [
      ...typeAndServer('DHCPNAK', serverIdentifier(client, responder)),
      [OptionCode.message, encodeText(reason.replaceAll(/[^ -~]/g, '?').slice(0, messageBytesLimit))],
    ],
  })
}

/** A message for people fits beside everything else. */
const messageBytesLimit = 80

function bootOf(client: DhcpClient, answer: { readonly kind: string; readonly boot?: BootPart }, responder: Responder) {
  if (client.boot === undefined || answer.boot === undefined) return undefined
  const isOffer = answer.kind === 'offer' || answer.kind === 'proxy-offer'
  const isProxy = answer.kind === 'proxy-offer' || answer.kind === 'proxy-ack'
  return bootFields(client.boot, answer.boot, {
    request: client.packet,
    isProxy,
    isOffer,
    serverAddress: responder.serverAddress,
  })
}

/** RFC 5107: a relay may put itself in our place, and then the client must hear that address from us. */
function serverIdentifier(client: DhcpClient, responder: Responder): Ipv4Address {
  return relayAgentInformationOf(client.packet).serverIdentifierOverride ?? responder.serverAddress
}

function typeAndServer(type: keyof typeof messageTypeOctets, serverAddress: Ipv4Address): readonly DhcpOption[] {
  return [
    [OptionCode.messageType, messageTypeOctets[type]],
    [OptionCode.serverIdentifier, addressOctets(serverAddress)],
  ]
}

const messageTypeOctets = {
  DHCPOFFER: Uint8Array.of(MessageType.DHCPOFFER),
  DHCPACK: Uint8Array.of(MessageType.DHCPACK),
  DHCPNAK: Uint8Array.of(MessageType.DHCPNAK),
} as const

interface ReplyParts {
  readonly options: readonly DhcpOption[]
  readonly fields?: BootFields
  readonly ciaddr?: Ipv4Address
  readonly yiaddr?: Ipv4Address
  readonly flags?: number
}

/** RFC 2131 table 3: what every reply copies from the request, and the options that are echoed (R13, D4-17, D4-18). */
function reply(client: DhcpClient, parts: ReplyParts): DhcpPacket {
  const request = client.packet
  const options = [...parts.options]
  for (const code of echoedCodes) {
    const value = request.options.get(code)
    if (value !== undefined) options.push([code, value])
  }
  return {
    op: BOOTREPLY,
    htype: request.htype,
    hops: 0,
    xid: request.xid,
    secs: 0,
    flags: parts.flags ?? request.flags,
    ciaddr: parts.ciaddr ?? unspecifiedAddress,
    yiaddr: parts.yiaddr ?? unspecifiedAddress,
    siaddr: parts.fields?.siaddr ?? unspecifiedAddress,
    giaddr: request.giaddr,
    chaddr: request.chaddr,
    sname: '',
    file: parts.fields?.file ?? '',
    options: inRequestedOrder(options, request),
  }
}

const echoedCodes = [
  OptionCode.clientMachineIdentifier,
  OptionCode.clientIdentifier,
  OptionCode.relayAgentInformation,
] as const

const firstCodes: readonly number[] = [OptionCode.messageType, OptionCode.serverIdentifier, OptionCode.leaseTime]
/** Least needed when room is short, and as long as the client likes. */
const lateCodes: readonly number[] = [OptionCode.clientIdentifier, OptionCode.relayAgentInformation]

/** RFC 2132 section 9.8: try to keep the order of option 55; what was not asked for follows, and is sent all the same (R20). */
function inRequestedOrder(options: readonly DhcpOption[], request: DhcpPacket): DhcpOptions {
  const requested = request.options.get(OptionCode.parameterRequestList)
  const ordered: DhcpOption[] = []
  const ranks: number[] = []
  // Few and nearly in order: each goes up from the end to where it belongs.
  for (const option of options) {
    const own = rankOf(option[0], requested)
    let at = ordered.length
    for (; at > 0 && (ranks[at - 1] ?? 0) > own; at--) {
      ranks[at] = ranks[at - 1] ?? 0
      ordered[at] = ordered[at - 1] ?? option
    }
    ranks[at] = own
    ordered[at] = option
  }
  return new OptionList(ordered)
}

/** Less comes first; equals stay as they are. */
function rankOf(code: number, requested: Uint8Array | undefined): number {
  const first = firstCodes.indexOf(code)
  if (first !== -1) return first
  const late = lateCodes.indexOf(code)
  if (late !== -1) return rank.late + late
  const asked = requested === undefined ? -1 : requested.indexOf(code)
  return asked === -1 ? rank.notAsked : rank.asked + asked
}

/** Far apart: option 55 in several pieces (RFC 3396) may list a thousand codes. */
const rank = { asked: 10, notAsked: 100_000, late: 100_001 } as const
