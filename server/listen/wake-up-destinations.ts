/**
 * Where the packets that wake one machine go (S5-016): to everybody on each of our own networks; and when the machine was heard
 * last in another one, to its address there, which a router may still know, and to everybody there, which a router passes on
 * where its administrator allows directed broadcasts.
 */

import {
  broadcastOf,
  type Ipv4Address,
  type Ipv4Subnet,
  isInSubnet,
  parseIpv4Address,
  subnetOf,
} from '../address/ipv4-address.ts'
import type { SleepingMachine } from '../site/sleeping-machine.ts'

/** Whatever a machine tells, no packet goes to more of the world than a large site's network. */
const shortestPrefix = 16
/** Longer ones have no address that means everybody. */
const longestPrefix = 30

export function wakeUpDestinations(
  { ipAddress, ipv4Networks = [] }: Omit<SleepingMachine, 'macAddresses'>,
  own: readonly Ipv4Subnet[],
): readonly Ipv4Address[] {
  const everybodyHere = own.filter(({ prefixLength }) => prefixLength <= longestPrefix).map(broadcastOf)
  const address = parseIpv4Address(ipAddress ?? '')
  if (address === undefined || own.some((subnet) => isInSubnet(address, subnet))) return unique(everybodyHere)
  const there = ipv4Networks.flatMap((text) => {
    const [itsAddress, length] = text.split('/')
    const prefixLength = Number(length)
    const isUsable = itsAddress === address && prefixLength >= shortestPrefix && prefixLength <= longestPrefix
    return isUsable ? [broadcastOf(subnetOf(address, prefixLength))] : []
  })
  return unique([...everybodyHere, address, ...there])
}

function unique(addresses: readonly Ipv4Address[]): readonly Ipv4Address[] {
  return [...new Set(addresses)]
}
