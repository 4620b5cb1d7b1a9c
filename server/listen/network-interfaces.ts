/** The machine's own IPv4 interfaces: which ones we answer on, and our address on each. */

import { networkInterfaces } from 'node:os'
import { parseIpv4Address, subnetOf } from '../address/ipv4-address.ts'
import type { Ipv4Address, Ipv4Subnet } from '../address/ipv4-address.ts'
import { parseMacAddress } from '../address/mac-address.ts'
import type { MacAddress } from '../address/mac-address.ts'

export interface OwnInterface {
  readonly name: string
  readonly address: Ipv4Address
  readonly subnet: Ipv4Subnet
  /** All zeros on interfaces that have none, such as loopback. */
  readonly macAddress: MacAddress
}

/** What `os.networkInterfaces` gives. */
type SystemInterfaces = ReturnType<typeof networkInterfaces>

/** Loopback is left out unless it is named. Named interfaces that have no IPv4 address are reported as missing. */
export function findInterfaces(
  names: readonly string[],
  system: SystemInterfaces = networkInterfaces(),
): {
  found: readonly OwnInterface[]
  missing: readonly string[]
} {
  const all = Object.entries(system).flatMap(([name, addresses]) =>
    (addresses ?? []).flatMap((entry): OwnInterface[] => {
      const address = entry.family === 'IPv4' ? parseIpv4Address(entry.address) : undefined
      const prefixLength = Number(entry.cidr?.split('/')[1] ?? 32)
      const wanted = names.length === 0 ? !entry.internal : names.includes(name)
      if (address === undefined || !wanted) return []
      const macAddress = parseMacAddress(entry.mac) ?? noMacAddress
      return [{ name, address, subnet: subnetOf(address, prefixLength), macAddress }]
    }),
  )
  return { found: all, missing: names.filter((name) => !all.some((own) => own.name === name)) }
}

const noMacAddress = '00:00:00:00:00:00' as MacAddress
