/** A network behind a router, whose relay agent (ISC's dhcrelay) takes DHCP to servers on the near side. */

import { addHost, ip, runOn, startOn, type Bridge, type Host } from './network.ts'
import type { Program } from './program.ts'

export interface RouterCables {
  /** Where we are; with the length of the prefix, as `10.0.0.2/24`. */
  readonly near: { readonly bridge: Bridge; readonly address: string }
  readonly far: { readonly bridge: Bridge; readonly address: string; readonly network: string }
}

/** Its cables are `eth0` to the near side and `eth1` to the far one; we know the way to the far network. */
export async function addRouter({ near, far }: RouterCables): Promise<Host & { stop(): Promise<void> }> {
  const router = await addHost('router', [near, far])
  await runOn(router, 'sh', '-c', 'echo 1 > /proc/sys/net/ipv4/ip_forward')
  await ip('route', 'add', far.network, 'via', near.address.replace(/\/.*/, ''))
  return router
}

/** Option 82 is added on the way up and taken out on the way down. */
export async function startRelay(router: Host, servers: readonly string[]): Promise<Program> {
  const relay = await startOn(router, 'dhcrelay', ['-4', '-d', '-a', '-id', 'eth1', '-iu', 'eth0', ...servers])
  await relay.says(/Sending on\s+Socket/)
  return relay
}
