/**
 * The network program of the boot image, run by busybox in a network of its own where `/sys/class/net` shows one wired card. Needs
 * root.
 */

import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { parseCards, wordsOf } from '../../../bootstrap/network.ts'
import { overlayFolder } from '../../../media/boot-image/image-inputs.ts'
import { moduleSelections } from '../../../media/boot-image/module-selection.ts'

const program = join(overlayFolder, 'usr/lib/reveille/network')

/** A card without a driver has no `device` in sysfs, so the test's own folder stands in for what the kernel shows. */
function inNetwork(t: ExecutionContext, commands: string, commandLine = ''): string {
  const folder = mkdtempSync(join(tmpdir(), 'reveille-network-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, 'cmdline'), `${commandLine}\n`)
  writeFileSync(join(folder, 'resolv.conf'), '')
  const script = `
    set -e
    ip link add eth7 address 52:54:00:00:00:07 type veth peer name peer7
    ip link set peer7 up
    mount -t tmpfs none /run
    mkdir /run/reveille
    mount -t tmpfs none /sys/class/net
    mkdir -p /sys/class/net/eth7/device /sys/class/net/lo
    echo 52:54:00:00:00:07 >/sys/class/net/eth7/address
    echo 1 >/sys/class/net/eth7/carrier
    mount --bind '${folder}/cmdline' /proc/cmdline
    mount --bind '${folder}/resolv.conf' "$(readlink -f /etc/resolv.conf)"
    network() { '${program}' "$@"; }
    ${commands}
  `
  const words = ['--mount', '--net', '--uts', '--propagation', 'private', 'sh', '-c', script]
  return execFileSync('unshare', words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
}

test('init and the network program are scripts that busybox reads', (t) => {
  for (const file of ['init', 'usr/lib/reveille/network', 'etc/udhcpc/default.script']) {
    t.notThrows(() => execFileSync('busybox', ['sh', '-n', join(overlayFolder, file)]))
  }
})

test('Ctrl+D does not end the keyboard of the boot image', async (t) => {
  const [keepKeyboard = 'false'] =
    /^keep_keyboard\(\) .*$/m.exec(readFileSync(join(overlayFolder, 'init'), 'utf8')) ?? []
  const words = [
    '--quiet',
    '--return',
    '--command',
    `busybox sh -c '${keepKeyboard}; keep_keyboard; echo ready; exec head -n 2'`,
  ]
  const terminal = spawn('script', [...words, '/dev/null'], { stdio: ['pipe', 'pipe', 'inherit'] })
  t.teardown(() => terminal.kill())
  let said = ''
  for await (const octets of terminal.stdout) {
    if (said === '') terminal.stdin.write('\u0004first\nsecond\n')
    said += String(octets)
  }
  t.regex(said, /first\r\nsecond\r\n[^]*first\r\nsecond\r\n/)
})

test('S6-046: cards are listed with address and link, and a fixed address is set as a person typed it', (t) => {
  const words = wordsOf({
    card: 'eth7',
    address: '10.7.0.9/24',
    gateway: '10.7.0.1',
    nameServers: ['10.7.0.1', '10.7.0.2'],
  })
  const said = inNetwork(
    t,
    `network cards; network once ${words.join(' ')}; ip -4 -o address show dev eth7; ip route; cat /etc/resolv.conf; cat /run/reveille/interface`,
  )
  t.deepEqual(parseCards(said.split('\n')[0] ?? ''), [{ name: 'eth7', macAddress: '52:54:00:00:00:07', hasLink: true }])
  t.regex(said, /eth7 has 10\.7\.0\.9\/24/)
  t.regex(said, /default via 10\.7\.0\.1 dev eth7/)
  t.regex(said, /nameserver 10\.7\.0\.1\nnameserver 10\.7\.0\.2\neth7\n/)
})

test('S6-046: what is set anew replaces what was set before, and a wrong address is an error with a number after bounded tries', (t) => {
  const said = inNetwork(
    t,
    `network once address=10.7.0.9/24; network once address=10.8.0.9/24; ip -4 -o address show dev eth7
     network once tries=2 address=10.8.0.300/24 || echo in vain`,
  )
  t.regex(said, /inet 10\.8\.0\.9\/24/)
  t.notRegex(said, /inet 10\.7\.0\.9/)
  t.regex(
    said,
    /try 2 of 2\nReveille: Error 14: eth7 \(52:54:00:00:00:07\) does not take the address 10\.8\.0\.300\/24.*\nin vain\n$/,
  )
})

test('what the kernel command line says is set as before, on the card it names', (t) => {
  const said = inNetwork(t, 'network connect', 'BOOTIF=01-52-54-00-00-00-07 reveille.address=10.7.0.9/24')
  t.is(said, 'Reveille: eth7 has 10.7.0.9/24\n')
})

test('S6-046: boot images of both variants have VLANs', (t) => {
  for (const { include } of Object.values(moduleSelections)) t.true(include.includes('net/8021q/'))
})
