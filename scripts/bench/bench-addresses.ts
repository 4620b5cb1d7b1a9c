/** Addresses and the core of the bench's servers, as far as several files agree on them. */

import type { Host } from '../lab/network.ts'

const serverCore = '0'

/** What servers lease, through the relay. */
export const pool = { first: '10.88.0.10', last: '10.91.255.250', subnet: '10.88.0.0/14', netmask: '255.252.0.0' }
/** Outside the pool, on the far side of the relay. */
export const relayAddress = '10.88.0.1'

/** The words before a server's command: on its host, on the core that all servers share. */
export function pinned(host: Host): readonly string[] {
  return [...host.prefix, 'taskset', '--cpu-list', serverCore]
}
