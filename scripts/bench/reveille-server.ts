/** Reveille as the product's own process, with its database, at log level `warn`. */

import { join } from 'node:path'
import { startServer } from '../lab/server-process.ts'
import { deployToUnknown } from '../lab/site-setup.ts'
import { pinned, pool } from './bench-addresses.ts'
import type { Protocol } from './cases.ts'
import type { Place, StartedServer } from './peers.ts'

const full = ['--dhcp', 'full', '--pool', `${pool.first}-${pool.last}`, '--subnet', pool.subnet]
const dhcp = [...full, '--unknown-computers', 'allow']
/** All pages of the bench come from one address. */
const pages = ['--dhcp', 'off', '--unknown-computers', 'allow', '--connections-per-address', '4000']

const flags: Readonly<Partial<Record<Protocol, readonly string[]>>> = { dhcp, mixed: dhcp, progress: pages }

export async function startReveille(place: Place): Promise<StartedServer> {
  return start(place, [])
}

export async function startUnsynced(place: Place): Promise<StartedServer> {
  return start(place, ['--lease-sync', 'false'])
}

async function start({ address, port, folder, files, host, protocol }: Place, more: readonly string[]) {
  const own = flags[protocol]
  const server = await startServer({
    dataDirectory: join(folder, 'data'),
    http: `${address}:${port}`,
    prefix: pinned(host),
    flags: [
      '--interface',
      'eth0',
      '--boot-files',
      files,
      '--log-level',
      'warn',
      ...(own ?? ['--dhcp', 'off']),
      ...more,
    ],
  })
  // So that each machine is told a boot file, as with the peers, and may start a run.
  if (own !== undefined) await deployToUnknown(server, folder)
  return { pid: server.pid, token: server.token, stop: async () => void (await server.stop()) }
}
