/** The real server as a process of its own, with a data directory of its own, and a small client of its API. */

import { randomBytes } from 'node:crypto'
import { openAsBlob } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { root } from '../root.ts'
import { waitUntil } from '../wait-for.ts'
import { startProgram, type Program } from './program.ts'

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
  readonly pid: number
  /** Lines the server wrote so far. */
  log(): string
  /** The first line that matches, written already or to come; a server that never writes it is killed. */
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
  const program = await startProgram([...(options.prefix ?? []), process.execPath, ...main], {
    environment: { ...options.environment, REVEILLE_ADMIN_TOKEN: token },
  })
  const url = `http://${options.http.replace('0.0.0.0', '127.0.0.1')}`
  if (options.ready === 'said') await program.says(/Reveille is ready/, readyMs)
  else await waitUntilHealthy(url, program)
  return {
    url,
    token,
    pid: program.pid,
    log: () => program.said(),
    logged: (pattern) => program.says(pattern),
    call: (method, path, body) => call({ url, token, method, path, body }),
    upload: (path, file) => upload(url, token, path, file),
    async kill() {
      await program.stop('SIGKILL')
    },
    stop: () => program.stop('SIGTERM'),
  }
}

const readyMs = 30_000

async function waitUntilHealthy(url: string, program: Program): Promise<void> {
  const isHealthy = async (saw: (value: unknown) => void): Promise<boolean> => {
    if (program.ending() !== undefined) throw new Error(`the server ${program.ending()}:\n${program.said()}`)
    saw(program.said().slice(-4_000))
    const answer = await fetch(`${url}/healthz`).catch(() => undefined)
    return answer?.ok === true
  }
  await waitUntil('the server to become healthy', isHealthy, { withinMs: readyMs, everyMs: 100 }).catch(
    async (error: unknown) => {
      await program.stop()
      throw error
    },
  )
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
  const answer = await fetch(`${url}${path}`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/octet-stream' },
    body: await openAsBlob(file),
  })
  if (!answer.ok) throw new Error(`PUT ${path}: ${answer.status} ${await answer.text()}`)
  return answer.json()
}
