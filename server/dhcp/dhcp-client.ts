/** Who sent a DHCP message, as `classify` understood it. What it should boot is not known here. */

import type { MacAddress } from '../address/mac-address.ts'
import type { PxeClient } from '../boot/pxe-client.ts'
import type { MessageTypeName } from '../wire/dhcp-option-values.ts'
import type { DhcpPacket } from '../wire/dhcp-packet.ts'

export interface DhcpClient {
  readonly kind: 'dhcp-client'
  /** Echoed fields of the reply come from here. */
  readonly packet: DhcpPacket
  readonly messageType: MessageTypeName
  readonly port: ServerPort
  readonly macAddress: MacAddress
  /** Option 61 as hexadecimal when it was sent, else `1:` and the hardware address (D4-17). */
  readonly clientKey: string
  /** Absent: an ordinary DHCP client, which gets an address in `full` mode and nothing else. */
  readonly boot?: BootRequest
  /** Oddities of the message for the log, each a whole phrase. */
  readonly remarks: readonly string[]
}

export type ServerPort = 67 | 4011

export interface BootRequest {
  readonly client: PxeClient
  /** What option 60 of the reply must say, or the firmware ignores the answer (PX-02, UH-01). */
  readonly vendorClass: 'PXEClient' | 'HTTPClient'
}

/** A message that gets no answer. `count` is the label of a counter. */
export interface NotForUs {
  readonly kind: 'not-for-us'
  readonly reason: string
  readonly count: NotForUsCount
}

export type NotForUsCount =
  | 'not-a-request'
  | 'bootp'
  | 'unexpected-message'
  | 'leasequery'
  | 'too-many-hops'
  | 'no-mac-address'
  | 'not-a-boot-client'
  | 'architecture-unclear'
