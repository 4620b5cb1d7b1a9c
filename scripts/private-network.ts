/**
 * Puts a command into a network namespace of its own, as root or, where the system allows user namespaces, without.
 * `node scripts/private-network.ts COMMAND…` ends with the command's exit code.
 */

import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'

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
    return `/dev/net/tun cannot be opened (${message.trim()}). Let virtual machines have a network card: sudo chmod 666 /dev/net/tun (as on every Debian by default), or run as root`
  }
  return `no private network namespace (${message.trim()}). Run as root, or allow user namespaces: ${userNamespaceAdvice()}`
}

/** Debian and Ubuntu have a switch of their own each; the kernel's is there always. */
function userNamespaceAdvice(): string {
  const switches = [
    { file: '/proc/sys/kernel/apparmor_restrict_unprivileged_userns', allows: '0' },
    { file: '/proc/sys/kernel/unprivileged_userns_clone', allows: '1' },
    { file: '/proc/sys/user/max_user_namespaces', allows: '10000' },
  ]
  const found = switches.find(({ file, allows }) => {
    const now = existsSync(file) ? readFileSync(file, 'utf8').trim() : allows
    return file.endsWith('max_user_namespaces') ? now === '0' : now !== allows
  })
  if (found === undefined) return 'none of the known switches forbids them; a container may'
  return `sudo sysctl -w ${found.file.replace('/proc/sys/', '').replace('/', '.')}=${found.allows}`
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
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill('SIGKILL'))
  child.on('exit', (code, signal) => process.exit(signal === null ? (code ?? 1) : 1))
}
