/** The real server as a process of its own, with a data directory of its own, and a small client of its API. */

import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { randomBytes } from 'node:crypto'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { root } from '../root.ts'

export interface ServerOptions {
  readonly dataDirectory: string
  /** Address and port of the page and the API. */
  readonly http: string
  readonly flags: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
  /** Words before the command: on which host and on which core it runs. They must end in `exec`, or `kill` misses it. */
  readonly prefix?: readonly string[]
  /** `said`: when the log says that it is ready, for servers that cannot have their HTTP port. */
  readonly ready?: 'healthy' | 'said'
}

export interface ServerProcess {
  readonly url: string
  readonly token: string
  /** Lines the server wrote so far. */
  log(): string
  /** The first line that matches, written already or to come. */
  logged(pattern: RegExp): Promise<string>
  /** Sends JSON, expects success, and gives the answer's JSON. */
  call<T = unknown>(method: string, path: string, body?: unknown): Promise<T>
  /** Sends a file's octets; the answer names their hash. */
  upload(path: string, file: string): Promise<unknown>
  /** kill -9. */
  kill(): Promise<void>
  stop(): Promise<number | null>
}

export async function startServer(options: ServerOptions): Promise<ServerProcess> {
  await mkdir(options.dataDirectory, { recursive: true })
  const token = randomBytes(24).toString('hex')
  const main = [join(root, 'server/main.ts'), '--data', options.dataDirectory, '--http', options.http, ...options.flags]
  const [program = '', ...args] = [...(options.prefix ?? []), process.execPath, ...main]
  const child = spawn(program, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...options.environment, REVEILLE_ADMIN_TOKEN: token },
  })
  let log = ''
  const waiting = new Set<() => void>()
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      log += chunk.toString()
      for (const look of waiting) look()
    })
  }
  const logged = (pattern: RegExp): Promise<string> => waitForLine(pattern, () => log, waiting)
  const url = `http://${options.http.replace('0.0.0.0', '127.0.0.1')}`
  if (options.ready === 'said') await logged(/Reveille is ready/)
  else await waitUntilHealthy(url, child, () => log)
  return {
    url,
    token,
    log: () => log,
    logged,
    call: (method, path, body) => call({ url, token, method, path, body }),
    upload: (path, file) => upload(url, token, path, file),
    async kill() {
      child.kill('SIGKILL')
      await once(child, 'exit')
    },
    async stop() {
      if (child.exitCode !== null) return child.exitCode
      child.kill('SIGTERM')
      const [code] = (await once(child, 'exit')) as [number | null]
      return code
    },
  }
}

const lineWaitMs = 15_000

async function waitForLine(pattern: RegExp, log: () => string, waiting: Set<() => void>): Promise<string> {
  return new Promise<string>((resolve, reject) => {
    const timer = setTimeout(() => {
      waiting.delete(look)
      reject(new Error(`the log never said ${String(pattern)}:\n${log().slice(-3_000)}`))
    }, lineWaitMs)
    const look = (): void => {
      const line = log()
        .split('\n')
        .find((text) => pattern.test(text))
      if (line === undefined) return
      clearTimeout(timer)
      waiting.delete(look)
      resolve(line)
    }
    waiting.add(look)
    look()
  })
}

async function waitUntilHealthy(url: string, child: ChildProcess, log: () => string): Promise<void> {
  for (let attempt = 0; attempt < 300; attempt++) {
    if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode}:\n${log()}`)
    const answer = await fetch(`${url}/healthz`).catch(() => undefined)
    if (answer?.ok === true) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  child.kill('SIGKILL')
  throw new Error(`the server did not become healthy:\n${log()}`)
}

interface Call {
  readonly url: string
  readonly token: string
  readonly method: string
  readonly path: string
  readonly body: unknown
}

async function call<T>({ url, token, method, path, body }: Call): Promise<T> {
  const answer = await fetch(`${url}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`)
  return (text === '' ? undefined : JSON.parse(text)) as T
}

async function upload(url: string, token: string, path: string, file: string): Promise<unknown> {
  const body = await readFile(file)
  const answer = await fetch(`${url}${path}`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/octet-stream' },
    body: new Uint8Array(body),
  })
  if (!answer.ok) throw new Error(`PUT ${path}: ${answer.status} ${await answer.text()}`)
  return answer.json()
}
