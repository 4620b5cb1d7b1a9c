/**
 * The servers that are measured, each on a host of its own in the private network, on its usual ports, all pinned to one
 * core. How Reveille is started is in `reveille-server.ts`, and how the others are in `peer-servers.ts`.
 */

import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { addHost, ip, runOn, type Bridge, type Host } from '../lab/network.ts'
import type { Protocol } from './cases.ts'
import { enterGroup, leaveGroup, type Measured } from './process-tree.ts'
import {
  startAtftpd,
  startDnsmasq,
  startDnsmasqWithoutLeaseFile,
  startExpress,
  startKea,
  startNginx,
  startTftpd,
  startWs,
} from './peer-servers.ts'
import { startReveille, startUnsynced } from './reveille-server.ts'

export interface BenchNetwork {
  readonly bridge: Bridge
  /** Holds the files that all servers serve, and a folder for each server. */
  readonly directory: string
}

/** Absent: Ethernet's MTU, and the kernel hands a window on in one piece as far as it can. */
export interface NetworkShape {
  readonly mtu: number
  readonly segmentation?: 'software'
}

export interface RunningServer {
  readonly address: string
  readonly port: number
  readonly measured: Measured
  /** Of an administrator of the site. */
  readonly token?: string
  stop(): Promise<void>
}

export interface StartedServer extends Pick<RunningServer, 'token' | 'stop'> {
  readonly pid: number
}

/** What a server is started with. */
export interface Place {
  readonly address: string
  readonly port: number
  /** Of its own. */
  readonly folder: string
  readonly files: string
  readonly host: Host
  readonly protocol: Protocol
}

const servers = {
  reveille: { address: '10.77.1.1', port: 8080, start: startReveille },
  /** What is promised of a lease is then what Kea and dnsmasq promise. */
  'reveille-unsynced': { address: '10.77.1.6', port: 8080, start: startUnsynced },
  dnsmasq: { address: '10.77.1.2', port: 0, start: startDnsmasq },
  'dnsmasq-no-lease-file': { address: '10.77.1.7', port: 0, start: startDnsmasqWithoutLeaseFile },
  'tftpd-hpa': { address: '10.77.1.3', port: 0, start: startTftpd },
  atftpd: { address: '10.77.1.8', port: 0, start: startAtftpd },
  kea: { address: '10.77.1.4', port: 0, start: startKea },
  nginx: { address: '10.77.1.5', port: 80, start: startNginx },
  express: { address: '10.77.1.9', port: 80, start: startExpress },
  ws: { address: '10.77.1.10', port: 80, start: startWs },
} as const

type Served = keyof typeof servers
/** `in-loop` is no server: SQLite in the thread that answers, which the load of the store does itself. */
export type ServerName = Served | 'in-loop'

export const filesFolder = 'files'
export const loadAddress = '10.77.0.254'

let hostsMade = 0

export function isServed(name: ServerName): name is Served {
  return name !== 'in-loop'
}

export async function startMeasured(
  name: Served,
  { bridge, directory }: BenchNetwork,
  { protocol, network }: { readonly protocol: Protocol; readonly network?: NetworkShape },
): Promise<RunningServer> {
  const { address, port, start } = servers[name]
  const number = hostsMade++
  const folder = join(directory, `${name}-${number}`)
  await mkdir(folder, { recursive: true })
  const host = await addHost(`h${number}`, [{ bridge, address: `${address}/16` }])
  await runOn(host, 'ip', 'route', 'add', 'default', 'via', loadAddress)
  if (network !== undefined) await shape(host, network)
  const server = await start({ address, port, folder, files: join(directory, filesFolder), host, protocol })
  const measured = enterGroup(server.pid)
  return {
    ...server,
    measured,
    address,
    port,
    async stop() {
      await server.stop()
      leaveGroup(measured)
      await host.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function shape(host: Host, { mtu, segmentation }: NetworkShape): Promise<void> {
  await ip('link', 'set', `rv-${host.name}0`, 'mtu', String(mtu))
  await runOn(host, 'ip', 'link', 'set', 'eth0', 'mtu', String(mtu))
  if (segmentation === 'software') await runOn(host, 'ethtool', '--offload', 'eth0', 'tx-udp-segmentation', 'off')
}
