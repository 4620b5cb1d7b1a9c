/** npm's `dhcp` as a client: one DISCOVER, and what it hears as lines of `type address`. It is ended from outside. */

import { createRequire } from 'node:module'

interface Heard {
  readonly yiaddr: string
  readonly options: Readonly<Record<number, unknown>>
}

interface NpmDhcpClient {
  on(event: 'message', heard: (packet: Heard) => void): void
  on(event: 'listening' | 'error', heard: (...told: unknown[]) => void): void
  listen(): void
  sendDiscover(): void
}

const dhcp = createRequire(import.meta.url)('dhcp') as { createClient(settings: object): NpmDhcpClient }
const client = dhcp.createClient({ mac: process.argv[2] })
client.on('error', (error) => console.error(String(error)))
client.on('message', ({ yiaddr, options }) => console.log(`${String(options[53])} ${yiaddr}`))
client.on('listening', () => client.sendDiscover())
client.listen()
