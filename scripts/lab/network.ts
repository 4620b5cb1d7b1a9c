/**
 * A private network for virtual machines: the calling process must already be alone in a network namespace
 * (scripts/private-network.ts puts it there), so nothing here can touch a real network. One bridge is the
 * cable; taps are sockets in the wall; further namespaces are other hosts: the site's DHCP server, a relay.
 */

import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { waitUntil } from '../wait-for.ts'
import { startProgram, type Program } from './program.ts'

const run = promisify(execFile)

export interface Bridge {
  readonly name: string
}

/** A further host: commands run on it through `runOn` and `startOn`. */
export interface Host {
  readonly name: string
  /** The words to put before a command so that it runs on this host. */
  readonly prefix: readonly string[]
}

/** Refuses to work in a namespace that has a way out. */
export async function assertPrivateNetwork(): Promise<void> {
  const { stdout } = await run('ip', ['-o', 'link'])
  const names = [...stdout.matchAll(/^\d+: ([^:@]+)/gm)].map((match) => match[1] ?? '')
  const foreign = names.filter((name) => !/^(lo|rv-|sit0|tunl0|gre|erspan|ip6|ip_vti|tap)/.test(name))
  if (foreign.length > 0) {
    throw new Error(
      `not in a private network namespace (found ${foreign.join(', ')}); start through scripts/private-network.ts`,
    )
  }
}

export async function ip(...args: string[]): Promise<void> {
  await run('ip', args)
}

export async function addBridge(name: string, addresses: readonly string[]): Promise<Bridge> {
  await ip('link', 'set', 'lo', 'up')
  await ip('link', 'add', name, 'type', 'bridge')
  // No spanning tree: a port forwards at once, as a real port set to "edge" does.
  for (const address of addresses) await ip('addr', 'add', address, 'dev', name)
  await ip('link', 'set', name, 'up')
  return { name }
}

export async function addTap(bridge: Bridge, name: string): Promise<string> {
  await ip('tuntap', 'add', name, 'mode', 'tap')
  await ip('link', 'set', name, 'master', bridge.name, 'up')
  return name
}

export async function removeLink(name: string): Promise<void> {
  await run('ip', ['link', 'del', name]).catch(() => undefined)
}

/** Longer than the kernel takes to see that both ends of a cable are there, which it looks at once a second. */
const patienceMs = 10_000

/**
 * Another host with one cable a bridge; what is said on a cable arrives from now on. The namespace is held open by a
 * sleeping process instead of a name under /run/netns, so that it works in a user namespace and goes away with us.
 */
export async function addHost(
  name: string,
  cables: readonly { bridge: Bridge; address?: string }[],
): Promise<Host & { stop(): Promise<void> }> {
  const holder = await startProgram(['unshare', '--net', 'sh', '-c', 'echo "holds $$"; exec sleep infinity'])
  const pid = (await holder.says(/^holds \d+/)).slice('holds '.length)
  const host: Host = { name, prefix: ['nsenter', '--net', '--target', pid, '--'] }
  await runOn(host, 'ip', 'link', 'set', 'lo', 'up')
  const outers = cables.map((_, index) => `rv-${name}${index}`)
  for (const [index, { bridge, address }] of cables.entries()) {
    const outer = outers[index] ?? ''
    const inner = `eth${index}`
    await ip('link', 'add', outer, 'type', 'veth', 'peer', 'name', inner, 'netns', pid)
    await ip('link', 'set', outer, 'master', bridge.name, 'up')
    if (address !== undefined) await runOn(host, 'ip', 'addr', 'add', address, 'dev', inner)
    await runOn(host, 'ip', 'link', 'set', inner, 'up')
    await waitUntilForwarding(outer)
  }
  return {
    ...host,
    async stop() {
      for (const outer of outers) await removeLink(outer)
      await holder.stop()
    },
  }
}

/** A bridge drops what comes in by a port until it has noticed that the port's other end is up. */
async function waitUntilForwarding(port: string): Promise<void> {
  const isForwarding = async (saw: (value: unknown) => void): Promise<boolean> => {
    const { stdout } = await run('ip', ['-details', 'link', 'show', port])
    saw(stdout)
    return /bridge_slave state forwarding/.test(stdout)
  }
  await waitUntil(`the bridge to forward what comes in by ${port}`, isForwarding, { withinMs: patienceMs })
}

/** Runs a command on a host to its end, and gives what it printed; it is an error when the command fails. */
export async function runOn(host: Pick<Host, 'prefix'>, ...command: readonly string[]): Promise<Buffer> {
  const [program = '', ...words] = [...host.prefix, ...command]
  const { stdout } = await run(program, words, { encoding: 'buffer' })
  return stdout
}

/** Starts a command on a host; the caller stops it. */
export async function startOn(host: Host, command: string, args: readonly string[]): Promise<Program> {
  return startProgram([...host.prefix, command, ...args])
}
