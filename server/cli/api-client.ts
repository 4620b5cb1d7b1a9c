/** Talks to `/api/v1` for the command line. A refusal becomes one error that lists every fault with its path. */

import { readFileSync } from 'node:fs'
import { request as requestHttp, type IncomingMessage, type RequestOptions } from 'node:http'
import { request as requestHttps } from 'node:https'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Command } from 'commander'
import { z } from 'zod'
import { CliError } from './cli-error.ts'

export type Fields = Readonly<Record<string, unknown>>

export interface ApiAnswer {
  readonly fields: Fields
  readonly etag: string | undefined
}

const fieldsSchema = z.record(z.string(), z.unknown())
const globalOptions = z.object({
  server: z.string(),
  tokenFile: z.string().optional(),
  json: z.boolean().default(false),
})
const problemSchema = z.looseObject({
  title: z.string(),
  detail: z.string().optional(),
  faults: z.array(z.object({ path: z.string(), message: z.string() })).default([]),
})

export class ApiClient {
  readonly server: URL
  readonly token: string
  /** `--json`. */
  readonly json: boolean

  constructor(command: Command) {
    const options = globalOptions.parse(command.optsWithGlobals())
    const isGiven = command.getOptionValueSourceWithGlobals('server') === 'cli'
    this.server = readUrl(isGiven ? options.server : (process.env['REVEILLE_URL'] ?? options.server))
    this.token = readToken(options.tokenFile)
    this.json = options.json
  }

  async get(path: string): Promise<ApiAnswer> {
    return this.#ask('GET', path, {})
  }

  async send(method: 'POST' | 'PUT' | 'DELETE', path: string, body?: unknown, etag?: string): Promise<ApiAnswer> {
    const headers = {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(etag === undefined ? {} : { 'if-match': etag }),
    }
    return this.#ask(method, path, { headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) })
  }

  /** Without a number of octets they are sent in chunks, until they end. */
  async upload(path: string, octets: Readable, bytes?: number): Promise<ApiAnswer> {
    const length = bytes === undefined ? {} : { 'content-length': bytes }
    const headers = { 'content-type': 'application/octet-stream', ...length }
    return this.#ask('PUT', path, { headers, body: octets })
  }

  async post(path: string, octets: Readable, type: string, bytes: number): Promise<ApiAnswer> {
    return this.#ask('POST', path, { headers: { 'content-type': type, 'content-length': bytes }, body: octets })
  }

  /** The octets of an answer that is no JSON. */
  async download(method: 'GET' | 'POST', path: string, body?: unknown): Promise<Readable> {
    const url = new URL(`/api/v1${path}`, this.server)
    const type = body === undefined ? {} : { 'content-type': 'application/json' }
    const sent = { method, headers: { authorization: `Bearer ${this.token}`, ...type } }
    const message = await exchange(url, sent, body === undefined ? undefined : JSON.stringify(body))
    const status = message.statusCode ?? 0
    if (status >= 200 && status < 300) return message
    throw refusal(parse(await textOf(message), url), status)
  }

  /** For conditions and ranges: the answer as it comes. What is refused is thrown. */
  async open(
    method: 'GET' | 'HEAD',
    path: string,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<IncomingMessage> {
    const url = new URL(`/api/v1${path}`, this.server)
    const message = await exchange(
      url,
      { method, headers: { authorization: `Bearer ${this.token}`, ...headers } },
      undefined,
    )
    const status = message.statusCode ?? 0
    if (status >= 200 && status < 300) return message
    const text = await textOf(message)
    throw refusal(text === '' ? {} : parse(text, url), status)
  }

  async #ask(
    method: string,
    path: string,
    { headers = {}, body }: { headers?: Readonly<Record<string, string | number>>; body?: string | Readable },
  ): Promise<ApiAnswer> {
    const url = new URL(`/api/v1${path}`, this.server)
    const sent = { method, headers: { authorization: `Bearer ${this.token}`, accept: 'application/json', ...headers } }
    const message = await exchange(url, sent, body)
    const text = await reaching(url, async () => textOf(message))
    const value: unknown = text === '' ? {} : parse(text, url)
    const status = message.statusCode ?? 0
    if (status < 200 || status > 299) throw refusal(value, status)
    return { fields: fieldsSchema.parse(value), etag: message.headers.etag }
  }
}

async function exchange(
  url: URL,
  options: RequestOptions,
  body: string | Readable | undefined,
): Promise<IncomingMessage> {
  const request = (url.protocol === 'https:' ? requestHttps : requestHttp)(url, options)
  const answered = new Promise<IncomingMessage>((resolve, reject) =>
    request.on('response', resolve).on('error', reject),
  )
  return reaching(url, async () => {
    if (body === undefined || typeof body === 'string') request.end(body)
    // A refusal may come before the last octet and cut the line; the answer tells more than the cut.
    else pipeline(body, request).catch(() => {})
    return answered
  })
}

async function textOf(message: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of message) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks).toString()
}

async function reaching<T>(url: URL, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask()
  } catch (error) {
    const reason = error instanceof Error && error.message !== '' ? error.message : 'no connection'
    throw new CliError(`${url.origin} cannot be reached: ${reason}. Is the server running? See --server.`, {
      cause: error,
    })
  }
}

function parse(text: string, url: URL): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new CliError(`${url.origin} did not answer as a Reveille server does`)
  }
}

function refusal(value: unknown, status: number): CliError {
  const problem = problemSchema.safeParse(value)
  if (!problem.success) return new CliError(`the server answered ${status}`)
  const { title, detail, faults } = problem.data
  const lines = faults.map(({ path, message }) => `  ${path === '' ? '(everything)' : path}: ${message}`)
  const hint = status === 401 ? ' Set REVEILLE_ADMIN_TOKEN or give --token-file.' : ''
  return new CliError([`${title}${detail === undefined ? '' : `: ${detail}`}${hint}`, ...lines].join('\n'))
}

function readUrl(text: string): URL {
  const url = URL.parse(text)
  if (url === null || !/^https?:$/.test(url.protocol)) throw new CliError(`${text} is not the address of a server`)
  return url
}

function readToken(file: string | undefined): string {
  if (file === undefined) return process.env['REVEILLE_ADMIN_TOKEN'] ?? 'none-was-given'
  try {
    return readFileSync(file, 'utf8').trim()
  } catch (error) {
    throw new CliError(`the token file ${file} cannot be read`, { cause: error })
  }
}
