/** Wires what listens to machines before they speak HTTP: DHCP on port 67, the boot server on 4011, TFTP. */

import { Counter, type Registry } from 'prom-client'
import type { Ipv4Address } from './address/ipv4-address.ts'
import { isInSubnet, loopbackAddress, unspecifiedAddress } from './address/ipv4-address.ts'
import { printDiscoveryScript } from './boot/ipxe-discovery-script.ts'
import { serverUrl } from './boot/server-url.ts'
import { bootPolicy } from './boot-policy.ts'
import { printFault } from './caught-error.ts'
import type { Config } from './config.ts'
import type { ContentLibrary } from './content/content-library.ts'
import type { Observed } from './contract/progress.ts'
import type { MachineAddresses } from './http/machine-addresses.ts'
import type { ExtraBootFiles } from './http/dependencies.ts'
import { isAddressInUse } from './listen/address-probe.ts'
import { openAddressService, type AddressService } from './listen/address-service.ts'
import { BindError } from './listen/bind-error.ts'
import { type DhcpServerBeside, listenForDhcp } from './listen/dhcp-listener.ts'
import type { Log } from './listen/log-port.ts'
import { findNeighbour } from './listen/neighbour-table.ts'
import { findInterfaces, type OwnInterface } from './listen/network-interfaces.ts'
import { createPxeResponder } from './listen/pxe-responder.ts'
import { siteBootFiles } from './listen/site-boot-files.ts'
import { openTftpListener } from './listen/tftp-listener.ts'
import { NetworkTraffic } from './network-traffic.ts'
import type { Reading } from './metrics/reading.ts'
import type { TransferReport } from './listen/tftp-session.ts'
import { openWakeUpSender, type WakeUpSender } from './listen/wake-up-sender.ts'
import type { Store } from './store/ports.ts'
import { limitsOfClient } from './tftp/limits-of-client.ts'

export interface NetworkServicesOptions {
  readonly config: Config
  readonly store: Store
  readonly library: ContentLibrary
  readonly bootFiles: ExtraBootFiles
  readonly addresses: MachineAddresses
  readonly log: Log
  readonly metrics: Registry
  readonly nowMs: () => number
  readonly signal: AbortSignal
}

/** The packets that wake machines, counted. */
export function openWaker({
  config,
  metrics,
}: Pick<NetworkServicesOptions, 'config' | 'metrics'>): Promise<WakeUpSender> {
  const packets = new Counter({
    name: 'reveille_wake_up_packets_total',
    help: 'Wake-up packets by whether the system took them',
    labelNames: ['outcome'],
    registers: [metrics],
  })
  const count = (outcome: 'sent' | 'failed'): void => packets.inc({ outcome })
  return openWakeUpSender({ interfaces: config.interfaces, port: config.wakeUpPort, count })
}

export interface Services {
  /** What could be started, for the first line of the log. */
  readonly services: readonly string[]
  readonly reading: () => Reading
  close(): Promise<void>
}

export async function openNetworkServices(options: NetworkServicesOptions): Promise<Services> {
  const { config, log } = options
  const interfaces = findInterfaces(config.interfaces)
  for (const name of interfaces.missing)
    log.error(`interface ${name} has no IPv4 address here: nothing is answered on it`)
  const traffic = new NetworkTraffic(options.metrics)
  const shared = { ...options, traffic, observe: observer(options) }
  const opened = [
    ...(config.dhcpMode === 'off' ? [] : [await openDhcp('DHCP', shared, interfaces.found)]),
    ...(config.bootServerPort === 0 ? [] : [await openDhcp('boot server', shared, interfaces.found)]),
    ...(config.tftpPort === 0 ? [] : [await openTftp(shared, interfaces.found)]),
  ].filter((service) => service !== undefined)
  return {
    services: opened.map(({ name }) => name),
    reading: () => traffic.reading,
    close: async () => {
      await Promise.all(opened.map(async ({ close }) => close()))
    },
  }
}

interface Shared extends NetworkServicesOptions {
  readonly traffic: NetworkTraffic
  readonly observe: (observed: Observed) => void
}

interface Opened {
  readonly name: string
  readonly close: () => Promise<void>
}

/** A port that is taken stops this service, not the others. */
async function reportBindError(log: Log, open: () => Promise<Opened>): Promise<Opened | undefined> {
  try {
    return await open()
  } catch (error) {
    if (!(error instanceof BindError)) throw error
    log.error(error.message)
    return undefined
  }
}

async function openDhcp(
  service: 'DHCP' | 'boot server',
  options: Shared,
  own: readonly OwnInterface[],
): Promise<Opened | undefined> {
  const { config, traffic, log, nowMs, store } = options
  const role = service === 'DHCP' ? 67 : 4011
  const port = service === 'DHCP' ? config.dhcpPort : config.bootServerPort
  const count = traffic.dhcpCounter(service)
  const addresses = role === 67 && config.dhcpMode === 'full' ? await openAddresses(options, { own, count }) : undefined
  const responder = createPxeResponder({
    mode: config.dhcpMode,
    facts: store,
    policy: bootPolicy(config),
    ...(addresses === undefined ? {} : { addresses }),
    relays: config.relays,
    fallbackAddress: own[0]?.address ?? loopbackAddress,
    serverUrl: (address) => serverUrl(address, config.http.port),
    observe: (observed) => {
      if (observed.observation.kind === 'dhcp-request') options.addresses.expect(observed.lane, observed.atMs)
      options.observe(observed)
    },
    learned: (address, lane) => options.addresses.remember(address, lane),
    count,
    log,
    nowMs,
  })
  return reportBindError(log, async () => {
    const socket = await listenForDhcp({
      service,
      role,
      port,
      interfaces: config.interfaces,
      ...(role === 67 && config.dhcpMode === 'proxy' ? { beside: dhcpServerBeside(options) } : {}),
      responder,
      count,
      signal: options.signal,
    })
    traffic.watchSocket(service, () => socket.counters)
    const name = service === 'DHCP' ? `DHCP ${config.dhcpMode}` : service
    return { name: `${name} on port ${socket.localPort}`, close: () => socket.close() }
  })
}

/** What is sent to one host, renewals of leases and what relays pass on, reaches one of the two, as the kernel decides. */
function dhcpServerBeside({ config, log }: NetworkServicesOptions): DhcpServerBeside {
  const { dhcpPort: port, bootServerPort } = config
  return {
    bootServerPort,
    onShared: () =>
      log.warn(
        `another program on this machine has DHCP port ${port} as well (see \`ss -lunp 'sport = :${port}'\`): both hear broadcasts, but a renewal or a relay's message reaches only one of them. Bind the DHCP server to its interfaces, or let one of the two run elsewhere`,
      ),
  }
}

/**
 * What is noticed in one turn of the loop goes to the store together. It drops what it cannot take and says so itself; nobody
 * on the way of a packet waits for it.
 */
function observer({ store, log }: NetworkServicesOptions): (observed: Observed) => void {
  let noticed: Observed[] = []
  const give = (): void => {
    const given = noticed
    noticed = []
    store
      .observe(given)
      .catch((error: unknown) => log.error('progress could not be stored', { fault: printFault(error) }))
  }
  return (observed) => {
    if (noticed.push(observed) === 1) setImmediate(give)
  }
}

async function openAddresses(
  { config, store, log, nowMs }: NetworkServicesOptions,
  { own, count }: { own: readonly OwnInterface[]; count: (label: string) => void },
): Promise<AddressService | undefined> {
  const { pool } = config
  const subnet = config.subnet ?? own.find((one) => pool !== undefined && isInSubnet(pool.first, one.subnet))?.subnet
  if (pool === undefined || subnet === undefined) {
    log.error(
      'no interface is in the network of the pool: no addresses are given. Set --subnet when machines come through a relay',
    )
    return undefined
  }
  const { router, dnsServers, leaseSeconds, reservations } = config
  const settings = {
    pools: [
      {
        name: `${pool.first}-${pool.last}`,
        ...pool,
        subnet,
        routers: router === undefined ? [] : [router],
        dnsServers,
        leaseSeconds,
        probe: true,
      },
    ],
    reservations: reservations.map(({ macAddress, address }) => ({ clientKey: macAddress, address })),
  }
  return openAddressService({ settings, store, isInUse: isAddressInUse, count, log, nowMs })
}

async function openTftp(options: Shared, own: readonly OwnInterface[]): Promise<Opened | undefined> {
  const { config, store, library, log, bootFiles } = options
  const ownAddressTowards = (client: Ipv4Address): Ipv4Address =>
    (own.find(({ subnet }) => isInSubnet(client, subnet)) ?? own[0])?.address ?? loopbackAddress
  const files = siteBootFiles({
    bootImageFiles: (id, version) => store.bootImageFiles(id, version),
    openBlob: (sha256) => library.open(sha256),
    findExtra: (name) => bootFiles.find(name),
    discoveryScript: (client) =>
      printDiscoveryScript(serverUrl(ownAddressTowards(client), config.http.port), config.localBoot),
  })
  return reportBindError(log, async () => {
    const listener = await openTftpListener({
      address: unspecifiedAddress,
      port: config.tftpPort,
      files,
      singlePort: config.tftpSinglePort,
      limitsFor: ({ address }) =>
        limitsOfClient(config.tftpLimits, address, () => options.addresses.find(address) ?? findNeighbour(address)),
      observe: (report) => observeTransfer(options, report),
      onFault: (error) => log.error('a file could not be read for TFTP', { error: String(error) }),
      signal: options.signal,
    })
    options.traffic.watchTftp(listener)
    const name = `TFTP on port ${listener.localPort} (${listener.backEnd})`
    return { name, close: () => listener.close() }
  })
}

function observeTransfer(options: Shared, { clientAddress, outcome, ...transfer }: TransferReport): void {
  const lane = options.addresses.find(clientAddress) ?? findNeighbour(clientAddress)
  if (lane === undefined) return
  options.addresses.remember(clientAddress, lane)
  const { file, bytes, totalBytes, bytesPerSecond } = transfer
  options.observe({
    lane,
    atMs: options.nowMs(),
    ipAddress: clientAddress,
    observation: {
      kind: 'transfer-progress',
      what: /vmlinuz|initrd/.test(file) ? 'boot-image' : 'loader',
      ended: outcome !== undefined,
      transfer: { protocol: 'tftp', file, bytes, totalBytes, bytesPerSecond },
    },
  })
}
