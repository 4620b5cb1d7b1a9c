/**
 * Peers with the settings that a careful administrator would choose, quiet logs included, since none of them is measured
 * writing lines.
 */

import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { startProgram } from '../lab/program.ts'
import { waitUntil } from '../wait-for.ts'
import { pinned, pool } from './bench-addresses.ts'
import type { Place, StartedServer } from './peers.ts'
import { atftpd } from './unpacked-atftpd.ts'

export async function startDnsmasq(place: Place): Promise<StartedServer> {
  return dnsmasq(place, [`--dhcp-leasefile=${join(place.folder, 'leases')}`])
}

/** It forgets its leases when it ends. */
export async function startDnsmasqWithoutLeaseFile(place: Place): Promise<StartedServer> {
  return dnsmasq(place, ['--leasefile-ro'])
}

async function dnsmasq(place: Place, leases: readonly string[]): Promise<StartedServer> {
  const { address, folder, files, protocol } = place
  const common = ['--keep-in-foreground', '--conf-file=/dev/null', '--port=0', '--user=root', '--interface=eth0']
  const tftp = ['--enable-tftp', `--tftp-root=${files}`, '--tftp-max=12000', '--quiet-tftp']
  const dhcp = [
    `--dhcp-range=${pool.first},${pool.last},${pool.netmask},1h`,
    `--dhcp-boot=loader.bin,bench,${address}`,
    '--dhcp-lease-max=1000000',
    '--no-ping',
    '--quiet-dhcp',
    ...leases,
  ]
  const logs = [`--log-facility=${join(folder, 'log')}`, `--pid-file=${join(folder, 'pid')}`]
  const serves = { tftp, dhcp, mixed: [...tftp, ...dhcp], http: [], progress: [], store: [] }[protocol]
  return started(place, ['dnsmasq', ...common, ...serves, ...logs])
}

/** Alone, without inetd, as Debian's service runs it. */
export async function startTftpd(place: Place): Promise<StartedServer> {
  const pid = `--pidfile=${join(place.folder, 'pid')}`
  const alone = ['--foreground', '--user', 'root', '--address', '0.0.0.0:69']
  return started(place, ['in.tftpd', ...alone, pid, '--secure', place.files])
}

/** A thread for each transfer; its usual bound is 100 of them. */
export async function startAtftpd(place: Place): Promise<StartedServer> {
  const log = ['--verbose=0', `--logfile=${join(place.folder, 'log')}`, `--pidfile=${join(place.folder, 'pid')}`]
  const alone = ['--daemon', '--no-fork', '--user', 'root.root', '--maxthread', '12000']
  return started(place, [atftpd, ...alone, ...log, place.files])
}

/** The default back end: a lease file that is appended to and not synced. */
export async function startKea(place: Place): Promise<StartedServer> {
  const { address, folder } = place
  const settings = {
    Dhcp4: {
      'interfaces-config': { interfaces: ['eth0'], 'dhcp-socket-type': 'udp' },
      'lease-database': { type: 'memfile', persist: true, name: join(folder, 'leases.csv') },
      'valid-lifetime': 3_600,
      'client-classes': [
        { name: 'pxe', test: 'option[93].hex == 0x0007', 'next-server': address, 'boot-file-name': 'loader.bin' },
      ],
      subnet4: [{ id: 1, subnet: pool.subnet, pools: [{ pool: `${pool.first} - ${pool.last}` }] }],
      loggers: [{ name: 'kea-dhcp4', severity: 'ERROR', output_options: [{ output: join(folder, 'log') }] }],
    },
  }
  const file = join(folder, 'kea.json')
  await writeFile(file, JSON.stringify(settings))
  const environment = { KEA_PIDFILE_DIR: folder, KEA_LOCKFILE_DIR: folder, KEA_LOGGER_DESTINATION: 'stderr' }
  return started(place, ['kea-dhcp4', '-c', file], environment)
}

/** The best settings that were found for large files: performance.md of the project, section 5.1. */
export async function startNginx(place: Place): Promise<StartedServer> {
  const { port, folder, files } = place
  const settings = `
    daemon off; worker_processes 1; user root; pid ${join(folder, 'pid')}; error_log ${join(folder, 'log')} crit;
    events { worker_connections 1024; }
    http {
      access_log off; sendfile on; tcp_nopush off; tcp_nodelay on; sendfile_max_chunk 512k; keepalive_requests 100000000;
      client_body_temp_path ${folder}/a; proxy_temp_path ${folder}/b; fastcgi_temp_path ${folder}/c;
      uwsgi_temp_path ${folder}/d; scgi_temp_path ${folder}/e; open_file_cache max=100;
      server { listen ${port}; location /boot/files/ { alias ${files}/; } }
    }`
  const file = join(folder, 'nginx.conf')
  await writeFile(file, settings)
  return answering(place, ['nginx', '-p', folder, '-c', file])
}

export async function startExpress(place: Place): Promise<StartedServer> {
  return answering(place, [process.execPath, script('express-server.ts'), String(place.port), place.files])
}

export async function startWs(place: Place): Promise<StartedServer> {
  return answering(place, [process.execPath, script('ws-server.ts'), String(place.port)])
}

function script(name: string): string {
  return join(import.meta.dirname, name)
}

async function started(
  { host }: Place,
  command: readonly string[],
  environment: NodeJS.ProcessEnv = {},
): Promise<StartedServer> {
  const program = await startProgram([...pinned(host), ...command], { environment })
  void program.exited.then((code) => {
    if (code !== 0 && code !== null) console.error(`${command[0] ?? ''} ended with ${code}: ${program.said()}`)
  })
  return { pid: program.pid, stop: async () => void (await program.stop('SIGTERM')) }
}

async function answering(place: Place, command: readonly string[]): Promise<StartedServer> {
  const { address, port } = place
  const server = await started(place, command)
  const isReached = async (): Promise<boolean> => {
    const socket = connect(port, address)
    const reached = await once(socket, 'connect').then(
      () => true,
      () => false,
    )
    socket.destroy()
    return reached
  }
  await waitUntil(`an answer at ${address}:${port}`, isReached, { withinMs: 10_000, everyMs: 50 })
  return server
}
