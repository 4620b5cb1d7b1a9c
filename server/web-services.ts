/** Wires what is spoken over HTTP: boot files, the agent's routes, the API, the page. */

import type { KeyObject } from 'node:crypto'
import type { Server } from 'node:http'
import { existsSync } from 'node:fs'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { Registry } from 'prom-client'
import { loopbackAddress, parseIpv4Address } from './address/ipv4-address.ts'
import { serverUrl } from './boot/server-url.ts'
import { bootPolicy } from './boot-policy.ts'
import type { Config } from './config.ts'
import { adoptBootImage } from './content/adopt-boot-image.ts'
import type { ContentLibrary } from './content/content-library.ts'
import type { UserStateFolder } from './content/user-state-folder.ts'
import { createHttpApp } from './http/app.ts'
import { BootFileDirectory } from './http/boot-file-directory.ts'
import type { ExtraBootFiles, HttpDependencies } from './http/dependencies.ts'
import { MachineAddresses, plainAddress } from './http/machine-addresses.ts'
import { createHttpServer } from './http/server-limits.ts'
import type { Log } from './listen/log-port.ts'
import type { LoadMeter } from './metrics/load-meter.ts'
import { findNeighbour } from './listen/neighbour-table.ts'
import { findInterfaces } from './listen/network-interfaces.ts'
import type { Services } from './network-services.ts'
import type { Secret } from './secret.ts'
import type { Store } from './store/ports.ts'

export interface WebServicesOptions {
  readonly config: Config
  readonly store: Store
  readonly library: ContentLibrary
  readonly userState: UserStateFolder
  readonly mediaKey: KeyObject
  readonly log: Log
  readonly metrics: Registry
  readonly load: LoadMeter
  readonly nowMs: () => number
  readonly wake: HttpDependencies['wake']
  readonly setupCode?: Secret
}

export interface WebServices extends Services {
  /** For the administrator's browser. */
  readonly url: string
  readonly addresses: MachineAddresses
  readonly bootFiles: ExtraBootFiles
}

const consoleDirectory = join(import.meta.dirname, '../build/console')
/** Running downloads may finish; then connections are cut. */
const graceMs = 5_000

export async function openWebServices(options: WebServicesOptions): Promise<WebServices> {
  const { config, log } = options
  const addresses = new MachineAddresses((ipAddress) => {
    const address = parseIpv4Address(ipAddress)
    return address === undefined ? undefined : findNeighbour(address)
  })
  const bootFiles =
    config.bootFilesDirectory === undefined ? noBootFiles : await BootFileDirectory.open(config.bootFilesDirectory)
  const app = await createHttpApp({ ...options, ...httpSettings(options), addresses, bootFiles })
  const server = createHttpServer(app, { connectionsOfAddressMax: config.connectionsPerAddress })
  const services = await listen(server, config, log)
  const { host } = config.http
  const shown =
    host === '0.0.0.0' || host === '::'
      ? (findInterfaces(config.interfaces).found[0]?.address ?? loopbackAddress)
      : host
  return {
    services,
    reading: app.reading,
    addresses,
    bootFiles,
    url: `http://${shown.includes(':') ? `[${shown}]` : shown}:${portOf(server, config)}`,
    async close() {
      await app.close()
      server.close()
      server.closeIdleConnections()
      const cut = setTimeout(() => server.closeAllConnections(), graceMs)
      if (server.listening) await once(server, 'close')
      clearTimeout(cut)
    },
  }
}

const noBootFiles: ExtraBootFiles = { find: async () => undefined }

function httpSettings({ config, log, nowMs, setupCode }: WebServicesOptions) {
  const fixedHost = parseIpv4Address(config.http.host)
  const isAnyHost = config.http.host === '0.0.0.0'
  return {
    now: nowMs,
    baseUrl: (localAddress: string) => {
      const address = isAnyHost || fixedHost === undefined ? parseIpv4Address(plainAddress(localAddress)) : fixedHost
      return serverUrl(address ?? loopbackAddress, config.http.port)
    },
    networkUrls: () => {
      const { port } = config.http
      if (isAnyHost) return findInterfaces(config.interfaces).found.map(({ address }) => serverUrl(address, port))
      return fixedHost === undefined || fixedHost.startsWith('127.') ? [] : [serverUrl(fixedHost, port)]
    },
    ownMacAddresses: () => findInterfaces([]).found.map(({ macAddress }) => macAddress),
    log: {
      info: (fields: object, text: string) => log.info(text, { ...fields }),
      warn: (fields: object, text: string) => log.warn(text, { ...fields }),
      error: (fields: object, text: string) => log.error(text, { ...fields }),
    },
    site: {
      siteCode: config.siteCode,
      ...(config.organization === undefined ? {} : { organization: config.organization }),
      bootPolicy: bootPolicy(config),
      intranet: config.intranet,
      servesTftp: config.tftpPort === 69,
      localBoot: config.localBoot,
      unknownComputers: config.unknownComputers,
      knownDevices: config.knownDevices,
      uploadBytesMax: 64 * 1024 ** 3,
      shown: {
        dhcpMode: config.dhcpMode,
        unknownComputers: config.unknownComputers,
        knownDevices: config.knownDevices,
        promptSeconds: config.promptSeconds,
      },
    },
    access: {
      origins: config.origins,
      ...(config.adminToken === undefined ? {} : { administratorToken: config.adminToken }),
      ...(setupCode === undefined ? {} : { setupCode }),
      ...(config.loginTicket === undefined ? {} : { loginTicket: config.loginTicket }),
    },
    ...(existsSync(consoleDirectory) ? { consoleDirectory } : {}),
  }
}

async function listen(server: Server, config: Config, log: Log): Promise<readonly string[]> {
  const { host, port } = config.http
  server.listen(port, host)
  try {
    await once(server, 'listening')
    return [`HTTP on ${host} port ${portOf(server, config)}`]
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    const advice =
      code === 'EADDRINUSE' ? 'Another program has it: stop it, or choose another with --http' : String(error)
    log.error(`HTTP cannot use ${host} port ${port}. ${advice}`)
    return []
  }
}

function portOf(server: Server, config: Config): number {
  return (server.address() as AddressInfo | null)?.port ?? config.http.port
}

/** Boot images that `npm start` built become the site's. */
export async function adoptBuiltBootImages(
  config: Config,
  { store, library, log }: Pick<WebServicesOptions, 'store' | 'library' | 'log'>,
): Promise<void> {
  const records = {
    list: () => store.bootImages.list(),
    create: async (draft: Parameters<Store['bootImages']['create']>[0]) => {
      const edit = await store.bootImages.create(draft)
      if (edit.kind === 'saved') return edit.value.id
      throw new Error(edit.kind === 'refused' ? edit.reason : edit.kind)
    },
    addContent: async (...args: Parameters<Store['addContent']>) => {
      const edit = await store.addContent(...args)
      if (edit.kind !== 'saved') throw new Error(edit.kind === 'refused' ? edit.reason : edit.kind)
    },
  }
  const adopted = await adoptBootImage(join(config.dataDirectory, 'boot-images/x64'), records, library)
  if (adopted.kind === 'added' || adopted.kind === 'updated') log.info(`${adopted.name} was ${adopted.kind}`)
}
