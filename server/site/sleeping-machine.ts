/** What has to be known of a machine to wake it: its cards, and in which network it was heard last. */

import type { MacAddress } from '../address/mac-address.ts'
import type { Device } from './device.ts'

export interface SleepingMachine {
  readonly macAddresses: readonly MacAddress[]
  /** Where its agent spoke from. */
  readonly ipAddress?: string
  /** What it told of its cards, each an address with the length of its prefix. */
  readonly ipv4Networks?: readonly string[]
}

export function sleepingMachine({ macAddresses, inventory }: Device): SleepingMachine {
  return {
    macAddresses,
    ...(inventory === undefined ? {} : { ipAddress: inventory.ipAddress }),
    ...(inventory?.ipv4Networks === undefined ? {} : { ipv4Networks: inventory.ipv4Networks }),
  }
}
