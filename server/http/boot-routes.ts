/**
 * What firmware and loaders fetch, open to everyone on the network: scripts, files of boot images, and the
 * administrator's extra files. All of it is public knowledge and holds no secret. The name in a request is looked up;
 * no path is made of it. Firmware waits 30 seconds for a refusal that comes late, so the answer is always immediate (H15).
 */

import type { IncomingMessage } from 'node:http'
import { parsePackageId } from '../address/identifiers.ts'
import { parseIpv4Address } from '../address/ipv4-address.ts'
import { parseMacAddress } from '../address/mac-address.ts'
import { decideBoot } from '../boot/decide.ts'
import { printDiscoveryScript } from '../boot/ipxe-discovery-script.ts'
import { printIpxeScript } from '../boot/ipxe-script.ts'
import { parseBootScriptQuery } from '../boot/parse-boot-script-query.ts'
import type { LaneId, Observed } from '../contract/progress.ts'
import type { ContentFile } from '../site/content.ts'
import type { Blobs, HttpDependencies } from './dependencies.ts'
import type { FileRequest } from './file-request.ts'
import { plainAddress } from './machine-addresses.ts'
import { downloadTypeOf } from './media-type.ts'
import { printFault } from '../caught-error.ts'
import { notFound, Problem } from './problem.ts'
import { decodeName } from './request-guard.ts'
import type { TransferWatcher } from './content-to-send.ts'
import { sendContent } from './send-content.ts'
import { sendText } from './send-text.ts'
import { watchTransfer } from './transfer-progress.ts'

/** `/boot/script.ipxe?mac=…`: what this machine boots now. Anybody may ask; only the machine itself moves its lane. */
export async function sendBootScript(
  dependencies: HttpDependencies,
  { request, response, query }: FileRequest,
): Promise<void> {
  const { store, site, now, addresses, log } = dependencies
  const parsed = parseBootScriptQuery(query)
  if (parsed.kind === 'refused') throw new Problem(400, { detail: `${parsed.reason}.` })
  const { client } = parsed
  const ipAddress = remoteAddress(request)
  const facts = await store.about(client)
  const decision = decideBoot(client, facts, site.bootPolicy)
  const device = facts.devices.find(({ id }) => id === decision.deviceId)
  const isItsOwn = addresses.isOf(ipAddress, client.macAddress, now())
  const fields = { device: client.macAddress, ipAddress, isItsOwn }
  log.info({ ...fields, decision: decision.kind, reason: decision.reason }, 'boot script')
  if (isItsOwn) {
    const observed = { lane: client.macAddress, atMs: now(), ipAddress }
    const told = { decision: decision.kind, text: decision.reason } as const
    const prompt = decision.kind === 'boot' && decision.prompt !== undefined
    const named = device === undefined ? {} : { deviceId: device.id, name: device.name }
    tell(
      dependencies,
      { ...observed, observation: { kind: 'boot-decided', ...told, prompt, ...named } },
      { ...observed, observation: { kind: 'script-fetched' } },
    )
  }
  const localAddress = plainAddress(request.socket.localAddress ?? '')
  const tftpAddress = site.servesTftp ? parseIpv4Address(localAddress) : undefined
  const script = printIpxeScript(decision, {
    serverUrl: dependencies.baseUrl(localAddress),
    ...(tftpAddress === undefined ? {} : { tftpAddress }),
    macAddress: client.macAddress,
    localBoot: site.localBoot,
    ...(device === undefined ? {} : { machineName: device.name }),
  })
  sendText(request, response, script)
}

/** The same for every machine; also asked for beside each loader, which is where iPXE 2 looks first. */
export async function sendDiscoveryScript(
  dependencies: HttpDependencies,
  { request, response }: FileRequest,
): Promise<void> {
  const serverUrl = dependencies.baseUrl(plainAddress(request.socket.localAddress ?? ''))
  sendText(request, response, printDiscoveryScript(serverUrl, dependencies.site.localBoot))
}

/** `/boot/images/{id}/{version}/{file}`. */
export async function sendBootImageFile(dependencies: HttpDependencies, incoming: FileRequest): Promise<void> {
  const [idText = '', versionText = '', ...segments] = incoming.rest.split('/')
  const id = parsePackageId(idText)
  const name = decodeName(segments.join('/'))
  if (id === undefined || name === undefined || !/^[1-9][0-9]{0,8}$/.test(versionText)) throw notFound()
  const version = Number(versionText)
  if (name === 'autoexec.ipxe' || name.endsWith('/autoexec.ipxe')) return sendDiscoveryScript(dependencies, incoming)
  const files = await dependencies.store.bootImageFiles(id, version)
  const file = files?.find((candidate) => candidate.name === name)
  if (file === undefined) throw notFound()
  const watch = watcherFor(dependencies, incoming, file)
  await sendBlob(dependencies, incoming, { file, ...(watch === undefined ? {} : { watch }) })
}

/** `/boot/files/{name}` of the administrator's directory. */
export async function sendExtraBootFile(
  { bootFiles }: HttpDependencies,
  { request, response, rest }: FileRequest,
): Promise<void> {
  const name = decodeName(rest)
  const file = name === undefined ? undefined : await bootFiles.find(name)
  if (file === undefined) throw notFound()
  await sendContent(request, response, file)
}

export interface BlobAnswer {
  readonly file: ContentFile
  readonly cacheControl?: string
  readonly watch?: (bytes: number) => TransferWatcher
}

/** The catalogue names it and the disk lacks it: 503, so that a machine tries again while it is being restored. */
export async function sendBlob(
  { library }: { readonly library: Pick<Blobs, 'open'> },
  { request, response }: FileRequest,
  answer: BlobAnswer,
): Promise<void> {
  const { file, watch, cacheControl = 'public, max-age=31536000, immutable' } = answer
  const content = {
    bytes: file.bytes,
    sha256: file.sha256,
    type: downloadTypeOf(file.name),
    cacheControl,
    open: async () => {
      const open = await library.open(file.sha256)
      if (open === undefined) throw new Problem(503, { detail: 'The file is missing from the content library.' })
      return open
    },
  }
  await sendContent(request, response, content, watch)
}

/** The lane comes with the URL of our script, or from the address; a machine can only move its own bar. */
function watcherFor(
  dependencies: HttpDependencies,
  { request, query }: FileRequest,
  file: ContentFile,
): BlobAnswer['watch'] {
  const { addresses, now } = dependencies
  const ipAddress = remoteAddress(request)
  const named = parseMacAddress(new URLSearchParams(query).get('lane') ?? '')
  if (named !== undefined && !addresses.isOf(ipAddress, named, now())) return undefined
  const lane: LaneId | undefined = named ?? addresses.find(ipAddress)
  if (lane === undefined) return undefined
  const what = file.name.startsWith('loader/') ? 'loader' : 'boot-image'
  return (totalBytes) =>
    watchTransfer({ lane, ipAddress, file: file.name, what, totalBytes }, now, (observed) =>
      tell(dependencies, observed),
    )
}

/** Nobody waits for a watcher; a store that cannot write is reported by those who need it. */
export function tell({ store, log }: HttpDependencies, ...observed: readonly Observed[]): void {
  store
    .observe(observed)
    .catch((error: unknown) => log.warn({ fault: printFault(error) }, 'an observation was not stored'))
}

export function remoteAddress(request: IncomingMessage): string {
  return plainAddress(request.socket.remoteAddress ?? '')
}
