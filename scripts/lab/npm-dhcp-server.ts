/**
 * The site's DHCP server as npm's `dhcp`: the simplest server that machines meet. It dies when a
 * machine asks for an option that it can read and has no setting for, so each of those is given one.
 */

import { createRequire } from 'node:module'

interface Option {
  readonly type: string
  readonly config?: string
  readonly enum?: unknown
}

interface NpmDhcp {
  addOption(code: number, option: Option): void
  createServer(settings: object): { on(event: string, heard: (...told: unknown[]) => void): void; listen(): void }
}

const require = createRequire(import.meta.url)
const dhcp = require('dhcp') as NpmDhcp
const { opts: known } = require('dhcp/lib/options.js') as { opts: Readonly<Record<string, Option>> }
const [server = '', first = '', last = ''] = process.argv.slice(2)
const messageType = 53
for (const [code, option] of Object.entries(known)) {
  if (option.config !== undefined || Number(code) === messageType) continue
  const { type } = option
  dhcp.addOption(Number(code), { ...option, type, enum: undefined, config: `option${code}` })
}
const running = dhcp.createServer({
  range: [first, last],
  netmask: '255.255.255.0',
  server,
  leaseTime: 600,
  broadcast: '255.255.255.255',
})
running.on('error', (error) => console.error(String(error)))
running.on('listening', () => console.log('listening'))
running.listen()
