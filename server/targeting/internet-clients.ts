/**
 * What a client on a network that is not the site's own may start (S5-028): deployments that allow it, by whomever they are started.
 * The site says which networks are its own; until it does, all of them are. A machine that loads a boot image is never asked.
 */

import { type Ipv4Subnet, isInSubnet, loopbackAddress, parseIpv4Address } from '../address/ipv4-address.ts'
import type { DeploymentOptions } from '../site/deployment-options.ts'

export interface ClientNetwork {
  /** As the server sees it: behind a proxy or a router that translates, theirs. */
  readonly ipAddress: string
  /** None: every network is the site's own. */
  readonly intranet: readonly Ipv4Subnet[]
}

/** Undefined: it may start here. */
export function whyNotOnThisNetwork(
  { allowInternetClients }: Pick<DeploymentOptions, 'allowInternetClients'>,
  { ipAddress, intranet }: ClientNetwork,
): string | undefined {
  if (allowInternetClients || intranet.length === 0) return undefined
  const address = parseIpv4Address(ipAddress)
  const isOwn =
    address === loopbackAddress || intranet.some((subnet) => address !== undefined && isInSubnet(address, subnet))
  if (isOwn) return undefined
  return `its client is at ${ipAddress}, which is none of the site’s own networks, and internet clients are not allowed`
}
