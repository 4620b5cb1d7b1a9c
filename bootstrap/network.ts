/**
 * The network of the boot image where the agent sets it (`reveille.network=agent`): by the boot image's own program, with what
 * a person chose. It does not know pages.
 */

import { parseIpv4Address } from '../server/address/ipv4-address.ts'
import { runCommand } from './command.ts'

export interface NetworkCard {
  readonly name: string
  readonly macAddress: string
  readonly hasLink: boolean
}

/** Every member may be absent: all cards in turn, no VLAN, an address by DHCP. */
export interface NetworkSettings {
  readonly card?: string
  readonly vlan?: number
  /** With its prefix, such as `192.168.1.9/24`. */
  readonly address?: string
  readonly gateway?: string
  readonly nameServers?: readonly string[]
}

export interface Network {
  readonly cards: () => Promise<readonly NetworkCard[]>
  /** True once there is an address. What it says goes to the person at the machine. */
  readonly apply: (settings: NetworkSettings) => Promise<boolean>
  /** For ever, each card in turn, by DHCP or the kernel command line: nobody is there to be asked. */
  readonly connect: () => Promise<void>
}

const networkProgram = '/usr/lib/reveille/network'

export function bootImageNetwork(say: (line: string) => void, program = networkProgram): Network {
  const run = async (words: readonly string[]): Promise<boolean> =>
    (await runCommand({ program, arguments: words, onLine: (_stream, line) => say(line) })).exitCode === 0
  return {
    cards: async () => parseCards((await runCommand({ program, arguments: ['cards'] })).stdout),
    apply: async (settings) => run(['once', ...wordsOf(settings)]),
    connect: async () => void (await run(['connect'])),
  }
}

export function wordsOf({ card, vlan, address, gateway, nameServers = [] }: NetworkSettings): readonly string[] {
  return Object.entries({ card, vlan, address, gateway, dns: nameServers.join(',') }).flatMap(([name, value]) =>
    value === undefined || value === '' ? [] : [`${name}=${value}`],
  )
}

export function parseCards(text: string): readonly NetworkCard[] {
  return text.split('\n').flatMap((line) => {
    const [name, macAddress, link] = line.trim().split(' ')
    return name === undefined || macAddress === undefined || link === undefined
      ? []
      : [{ name, macAddress, hasLink: link === 'up' }]
  })
}

/** `192.168.1.9/24`: a host's address, where a subnet would have no bits after its prefix. */
export function isAddressWithPrefix(text: string): boolean {
  const [address = '', prefix = '', ...rest] = text.split('/')
  const isPrefix = /^[0-9]{1,2}$/.test(prefix) && Number(prefix) >= 1 && Number(prefix) <= 32
  return rest.length === 0 && isPrefix && parseIpv4Address(address) !== undefined
}
