/**
 * Whether the connection of this system is metered (S5-017), as NetworkManager says: `Metered` of its D-Bus interface, a guess
 * where nobody has set it. Where NetworkManager is not at work, nobody knows.
 */

import { runCommand } from './command.ts'

const service = 'org.freedesktop.NetworkManager'
const answerSeconds = 5

export async function readMeteredConnection(): Promise<{ readonly meteredConnection?: boolean }> {
  const get = ['org.freedesktop.DBus.Properties', 'Get', 'ss', service, 'Metered']
  // Asking must not start it.
  const options = ['--auto-start=no', `--timeout=${answerSeconds}`]
  const call = ['call', service, `/${service.replaceAll('.', '/')}`, ...get]
  const { exitCode, stdout } = await runCommand({ program: 'busctl', arguments: [...options, ...call] })
  const meteredConnection = exitCode === 0 ? parseMetered(stdout) : undefined
  return meteredConnection === undefined ? {} : { meteredConnection }
}

/** NMMetered: 1 yes, 2 no, 3 probably, 4 probably not, 0 unknown. */
export function parseMetered(text: string): boolean | undefined {
  const value = /^v u ([0-9])\s*$/.exec(text)?.[1] ?? ''
  return { '1': true, '2': false, '3': true, '4': false }[value]
}
