/**
 * A distribution point: another machine that has content of the site and sends it to running task sequences (S8-004). Its boundary
 * is the networks that it is near to. The site's own server has everything and is no object of this kind.
 */

import type { DistributionPointGroupId, DistributionPointId } from '../address/identifiers.ts'
import type { Ipv4Subnet } from '../address/ipv4-address.ts'

export interface DistributionPoint {
  readonly id: DistributionPointId
  readonly name: string
  readonly description: string
  /** As machines reach it, without a slash at the end: `http://192.0.2.7:8080`. */
  readonly baseUrl: string
  readonly networks: readonly Ipv4Subnet[]
  /** Serves machines that are in no boundary, too (S5-033). */
  readonly isDefault: boolean
  /** It fetches nothing by itself, but waits for prestaged content to be imported (S8-008). */
  readonly prestagedContentOnly: boolean
  readonly revision: number
}

/** Content goes to a group; whoever becomes a member gets what the group has (S8-007). */
export interface DistributionPointGroup {
  readonly id: DistributionPointGroupId
  readonly name: string
  readonly description: string
  readonly members: readonly DistributionPointId[]
  readonly revision: number
}

/** Ours. A boundary of more is better written as larger networks. */
export const boundaryNetworksMax = 256
export const groupMembersMax = 1_000
export const defaultGroupsMax = 20
