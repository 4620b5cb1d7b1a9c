/** BusyBox's DHCP client on a host of the private network: an independent client that renews and releases when told. */

import { once } from 'node:events'
import { chmod, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
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
  const child = startOn(host, 'udhcpc', words)
  const events: LeaseEvent[] = []
  const waiting = new Set<() => void>()
  let text = ''
  child.stdout?.on('data', (chunk: Buffer) => {
    text += chunk.toString()
    const lines = text.split('\n')
    text = lines.pop() ?? ''
    events.push(...lines.flatMap(readEvent))
    for (const look of waiting) look()
  })
  child.stderr?.resume()
  return {
    next: (event) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          waiting.delete(look)
          reject(new Error(`udhcpc never said ${event}: ${JSON.stringify(events)}`))
        }, patienceMs)
        const look = (): void => {
          const at = events.findIndex((one) => one.event === event)
          if (at === -1) return
          clearTimeout(timer)
          waiting.delete(look)
          const [found] = events.splice(0, at + 1).slice(-1)
          if (found !== undefined) resolve(found)
        }
        waiting.add(look)
        look()
      }),
    renew: () => void child.kill('SIGUSR1'),
    release: () => void child.kill('SIGUSR2'),
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return
      child.kill('SIGKILL')
      await once(child, 'exit')
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
