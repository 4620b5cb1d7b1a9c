/** HTTP of one made-up machine: a connection that stays open, answers read to their last octet. */

import { Agent, type IncomingMessage, request as requestHttp } from 'node:http'
import { LoadError } from './load-error.ts'

export interface HttpRequest {
  readonly method?: 'GET' | 'POST'
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

const patienceMs = 30_000
/** Scripts and answers of the server; files are not kept. */
const textBytesMax = 4 * 1_048_576

export class HttpClient {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 })

  /** A file of any size, piece by piece. */
  async fetch(url: string, take: (octets: Buffer) => void): Promise<void> {
    const answer = await this.#ask(url, {})
    await read(answer, take)
    if (answer.statusCode !== 200) throw new LoadError(`HTTP ${answer.statusCode}`)
  }

  async text(url: string, request: HttpRequest = {}): Promise<string> {
    const answer = await this.#ask(url, request)
    const pieces: Buffer[] = []
    let bytes = 0
    await read(answer, (octets) => {
      bytes += octets.length
      if (bytes > textBytesMax) throw new LoadError('an answer is too long')
      pieces.push(octets)
    })
    const text = Buffer.concat(pieces).toString()
    const { statusCode = 0 } = answer
    if (statusCode < 200 || statusCode > 299) throw new LoadError(`HTTP ${statusCode}${codeIn(text)}`)
    return text
  }

  close(): void {
    this.#agent.destroy()
  }

  async #ask(url: string, { method = 'GET', headers = {}, body }: HttpRequest): Promise<IncomingMessage> {
    const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }
    const options = { method, headers: { ...headers, ...length }, agent: this.#agent, timeout: patienceMs }
    return new Promise((resolve, reject) => {
      const request = requestHttp(url, options)
      const fail = (reason: string) => reject(new LoadError(reason))
      request.on('response', resolve)
      request.on('timeout', () => request.destroy(new Error('no answer in time')))
      request.on('error', (error: NodeJS.ErrnoException) => fail(error.code ?? error.message))
      request.end(body)
    })
  }
}

async function read(answer: IncomingMessage, take: (octets: Buffer) => void): Promise<void> {
  try {
    for await (const octets of answer) take(octets as Buffer)
  } catch (cause) {
    if (cause instanceof LoadError) throw cause
    throw new LoadError('an answer was cut off', { cause })
  }
}

/** Problem details have a word of the contract in `code`. */
function codeIn(text: string): string {
  const code = /"code":"([\w-]{1,40})"/.exec(text)?.[1]
  return code === undefined ? '' : ` ${code}`
}
