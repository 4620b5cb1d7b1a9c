/**
 * Option 82 (RFC 3046) as far as a server reads it: link selection (RFC 3527) and server identifier override
 * (RFC 5107). The option itself is echoed octet for octet, whatever it holds.
 */

import { decodeIpv4Address, type Ipv4Address } from '../address/ipv4-address.ts'
import { OptionCode } from './dhcp-option-code.ts'
import type { DhcpPacket } from './dhcp-packet.ts'
import { decodeSuboptions } from './suboptions.ts'

export interface RelayAgentInformation {
  /** The subnet the client is on, where `giaddr` names another one. */
  readonly linkSelection?: Ipv4Address
  /** The relay wants to be taken for the server, so that renewals pass through it. */
  readonly serverIdentifierOverride?: Ipv4Address
}

const linkSelection = 5
const serverIdentifierOverride = 11

/** Garbage inside counts as nothing said. */
export function relayAgentInformationOf(packet: DhcpPacket): RelayAgentInformation {
  const value = packet.options.get(OptionCode.relayAgentInformation)
  if (value === undefined) return {}
  const suboptions = decodeSuboptions(value, false)
  const link = decodeIpv4Address(suboptions?.get(linkSelection) ?? new Uint8Array(0))
  const server = decodeIpv4Address(suboptions?.get(serverIdentifierOverride) ?? new Uint8Array(0))
  return {
    ...(link === undefined ? {} : { linkSelection: link }),
    ...(server === undefined ? {} : { serverIdentifierOverride: server }),
  }
}
