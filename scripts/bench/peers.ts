/**
 * The servers that are measured, each on a host of its own in the private network, on its usual ports, all pinned to one
 * core. Reveille is the product's own process; peers run with settings a careful administrator would choose, quiet logs
 * included, since none of them is measured writing lines.
 */

import { once } from 'node:events'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { bootImageFiles } from '../../server/site/boot-image.ts'
import { addHost, runOn, type Bridge, type Host } from '../lab/network.ts'
import { startProgram } from '../lab/program.ts'
import { startServer } from '../lab/server-process.ts'
import { addBootImage, addTaskSequence, deploy } from '../lab/site-setup.ts'
import { waitUntil } from '../wait-for.ts'

export const serverCore = '0'

export interface BenchNetwork {
  readonly bridge: Bridge
  /** Holds the files that all servers serve, and a folder for each server. */
  readonly directory: string
  /** What `give` leases, through the relay at `relayAddress`. */
  readonly pool: { readonly first: string; readonly last: string; readonly subnet: string; readonly netmask: string }
}

export interface RunningServer {
  readonly address: string
  stop(): Promise<void>
}

export type ServerName = 'reveille' | 'reveille-unsynced' | 'dnsmasq' | 'tftpd-hpa' | 'kea' | 'nginx'
export type ServedProtocol = 'tftp' | 'dhcp' | 'http'

type Start = (place: Place, protocol: ServedProtocol) => Promise<{ stop(): Promise<void> }>

interface Place {
  readonly address: string
  readonly folder: string
  readonly files: string
  readonly host: Host
  readonly pool: BenchNetwork['pool']
}

export const filesFolder = 'files'
/** Outside the pool, on the far side of the relay. */
export const relayAddress = '10.88.0.1'
export const loadAddress = '10.77.0.254'
export const httpPorts: Readonly<Record<string, number>> = { reveille: 8080, nginx: 80 }

const addresses = {
  reveille: '10.77.1.1',
  'reveille-unsynced': '10.77.1.6',
  dnsmasq: '10.77.1.2',
  'tftpd-hpa': '10.77.1.3',
  kea: '10.77.1.4',
  nginx: '10.77.1.5',
} as const satisfies Record<ServerName, string>

let hostsMade = 0

export async function startMeasured(
  name: ServerName,
  protocol: ServedProtocol,
  { bridge, directory, pool }: BenchNetwork,
): Promise<RunningServer> {
  const address = addresses[name]
  const number = hostsMade++
  const folder = join(directory, `${name}-${number}`)
  await mkdir(folder, { recursive: true })
  const host = await addHost(`h${number}`, [{ bridge, address: `${address}/16` }])
  await runOn(host, 'ip', 'route', 'add', 'default', 'via', loadAddress)
  const place = { address, folder, files: join(directory, filesFolder), host, pool }
  const server = await starts[name](place, protocol)
  return {
    address,
    async stop() {
      await server.stop()
      await host.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

const starts = {
  reveille: startReveille,
  /** What is promised of a lease is then what Kea and dnsmasq promise. */
  'reveille-unsynced': (place, protocol) => startReveille(place, protocol, ['--lease-sync', 'false']),
  dnsmasq: startDnsmasq,
  'tftpd-hpa': startTftpd,
  kea: startKea,
  nginx: startNginx,
} as const satisfies Record<ServerName, Start>

async function startReveille(
  { address, folder, files, host, pool }: Place,
  protocol: ServedProtocol,
  more: readonly string[] = [],
) {
  const full = ['--dhcp', 'full', '--pool', `${pool.first}-${pool.last}`, '--subnet', pool.subnet]
  const dhcp = protocol === 'dhcp' ? [...full, '--unknown-computers', 'allow'] : ['--dhcp', 'off']
  const server = await startServer({
    dataDirectory: join(folder, 'data'),
    http: `${address}:${httpPorts['reveille'] ?? 0}`,
    prefix: pinned(host),
    flags: ['--interface', 'eth0', '--boot-files', files, '--log-level', 'warn', ...dhcp, ...more],
  })
  if (protocol === 'dhcp') await deployToUnknown(server, folder)
  return { stop: async () => void (await server.stop()) }
}

/** So that each machine is told a boot file, as with the peers. */
async function deployToUnknown(server: Awaited<ReturnType<typeof startServer>>, folder: string): Promise<void> {
  const names = Object.values(bootImageFiles)
  for (const name of names) {
    await mkdir(join(folder, name, '..'), { recursive: true })
    await writeFile(join(folder, name), name)
  }
  const bootImageId = await addBootImage(server, 'Bench', {
    directory: folder,
    files: names.map((name) => ({ name })),
  })
  const taskSequenceId = await addTaskSequence(server, bootImageId, { name: 'Bench', children: [] })
  const { items } = await server.call<{ items: readonly { id: string; name: string }[] }>('GET', '/api/v1/collections')
  const collectionId = items.find(({ name }) => name === 'All Unknown Computers')?.id
  if (collectionId === undefined) throw new Error('no collection of unknown computers')
  await deploy(server, { taskSequenceId, collectionId, purpose: 'available' })
}

async function startDnsmasq({ folder, files, host, pool }: Place, protocol: ServedProtocol) {
  const common = ['--keep-in-foreground', '--conf-file=/dev/null', '--port=0', '--user=root', '--interface=eth0']
  const tftp = ['--enable-tftp', `--tftp-root=${files}`, '--tftp-max=4096', '--quiet-tftp']
  const dhcp = [
    `--dhcp-range=${pool.first},${pool.last},${pool.netmask},1h`,
    '--dhcp-boot=loader.bin,bench,10.77.1.2',
    '--dhcp-lease-max=1000000',
    '--no-ping',
    '--quiet-dhcp',
    `--dhcp-leasefile=${join(folder, 'leases')}`,
  ]
  const logs = [`--log-facility=${join(folder, 'log')}`, `--pid-file=${join(folder, 'pid')}`]
  return started(host, ['dnsmasq', ...common, ...(protocol === 'tftp' ? tftp : dhcp), ...logs])
}

/** Alone, without inetd, as Debian's service runs it. */
async function startTftpd({ files, host, folder }: Place) {
  const pid = `--pidfile=${join(folder, 'pid')}`
  return started(host, [
    'in.tftpd',
    '--foreground',
    '--user',
    'root',
    '--address',
    '0.0.0.0:69',
    pid,
    '--secure',
    files,
  ])
}

/** The default back end: a lease file that is appended to and not synced. */
async function startKea({ folder, host, pool }: Place) {
  const settings = {
    Dhcp4: {
      'interfaces-config': { interfaces: ['eth0'], 'dhcp-socket-type': 'udp' },
      'lease-database': { type: 'memfile', persist: true, name: join(folder, 'leases.csv') },
      'valid-lifetime': 3_600,
      'client-classes': [
        { name: 'pxe', test: 'option[93].hex == 0x0007', 'next-server': '10.77.1.4', 'boot-file-name': 'loader.bin' },
      ],
      subnet4: [{ id: 1, subnet: pool.subnet, pools: [{ pool: `${pool.first} - ${pool.last}` }] }],
      loggers: [{ name: 'kea-dhcp4', severity: 'ERROR', output_options: [{ output: join(folder, 'log') }] }],
    },
  }
  const file = join(folder, 'kea.json')
  await writeFile(file, JSON.stringify(settings))
  const environment = { KEA_PIDFILE_DIR: folder, KEA_LOCKFILE_DIR: folder, KEA_LOGGER_DESTINATION: 'stderr' }
  return started(host, ['kea-dhcp4', '-c', file], environment)
}

/** The best settings that were found for large files: performance.md of the project, section 5.1. */
async function startNginx({ address, folder, files, host }: Place) {
  const port = httpPorts['nginx'] ?? 0
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
  const running = await started(host, ['nginx', '-p', folder, '-c', file])
  await waitForPort(address, port)
  return running
}

function pinned(host: Host): readonly string[] {
  return [...host.prefix, 'taskset', '--cpu-list', serverCore]
}

async function started(host: Host, command: readonly string[], environment: NodeJS.ProcessEnv = {}) {
  const program = await startProgram([...pinned(host), ...command], { environment })
  void program.exited.then((code) => {
    if (code !== 0 && code !== null) console.error(`${command[0] ?? ''} ended with ${code}: ${program.said()}`)
  })
  return { stop: async () => void (await program.stop('SIGTERM')) }
}

async function waitForPort(address: string, port: number): Promise<void> {
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
}
