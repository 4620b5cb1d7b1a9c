/**
 * Puts a command into a network namespace of its own, as root or, where the system allows user namespaces, without.
 * `node scripts/private-network.ts COMMAND…` ends with the command's exit code.
 */

import { spawn, spawnSync } from 'node:child_process'

export type Isolation =
  | { readonly kind: 'possible'; readonly prefix: readonly string[] }
  | { readonly kind: 'impossible'; readonly reason: string }

export function findIsolation(): Isolation {
  // With process numbers of its own, whatever was started inside ends with the command.
  const spaces = ['--net', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc']
  const options = process.getuid?.() === 0 ? spaces : ['--user', '--map-root-user', ...spaces]
  const probe = spawnSync('unshare', [...options, 'ip', 'tuntap', 'add', 'probe', 'mode', 'tap'], { encoding: 'utf8' })
  if (probe.status === 0) return { kind: 'possible', prefix: ['unshare', ...options, '--'] }
  return { kind: 'impossible', reason: explain(probe.error?.message ?? probe.stderr) }
}

function explain(message: string): string {
  if (/ENOENT/.test(message)) return 'unshare (util-linux) or ip (iproute2) is not installed'
  if (/\/dev\/net\/tun/.test(message) || /open: /.test(message)) {
    return `/dev/net/tun cannot be opened (${message.trim()}). Let a virtual machine have a network card: chmod 666 /dev/net/tun, or run as root`
  }
  return `no private network namespace (${message.trim()}). Run as root, or allow user namespaces: sysctl -w kernel.unprivileged_userns_clone=1`
}

if (import.meta.main) {
  const isolation = findIsolation()
  if (isolation.kind === 'impossible') {
    console.error(`reveille: ${isolation.reason}`)
    process.exit(1)
  }
  const [program = '', ...args] = [...isolation.prefix, ...process.argv.slice(2)]
  const child = spawn(program, args, { stdio: 'inherit' })
  // unshare ignores other signals while it waits; what it started dies with it.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill('SIGKILL'))
  child.on('exit', (code, signal) => process.exit(signal === null ? (code ?? 1) : 1))
}
