/**
 * Where a machine fetches a content (S5-032, S5-033): distribution points of its boundary, then, where the deployment lets it,
 * all others, then those that are the site's default; last the site's own server, which has everything and serves everybody,
 * so that no machine is stranded. There are no peers to ask, and a neighbour is any other point.
 */

import { type Ipv4Address, ipv4ToNumber, isInSubnet } from '../address/ipv4-address.ts'
import type { DeploymentOptions } from '../site/deployment-options.ts'
import type { DistributionPoint } from '../site/distribution-point.ts'

/** A point that said nothing for so long is not counted on: whoever cannot reach the site can let no new run fetch. */
export const silentPointMs = 600_000

export interface PointWithContent {
  readonly point: Pick<DistributionPoint, 'baseUrl' | 'networks' | 'isDefault'>
  /** Complete and hashed, as the point said last; absent: none. */
  readonly installedVersion?: number
  readonly heardAtMs: number
}

export interface Locating {
  readonly version: number
  readonly points: readonly PointWithContent[]
  /** Absent: in no boundary. */
  readonly address?: Ipv4Address | undefined
  readonly options: Pick<DeploymentOptions, 'useRemoteDistributionPoint' | 'useDefaultSiteDistributionPoint'>
  readonly siteUrl: string
  readonly nowMs: number
}

/** Base addresses in the order in which they are tried. The last is the site's; there is always one. */
export function contentLocations(locating: Locating): readonly string[] {
  const { version, points, address, options, siteUrl, nowMs } = locating
  const having = points
    .filter(({ installedVersion, heardAtMs }) => installedVersion === version && nowMs - heardAtMs < silentPointMs)
    .map(({ point }) => ({ point, near: nearness(point, address) }))
  const local = having.filter(({ near }) => near >= 0).toSorted((a, b) => b.near - a.near)
  const nearest = local.filter(({ near }) => near === local[0]?.near)
  const bases = [
    ...inTurn(nearest, address),
    ...local.slice(nearest.length),
    ...(options.useRemoteDistributionPoint ? inTurn(having, address) : []),
    ...(options.useDefaultSiteDistributionPoint
      ? inTurn(
          having.filter(({ point }) => point.isDefault),
          address,
        )
      : []),
  ].map(({ point }) => point.baseUrl)
  return [...new Set(bases.filter((base) => base !== siteUrl)), siteUrl]
}

/** Bits of the smallest network of its boundary that has the address; -1: none has it. */
function nearness({ networks }: PointWithContent['point'], address: Ipv4Address | undefined): number {
  if (address === undefined) return -1
  const having = networks.filter((network) => isInSubnet(address, network))
  return Math.max(-1, ...having.map(({ prefixLength }) => prefixLength))
}

/** Machines of one network begin with different points, so that as near ones share the load. */
function inTurn<T>(points: readonly T[], address: Ipv4Address | undefined): readonly T[] {
  if (points.length === 0 || address === undefined) return points
  const first = ipv4ToNumber(address) % points.length
  return [...points.slice(first), ...points.slice(0, first)]
}
