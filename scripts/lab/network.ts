/**
 * A private network for virtual machines: the calling process must already be alone in a network namespace
 * (scripts/private-network.ts puts it there), so nothing here can touch a real network. One bridge is the
 * cable; taps are sockets in the wall; further namespaces are other hosts: the site's DHCP server, a relay.
 */

import { execFile, spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readdir } from 'node:fs/promises'
import { promisify } from 'node:util'

const run = promisify(execFile)

export interface Bridge {
  readonly name: string
}

/** A further host: commands run in it through `command`. */
export interface Host {
  readonly name: string
  /** The words to put before a command so that it runs on this host. */
  readonly prefix: readonly string[]
}

/** Refuses to work in a namespace that has a way out. */
export async function assertPrivateNetwork(): Promise<void> {
  const links = await readdir('/sys/class/net').catch(() => [])
  const { stdout } = await run('ip', ['-o', 'link'])
  const names = [...stdout.matchAll(/^\d+: ([^:@]+)/gm)].map((match) => match[1] ?? '')
  const foreign = names.filter((name) => !/^(lo|rv-|sit0|tunl0|gre|erspan|ip6|ip_vti|tap)/.test(name))
  if (foreign.length > 0) {
    throw new Error(
      `not in a private network namespace (found ${foreign.join(', ')} of ${links.length}); start through scripts/private-network.ts`,
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

/**
 * Another host with one cable a bridge. The namespace is held open by a sleeping process instead of a name
 * under /run/netns, so that it works in a user namespace and goes away with us.
 */
export async function addHost(
  name: string,
  cables: readonly { bridge: Bridge; address?: string }[],
): Promise<Host & { stop(): void }> {
  const holder = spawn('unshare', ['--net', 'sleep', 'infinity'], { stdio: 'ignore' })
  await once(holder, 'spawn')
  const pid = String(holder.pid)
  await waitForOwnNamespace(pid)
  const prefix = ['nsenter', '--net', '--target', pid, '--']
  const inside = (...args: string[]) => run(prefix[0] ?? '', [...prefix.slice(1), 'ip', ...args])
  await inside('link', 'set', 'lo', 'up')
  for (const [index, cable] of cables.entries()) {
    const outer = `rv-${name}${index}`
    await ip('link', 'add', outer, 'type', 'veth', 'peer', 'name', `eth${index}`, 'netns', pid)
    await ip('link', 'set', outer, 'master', cable.bridge.name, 'up')
    if (cable.address !== undefined) await inside('addr', 'add', cable.address, 'dev', `eth${index}`)
    await inside('link', 'set', `eth${index}`, 'up')
  }
  return { name, prefix, stop: () => void holder.kill('SIGKILL') }
}

async function waitForOwnNamespace(pid: string): Promise<void> {
  const { readlink } = await import('node:fs/promises')
  const ours = await readlink('/proc/self/ns/net')
  for (let attempt = 0; attempt < 200; attempt++) {
    const theirs = await readlink(`/proc/${pid}/ns/net`).catch(() => ours)
    if (theirs !== ours) return
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  throw new Error('unshare --net made no namespace')
}

/** Waits until a command on a host says something, on either stream; it goes on running. */
export async function waitForOutput(child: ChildProcess, pattern: RegExp): Promise<string> {
  let said = ''
  return new Promise<string>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`ended with ${code} before it said ${String(pattern)}: ${said}`)))
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        said += chunk.toString()
        if (pattern.test(said)) resolve(said)
      })
    }
  })
}

/** Starts a command on a host (or here); the caller kills it. */
export function startOn(host: Host | undefined, command: string, args: readonly string[]): ChildProcess {
  const [program = command, ...rest] = [...(host?.prefix ?? []), command, ...args]
  return spawn(program, rest, { stdio: ['ignore', 'pipe', 'pipe'] })
}
