/**
 * Which part of the responder a client's message is for, by mode and port. Beside another DHCP server only DISCOVER
 * is answered on port 67: the REQUEST there is meant for that server (PX-03, R16).
 */

import type { DhcpClient } from './dhcp-client.ts'
import type { Responder } from './dhcp-answer.ts'

export type Route =
  /** Answer with this kind when the decision is to boot, else not at all (B02, D23). */
  | { readonly kind: 'boot-only'; readonly answer: 'proxy-offer' | 'proxy-ack' }
  /** Ask the pool for an address; add boot data when the client asks for it and the decision is to boot. */
  | { readonly kind: 'address-pool' }
  | { readonly kind: 'silent'; readonly reason: string }

export function routeOf(client: DhcpClient, mode: Responder['mode']): Route {
  if (client.port === 4011) return { kind: 'boot-only', answer: 'proxy-ack' }
  switch (mode) {
    case 'full':
      return { kind: 'address-pool' }
    case 'off':
      return { kind: 'silent', reason: 'DHCP is off: only port 4011 is answered' }
    case 'proxy':
      return proxyRoute(client)
    default:
      return mode satisfies never
  }
}

function proxyRoute(client: DhcpClient): Route {
  if (client.boot === undefined) return { kind: 'silent', reason: 'no PXEClient or HTTPClient, and no addresses here' }
  if (client.messageType === 'DHCPDISCOVER') return { kind: 'boot-only', answer: 'proxy-offer' }
  if (client.messageType === 'DHCPINFORM') return { kind: 'boot-only', answer: 'proxy-ack' }
  return { kind: 'silent', reason: `${client.messageType} on port 67 is for the site's DHCP server` }
}
