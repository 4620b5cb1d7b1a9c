/** Fills a running server with what a deployment needs, over the HTTP API, as an administrator would. */

import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type BootArchitecture, bootImageFiles, mediaLoaderFiles } from '../../server/site/boot-image.ts'
import { rootArchiveFile, wimFile } from '../../server/site/operating-system-image.ts'
import type { Lane, WatchedEvent } from '../../server/contract/progress.ts'
import { waitFor } from '../wait-for.ts'
import type { ServerProcess } from './server-process.ts'

interface Created {
  readonly id: string
}

/** Built files: their names in the content, below one directory. */
export interface BuiltImage {
  /** x64 unless told. */
  readonly architecture?: BootArchitecture
  readonly directory: string
  readonly files: readonly { readonly name: string }[]
}

export async function addBootImage(
  server: ServerProcess,
  name: string,
  { architecture = 'x64', directory, files }: BuiltImage,
): Promise<string> {
  const { id } = await server.call<Created>('POST', '/api/v1/boot-images', {
    name,
    architecture,
    kind: 'linux',
    enabledForPxe: true,
    kernelArguments: ['console=tty0', 'console=ttyS0'],
  })
  const known: ReadonlySet<string> = new Set(
    [bootImageFiles, mediaLoaderFiles].flatMap((names) => Object.values(names)),
  )
  await addContent(
    server,
    `/api/v1/boot-images/${id}`,
    directory,
    files.map((file) => file.name).filter((file) => known.has(file)),
  )
  return id
}

/** `file`: a root archive, or a WIM when its name says so. */
export async function addOperatingSystemImage(server: ServerProcess, name: string, file: string): Promise<string> {
  const isWim = file.endsWith('.wim')
  const format = isWim ? 'wim' : 'root-archive'
  const { id } = await server.call<Created>('POST', '/api/v1/operating-system-images', {
    name,
    architecture: 'x64',
    format,
  })
  const uploaded = await server.upload(
    `/api/v1/operating-system-images/${id}/content/files?name=${isWim ? wimFile : rootArchiveFile}`,
    file,
  )
  await server.call('POST', `/api/v1/operating-system-images/${id}/content`, { files: [uploaded] })
  return id
}

async function addContent(
  server: ServerProcess,
  path: string,
  directory: string,
  names: readonly string[],
): Promise<void> {
  const files = []
  for (const name of names) {
    files.push(await server.upload(`${path}/content/files?name=${encodeURIComponent(name)}`, join(directory, name)))
  }
  await server.call('POST', `${path}/content`, { files })
}

/** A task sequence document from scripts/lab/sequences, with the images' ids put in. */
export async function readSequence(name: string, ids: Readonly<Record<string, string>>): Promise<unknown> {
  const text = await readFile(join(import.meta.dirname, 'sequences', `${name}.json`), 'utf8')
  return JSON.parse(text.replaceAll(/\{\{(\w+)\}\}/g, (whole, key: string) => ids[key] ?? whole))
}

export async function addTaskSequence(server: ServerProcess, bootImageId: string, sequence: unknown): Promise<string> {
  const { id } = await server.call<Created>('POST', '/api/v1/task-sequences', { bootImageId, enabled: true, sequence })
  return id
}

export interface NewDevice {
  readonly name: string
  readonly macAddress: string
  readonly smbiosGuid?: string
  readonly variables?: readonly { readonly name: string; readonly value: string; readonly secret?: boolean }[]
}

export async function addDevice(
  server: ServerProcess,
  { name, macAddress, smbiosGuid, variables = [] }: NewDevice,
): Promise<string> {
  const known = { macAddresses: [macAddress], ...(smbiosGuid === undefined ? {} : { smbiosGuid }) }
  const { id } = await server.call<Created>('POST', '/api/v1/devices', { name, ...known, variables })
  return id
}

export async function addCollection(
  server: ServerProcess,
  name: string,
  directMembers: readonly string[],
): Promise<string> {
  const { id } = await server.call<Created>('POST', '/api/v1/collections', { name, directMembers })
  return id
}

export interface NewDeployment {
  readonly taskSequenceId: string
  readonly collectionId: string
  readonly purpose: 'required' | 'available'
  /** Any other field of the API. */
  readonly options?: Readonly<Record<string, unknown>>
  readonly makeAvailableTo?: 'clients' | 'clients-media-and-pxe' | 'media-and-pxe' | 'media-and-pxe-hidden'
}

export async function deploy(server: ServerProcess, { options, ...deployment }: NewDeployment): Promise<string> {
  const { id } = await server.call<Created>('POST', '/api/v1/deployments', {
    makeAvailableTo: 'media-and-pxe',
    ...deployment,
    ...options,
  })
  return id
}

export interface RequiredDeployment {
  readonly name: string
  readonly macAddress: string
  readonly bootImageId: string
  readonly sequence: unknown
}

/** One machine, a collection of it alone, and a sequence that it must run; gives the deployment's id. */
export async function deployRequired(server: ServerProcess, required: RequiredDeployment): Promise<string> {
  const { name, macAddress, bootImageId, sequence } = required
  const taskSequenceId = await addTaskSequence(server, bootImageId, sequence)
  const device = await addDevice(server, { name, macAddress })
  const collectionId = await addCollection(server, `Only ${name}`, [device])
  return deploy(server, { taskSequenceId, collectionId, purpose: 'required' })
}

interface StatusAnswer {
  readonly lanes: readonly { readonly lane: Lane }[]
}

export async function findLane(server: ServerProcess, macAddress: string): Promise<Lane | undefined> {
  const { lanes } = await server.call<StatusAnswer>('GET', '/api/v1/status')
  return lanes.map(({ lane }) => lane).find(({ id }) => id === macAddress)
}

export interface WaitForLane {
  readonly macAddress: string
  readonly wanted: (lane: Lane) => boolean
  readonly timeoutMs: number
  /** Why there is nothing to wait for any more. */
  readonly ending?: () => string | undefined
}

/** Asks for a machine's lane until it is as wanted; the error says how far it came. */
export async function waitForLane(
  server: ServerProcess,
  { macAddress, wanted, timeoutMs, ending }: WaitForLane,
): Promise<Lane> {
  const look = async (saw: (value: unknown) => void): Promise<Lane | undefined> => {
    const lane = await findLane(server, macAddress)
    saw(lane ?? 'no lane')
    if (lane !== undefined && wanted(lane)) return lane
    const ended = ending?.()
    if (ended !== undefined) throw new Error(`the machine stopped: ${ended}; its lane: ${JSON.stringify(lane)}`)
    return undefined
  }
  return waitFor(`the lane of ${macAddress}`, look, { withinMs: timeoutMs, everyMs: 500 })
}

/** What commands of the run printed, line by line. */
export async function readOutput(server: ServerProcess, runId: string): Promise<readonly string[]> {
  const { items } = await server.call<{ items: readonly WatchedEvent[] }>(
    'GET',
    `/api/v1/runs/${runId}/events?limit=1000`,
  )
  return items.flatMap(({ event: { body } }) => (body.kind === 'output' ? body.lines : []))
}

/** A boot image whose files are their own names, and a sequence without steps that unknown computers may choose. */
export async function deployToUnknown(server: ServerProcess, directory: string): Promise<string> {
  const names = Object.values(bootImageFiles)
  for (const name of names) {
    await mkdir(join(directory, name, '..'), { recursive: true })
    await writeFile(join(directory, name), name)
  }
  const files = names.map((name) => ({ name }))
  const bootImageId = await addBootImage(server, 'Names', { directory, files })
  const taskSequenceId = await addTaskSequence(server, bootImageId, { name: 'Nothing', children: [] })
  const { items } = await server.call<{ items: readonly { id: string; name: string }[] }>('GET', '/api/v1/collections')
  const collectionId = items.find(({ name }) => name === 'All Unknown Computers')?.id
  if (collectionId === undefined) throw new Error('no collection of unknown computers')
  return deploy(server, { taskSequenceId, collectionId, purpose: 'available' })
}
