/** A whole site for tests of the HTTP side: the real store and library in a new directory, the real server on loopback. */

import { mkdtemp, rm } from 'node:fs/promises'
import { type Server, request as httpRequest, type IncomingHttpHeaders } from 'node:http'
import { tmpdir } from 'node:os'
import { connect } from 'node:net'
import { join } from 'node:path'
import { Registry } from 'prom-client'
import { defaultSiteCode } from '../../server/address/identifiers.ts'
import { parseIpv4Address } from '../../server/address/ipv4-address.ts'
import { serverUrl } from '../../server/boot/server-url.ts'
import { ContentLibrary } from '../../server/content/content-library.ts'
import { openMediaKey } from '../../server/content/media-key.ts'
import { UserStateFolder } from '../../server/content/user-state-folder.ts'
import type { Hello } from '../../server/contract/agent.ts'
import { createHttpApp, type HttpApp } from '../../server/http/app.ts'
import type { AccessSettings, ExtraBootFiles, HttpDependencies, SiteSettings } from '../../server/http/dependencies.ts'
import type { AddressLimit } from '../../server/http/connections-of-addresses.ts'
import { MachineAddresses } from '../../server/http/machine-addresses.ts'
import { createHttpServer } from '../../server/http/server-limits.ts'
import { LoadMeter } from '../../server/metrics/load-meter.ts'
import { openWakeUpSender } from '../../server/listen/wake-up-sender.ts'
import { Secret } from '../../server/secret.ts'
import type { Store } from '../../server/store/ports.ts'
import { openStore } from '../../server/store/sqlite-store.ts'
import { mac } from '../store/site-builders.ts'
import { AgentKey, type SignedMessage } from '../support/agent-key.ts'

export const adminToken = 'test-administrator-token-0123456789'
export const setupCode = 'ABCD-EFGH-IJKL-MNOP'
/** Of the machine that these servers say they run on. */
export const ownMacAddress = '52:54:00:99:99:01'
/** Packets of these sites stay on loopback. */
export const wakeUpPort = 40_009
export const loginTicket = 'ticket-0123456789'

export interface TestSite {
  readonly dependencies: HttpDependencies
  readonly store: Store
  readonly library: ContentLibrary
  readonly app: HttpApp
  readonly server: Server
  readonly port: number
  readonly clock: { nowMs: number }
  /** Measures when it is told to. */
  readonly load: LoadMeter
  readonly logged: { level: string; fields: object; text: string }[]
  ask(method: string, path: string, options?: Ask): Promise<Answer>
  api(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>
  close(): Promise<void>
}

export interface Ask {
  readonly headers?: Record<string, string>
  readonly body?: string | Uint8Array
}

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly rawHeaders: readonly string[]
  readonly body: Buffer
  readonly json: Record<string, unknown>
}

interface Options {
  readonly site?: Partial<SiteSettings>
  readonly access?: Partial<AccessSettings>
  readonly bootFiles?: ExtraBootFiles
  readonly limits?: Partial<AddressLimit>
  readonly consoleDirectory?: string
}

export async function openTestSite(options: Options = {}): Promise<TestSite> {
  const directory = await mkdtemp(join(tmpdir(), 'reveille-http-'))
  const clock = { nowMs: Date.now() }
  const now = (): number => clock.nowMs
  const logged: TestSite['logged'] = []
  const log = (level: string) => (fields: object, text: string) => void logged.push({ level, fields, text })
  const store = await openStore({ databaseFile: join(directory, 'site.sqlite'), siteCode: defaultSiteCode, nowMs: now })
  const library = await ContentLibrary.open({ directory: join(directory, 'content') })
  const address = parseIpv4Address('192.0.2.1')
  if (address === undefined) throw new Error('the address is one')
  const load = new LoadMeter()
  const waker = await openWakeUpSender({ interfaces: ['lo'], port: wakeUpPort, count: () => {} })
  const dependencies: HttpDependencies = {
    store,
    library,
    mediaKey: await openMediaKey(directory),
    userState: new UserStateFolder(join(directory, 'content/user-state'), { freeBytesMin: 0 }),
    bootFiles: options.bootFiles ?? { find: async () => undefined },
    site: {
      siteCode: defaultSiteCode,
      bootPolicy: {
        unknownComputerSupport: true,
        respond: true,
        promptSeconds: 10,
      },
      servesTftp: true,
      localBoot: 'exit',
      unknownComputers: 'approve',
      knownDevices: 'automatic',
      uploadBytesMax: 8 * 1024 * 1024,
      shown: { dhcp: 'proxy' },
      ...options.site,
    },
    addresses: new MachineAddresses(),
    wake: waker.wake,
    ownMacAddresses: () => [mac(ownMacAddress)],
    baseUrl: () => serverUrl(address, 8080),
    networkUrls: () => [serverUrl(address, 8080)],
    now,
    log: { info: log('info'), warn: log('warn'), error: log('error') },
    metrics: new Registry(),
    load,
    access: {
      administratorToken: new Secret(adminToken),
      setupCode: new Secret(setupCode),
      loginTicket: new Secret(loginTicket),
      origins: [],
      ...options.access,
    },
    ...(options.consoleDirectory === undefined ? {} : { consoleDirectory: options.consoleDirectory }),
  }
  const app = await createHttpApp(dependencies)
  load.add(() => ({ store: store.work(), ...app.reading() }))
  const server = createHttpServer(app, { connectionsOfAddressMax: 256, ...options.limits })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const bound = server.address()
  const port = typeof bound === 'object' && bound !== null ? bound.port : 0
  const ask: TestSite['ask'] = async (method, path, sent = {}) => askServer({ port, method, path, ...sent })
  return {
    dependencies,
    store,
    library,
    app,
    server,
    port,
    clock,
    load,
    logged,
    ask,
    api: async (method, path, body, headers = {}) =>
      ask(method, `/api/v1${path}`, {
        headers: {
          authorization: `Bearer ${adminToken}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    async close() {
      await app.close()
      await waker.close()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await store.close()
      await rm(directory, { recursive: true, force: true })
    },
  }
}

async function askServer(asked: Ask & { port: number; method: string; path: string }): Promise<Answer> {
  const { port, method, path, headers = {}, body } = asked
  return new Promise((resolve, reject) => {
    const request = httpRequest({ host: '127.0.0.1', port, method, path, headers, agent: false }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () => {
        const octets = Buffer.concat(chunks)
        const { statusCode = 0, headers, rawHeaders } = response
        resolve({
          status: statusCode,
          headers,
          rawHeaders,
          body: octets,
          json: readJson(octets, headers['content-type']),
        })
      })
    })
    request.on('error', reject)
    request.end(body)
  })
}

function readJson(octets: Buffer, type: string | undefined): Record<string, unknown> {
  if (octets.length === 0 || type?.includes('json') !== true) return {}
  const value: unknown = JSON.parse(octets.toString())
  return typeof value === 'object' && value !== null ? { ...value } : {}
}

/** Octets as they are, for requests that no client library would make; resolves when the server closes. */
export async function sendRaw(port: number, text: string | Uint8Array): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1')
    const chunks: Buffer[] = []
    socket.on('data', (chunk) => chunks.push(chunk))
    socket.on('error', reject)
    socket.on('close', () => resolve(Buffer.concat(chunks).toString('latin1')))
    socket.write(text)
  })
}

/** An object with content, for the tests of files. */
export async function addBootImage(site: TestSite, files: Readonly<Record<string, Uint8Array>>): Promise<string> {
  const created = await site.api('POST', '/boot-images', { name: 'Linux x64', architecture: 'x64' })
  const id = String(created.json['id'])
  await addContent(site, `/boot-images/${id}`, files)
  return id
}

export async function addContent(
  site: TestSite,
  path: string,
  files: Readonly<Record<string, Uint8Array>>,
): Promise<Answer> {
  const sent = []
  for (const [name, octets] of Object.entries(files)) {
    const answer = await site.ask('PUT', `/api/v1${path}/content/files?name=${encodeURIComponent(name)}`, {
      headers: { authorization: `Bearer ${adminToken}`, 'content-type': 'application/octet-stream' },
      body: octets,
    })
    if (answer.status !== 201) throw new Error(`upload: ${answer.status} ${answer.body.toString()}`)
    sent.push(answer.json)
  }
  return site.api('POST', `${path}/content`, { files: sent })
}

/** An agent whose every request a test can look at, repeat and spoil. */
export class TestAgent {
  readonly hello: Hello
  readonly #key = new AgentKey()

  constructor(macAddress: string, changes: Partial<Hello> = {}) {
    this.hello = this.#key.hello(macAddress, changes)
  }

  get counter(): number {
    return this.#key.counter
  }

  set counter(value: number) {
    this.#key.counter = value
  }

  prepare(path: string, message: unknown, token?: string): SignedMessage {
    return this.#key.prepare(path, message, token)
  }

  async say(site: TestSite, path: string, message: unknown, token?: string): Promise<Answer> {
    return site.ask('POST', path, this.prepare(path, message, token))
  }

  async sayHello(site: TestSite): Promise<Answer> {
    return this.say(site, '/agent/v1/hello', this.hello)
  }
}
