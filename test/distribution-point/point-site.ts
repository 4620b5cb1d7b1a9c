/** A site, a distribution point in a process of its own, and a way between them that a test can hold up and cut. */

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, request as httpRequest, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ExecutionContext } from 'ava'
import { root } from '../../scripts/root.ts'
import type { Answer, TestSite } from '../http/test-site.ts'

export interface Relay {
  readonly url: string
  readonly requests: { readonly path: string; readonly range: string | undefined }[]
  /** Octets of a blob that are let through before it stands still; absent: all. */
  blobBytesMax?: number
  /** Nobody is there. */
  isCut: boolean
}

/** In front of the site. */
export async function relayTo(t: ExecutionContext, site: TestSite): Promise<Relay> {
  const relay: { url: string; requests: Relay['requests']; blobBytesMax?: number; isCut: boolean } = {
    url: '',
    requests: [],
    isCut: false,
  }
  const server = createServer((request, response) => {
    if (relay.isCut) {
      request.socket.destroy()
      return
    }
    relay.requests.push({ path: request.url ?? '', range: request.headers.range })
    const max = (request.url ?? '').includes('/blobs/') ? relay.blobBytesMax : undefined
    forward(request, response, { port: site.port, max })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  relay.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  t.teardown(() => {
    server.close()
    server.closeAllConnections()
  })
  return relay
}

function forward(
  request: IncomingMessage,
  response: ServerResponse,
  { port, max }: { port: number; max: number | undefined },
): void {
  const { method, url: path, headers } = request
  const asked = httpRequest({ host: '127.0.0.1', port, method, path, headers, agent: false }, (answer) => {
    response.writeHead(answer.statusCode ?? 500, answer.headers)
    if (max === undefined) {
      answer.pipe(response)
      return
    }
    let left = max
    answer.on('data', (chunk: Buffer) => {
      if (left > 0) response.write(chunk.subarray(0, left))
      left -= chunk.length
    })
  })
  asked.on('error', () => response.destroy())
  response.on('close', () => asked.destroy())
  request.pipe(asked)
}

export interface PointProcess {
  readonly base: string
  readonly logged: readonly Record<string, unknown>[]
  /** With SIGKILL. */
  kill(): Promise<void>
}

export interface MadePoint {
  readonly id: string
  readonly folder: string
  start(): Promise<PointProcess>
}

/** An object of the site with its token, and the folder of its process; started as often as it is asked for. */
export async function makePoint(
  t: ExecutionContext,
  { site, relay, draft = {} }: { site: TestSite; relay: Relay; draft?: object },
): Promise<MadePoint> {
  const made = await site.api('POST', '/distribution-points', {
    name: 'Hall 1',
    baseUrl: 'http://127.0.0.1:9',
    isDefault: true,
    ...draft,
  })
  const id = String(made.json['id'])
  const folder = await mkdtemp(join(tmpdir(), 'reveille-point-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  const tokenFile = join(folder, 'token')
  await writeFile(tokenFile, `${String((await site.api('POST', `/distribution-points/${id}/token`)).json['token'])}\n`)
  return {
    id,
    folder,
    async start() {
      const point = await startPoint(t, { site: relay.url, tokenFile, folder })
      const { json, headers } = await site.api('GET', `/distribution-points/${id}`)
      const { id: _, revision: __, ...fields } = json
      await site.api(
        'PUT',
        `/distribution-points/${id}`,
        { ...fields, baseUrl: point.base },
        {
          'if-match': String(headers['etag']),
        },
      )
      return point
    },
  }
}

async function startPoint(
  t: ExecutionContext,
  { site, tokenFile, folder }: { site: string; tokenFile: string; folder: string },
): Promise<PointProcess> {
  const flags = {
    'distribution-point-of': site,
    'token-file': tokenFile,
    data: join(folder, 'data'),
    http: '127.0.0.1:0',
    'ask-seconds': '1',
  }
  const args = Object.entries(flags).flatMap(([name, value]) => [`--${name}`, value])
  const child = spawn(process.execPath, [join(root, 'server/main.ts'), ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  const exited = once(child, 'exit')
  const logged: Record<string, unknown>[] = []
  const said: string[] = []
  child.stderr.on('data', (chunk: Buffer) => said.push(chunk.toString()))
  t.teardown(async () => end(child, exited))
  const ready = new Promise<number>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const fields = JSON.parse(line) as Record<string, unknown>
      logged.push(fields)
      if (typeof fields['port'] === 'number') resolve(fields['port'])
    })
    child.once('exit', (code) => reject(new Error(`the distribution point ended with ${code}: ${said.join('')}`)))
  })
  return {
    base: `http://127.0.0.1:${await ready}`,
    logged,
    kill: () => end(child, exited),
  }
}

async function end(child: ChildProcess, exited: Promise<unknown>): Promise<void> {
  child.kill('SIGKILL')
  await exited
}

/** Asks until the answer is as wanted; the test's own time limit ends what never comes. */
export async function until<T>(ask: () => Promise<T>, isWanted: (found: T) => boolean): Promise<T> {
  for (;;) {
    const found = await ask()
    if (isWanted(found)) return found
    await sleep(50)
  }
}

export interface Status {
  readonly state: string
  readonly version?: number
  readonly reason?: string
  readonly validated?: boolean
  readonly verifiedAtMs?: number
}

export async function statusOf(site: TestSite, contentId: string): Promise<Status | undefined> {
  const { json } = await site.api('GET', `/distribution-status?contentId=${contentId}`)
  return (json['items'] as readonly Status[])[0]
}

export async function untilInstalled(site: TestSite, contentId: string): Promise<Status> {
  const found = await until(
    () => statusOf(site, contentId),
    (status) => status?.state === 'installed',
  )
  if (found === undefined) throw new Error('it was installed')
  return found
}

/** From the distribution point, or from whoever is at this address. */
export async function fetchFrom(
  base: string,
  path: string,
  headers: Record<string, string> = {},
): Promise<Pick<Answer, 'status' | 'headers' | 'body'>> {
  const answer = await fetch(base + path, { headers })
  return {
    status: answer.status,
    headers: Object.fromEntries(answer.headers),
    body: Buffer.from(await answer.arrayBuffer()),
  }
}
