/**
 * What single clients are granted at most, for firmware that fails above certain sizes and networks that carry more or
 * less than others (T05, T06, T25). Such clients do not say what they are, so they are told apart by their hardware
 * address, whose beginning is the manufacturer's, or by their network.
 */

import type { Ipv4Address, Ipv4Subnet } from '../address/ipv4-address.ts'
import { isInSubnet } from '../address/ipv4-address.ts'
import type { MacAddress } from '../address/mac-address.ts'
import type { TftpLimits } from './negotiate.ts'

export interface TftpLimitRule {
  readonly whose:
    | { readonly kind: 'network'; readonly subnet: Ipv4Subnet }
    | { readonly kind: 'card'; readonly prefix: string }
  readonly limits: Partial<TftpLimits>
}

/** Of the rule that says most about who the client is: a card before a network, and the longer before the shorter. */
export function limitsOfClient(
  rules: readonly TftpLimitRule[],
  address: Ipv4Address,
  macAddress: () => MacAddress | undefined,
): Partial<TftpLimits> {
  // Looked up once at most: it may be in the kernel's table alone, and anybody may ask for files.
  const card = rules.some(({ whose }) => whose.kind === 'card') ? macAddress() : undefined
  const found = rules.filter(({ whose }) =>
    whose.kind === 'network' ? isInSubnet(address, whose.subnet) : card?.startsWith(whose.prefix),
  )
  return found.sort((one, other) => precision(other) - precision(one))[0]?.limits ?? {}
}

/** Bits of an IPv4 address, or after them the characters of a hardware address. */
function precision({ whose }: TftpLimitRule): number {
  return whose.kind === 'network' ? whose.subnet.prefixLength : addressBits + whose.prefix.length
}

const addressBits = 32
