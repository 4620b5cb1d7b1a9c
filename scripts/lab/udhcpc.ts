/** BusyBox's DHCP client on a host of the private network: an independent client that renews and releases when told. */

import { chmod, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { waitFor } from '../wait-for.ts'
import { startOn } from './network.ts'
import type { Host } from './network.ts'

/** What its script is called with: `bound`, `renew`, `deconfig`, `leasefail`, `nak`. */
interface LeaseEvent {
  readonly event: string
  readonly address: string
  readonly router: string
  readonly leaseSeconds: number
  readonly bootFile: string
}

export interface Udhcpc {
  /** The next event of this name that nobody has waited for yet. */
  next(event: string): Promise<LeaseEvent>
  renew(): void
  release(): void
  stop(): Promise<void>
}

const script = `#!/bin/sh
case "$1" in
  bound|renew) ip addr flush dev "$interface"; ip addr add "$ip/$mask" dev "$interface"
    [ -n "$router" ] && ip route replace default via "$router" ;;
  deconfig) ip addr flush dev "$interface" ;;
esac
echo "event=$1 address=$ip router=$router lease=$lease bootfile=$boot_file"
`

const patienceMs = 10_000

export async function startUdhcpc(host: Host, directory: string, flags: readonly string[] = []): Promise<Udhcpc> {
  const path = join(directory, 'udhcpc.sh')
  await writeFile(path, script)
  await chmod(path, 0o755)
  // One try a second, forever; option 66 and 67 are asked for.
  const words = ['-i', 'eth0', '-f', '-s', path, '-t', '3', '-T', '1', '-A', '1', ...flags]
  const program = await startOn(host, 'udhcpc', words)
  let taken = 0
  const next: Udhcpc['next'] = (event) =>
    waitFor(
      `udhcpc to say ${event}`,
      (saw) => {
        const events = program.said().split('\n').slice(0, -1).flatMap(readEvent)
        saw(events)
        const at = events.findIndex((one, index) => index >= taken && one.event === event)
        if (at === -1) return undefined
        taken = at + 1
        return events[at]
      },
      { withinMs: patienceMs },
    )
  return {
    next,
    renew: () => program.signal('SIGUSR1'),
    release: () => program.signal('SIGUSR2'),
    async stop() {
      await program.stop()
    },
  }
}

function readEvent(line: string): readonly LeaseEvent[] {
  const values = new Map([...line.matchAll(/(\w+)=(\S*)/g)].map(([, name = '', value = '']) => [name, value]))
  const event = values.get('event')
  if (event === undefined) return []
  const of = (name: string): string => values.get(name) ?? ''
  return [
    {
      event,
      address: of('address'),
      router: of('router'),
      leaseSeconds: Number(of('lease')),
      bootFile: of('bootfile'),
    },
  ]
}
