/** What is to be said to a DHCP client, before it is a packet: one variant per kind of answer, each with its own fields. */

import type { Ipv4Address } from '../address/ipv4-address.ts'

export type DhcpAnswer =
  /** Boot data beside the site's DHCP server: never an address (PX-02, R16). */
  | { readonly kind: 'proxy-offer'; readonly boot: BootPart }
  /** The answer of the boot server on port 4011, and to an INFORM in proxy mode. */
  | { readonly kind: 'proxy-ack'; readonly boot: BootPart }
  | { readonly kind: 'offer'; readonly lease: LeaseTerms; readonly boot?: BootPart }
  | { readonly kind: 'ack'; readonly lease: LeaseTerms; readonly boot?: BootPart }
  /** To a client that has its address from elsewhere (RFC 2131 section 4.3.5). */
  | { readonly kind: 'inform-ack'; readonly network?: NetworkTerms; readonly boot?: BootPart }
  | { readonly kind: 'nak'; readonly reason: string }

/** A name for TFTP, from us, or a whole URL: never one where the client expects the other (UH-03). */
export type BootPart =
  | { readonly kind: 'tftp'; readonly file: string }
  | { readonly kind: 'http'; readonly url: string }

export interface NetworkTerms {
  readonly prefixLength: number
  readonly routers: readonly Ipv4Address[]
  readonly dnsServers: readonly Ipv4Address[]
}

export interface LeaseTerms extends NetworkTerms {
  readonly address: Ipv4Address
  readonly leaseSeconds: number
}

/** The responder that answers: its mode, and its address on the interface of the request (D4-28). */
export interface Responder {
  readonly mode: 'proxy' | 'full' | 'off'
  readonly serverAddress: Ipv4Address
}
