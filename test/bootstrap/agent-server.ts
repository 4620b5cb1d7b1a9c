/**
 * A server for the tests of the agent, on loopback: it checks tokens, counters and signatures as the contract says, keeps
 * events as a site does, and can be told to lose requests or answers.
 */

import { createHash, createPublicKey, verify } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  type AgentErrorCode,
  headers,
  type Hello,
  type HelloAnswer,
  type NextCommand,
  type NextCommandAnswer,
  type ReportEvents,
  type Resume,
  type RunEvent,
  signedText,
  type StartRun,
  type StartRunAnswer,
} from '../../server/contract/agent.ts'
import type { DebugCommand } from '../../server/sequence/debug.ts'
import { agentRoutes } from '../../server/contract/routes.ts'

export type Loss = 'request' | 'answer' | AgentErrorCode | undefined

export class AgentServer {
  readonly #server = createServer((request, response) => void this.#answer(request, response))
  readonly events: RunEvent[] = []
  readonly hellos: Hello[] = []
  readonly starts: StartRun[] = []
  readonly faults: string[] = []
  /** Commands of the debugger, the first with number 1, and after which number each question asked. */
  readonly commands: DebugCommand[] = []
  readonly asked: number[] = []
  /** Content by its path, and which paths were asked for. */
  readonly files = new Map<string, string>()
  readonly fetched: string[] = []
  readonly heads: string[] = []
  ticket = 'ticket-1'
  token = 'token-1'
  helloAnswer: HelloAnswer = {
    session: 'session-1',
    code: 'ABCDEFGH',
    serverTimeMs: 1,
    machine: { kind: 'nothing-to-run', reason: 'none', askAgainSeconds: 1 },
  }
  startAnswer: StartRunAnswer | undefined
  /** What a refusal says besides its code. */
  detail = 'as the test wants'
  /** Asked for each request, in order of arrival. */
  loss: (path: string) => Loss = () => undefined
  /** Good until the token that it bought is used: an agent may be killed before it has kept the next one. */
  #lastTicket = ''
  #isTokenUsed = false
  #key = ''
  #counter = 0

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  stop(): void {
    this.#server.close()
    this.#server.closeAllConnections()
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(Buffer.from(chunk))
    const body = Buffer.concat(chunks)
    const path = request.url ?? ''
    const loss = this.loss(path)
    if (loss === 'request') return void request.socket.destroy()
    if (request.method === 'HEAD') return this.#sendHead(request, path, response)
    if (request.method === 'GET') return this.#send(request, path, response)
    const problem = loss === undefined || loss === 'answer' ? undefined : loss
    const answer = problem ?? this.#handle(request, path, body)
    if (loss === 'answer') return void request.socket.destroy()
    if (typeof answer === 'string') {
      response.writeHead(403, { 'content-type': 'application/problem+json' })
      return void response.end(JSON.stringify({ title: answer, code: answer, detail: this.detail }))
    }
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
  }

  /** The dependency check; it fetches nothing. */
  #sendHead(request: IncomingMessage, path: string, response: ServerResponse): void {
    this.heads.push(path)
    const isAllowed = request.headers.authorization === `Bearer ${this.token}`
    response.writeHead(isAllowed && this.files.has(path) ? 200 : 404).end()
  }

  #send(request: IncomingMessage, path: string, response: ServerResponse): void {
    this.fetched.push(path)
    const isAllowed = request.headers.authorization === `Bearer ${this.token}`
    const text = isAllowed ? this.files.get(path) : undefined
    response.writeHead(text === undefined ? 404 : 200).end(text)
  }

  #handle(request: IncomingMessage, path: string, body: Buffer): object | string {
    const document = JSON.parse(body.toString('utf8'))
    if (path === agentRoutes.hello) this.#newKey((document as Hello).identityKey)
    if (path === agentRoutes.resume) this.#newKey((document as Resume).hello.identityKey)
    const refusal = this.#refuse(request, path, body)
    if (refusal !== undefined) return refusal
    switch (path) {
      case agentRoutes.hello:
        this.hellos.push(document as Hello)
        return this.helloAnswer
      case agentRoutes.runs:
        this.starts.push(document as StartRun)
        return this.startAnswer ?? 'not-armed'
      case agentRoutes.resume:
        return this.#resume(document as Resume)
      case agentRoutes.events:
        return this.#keep(document as ReportEvents)
      case agentRoutes.nextCommand:
        return this.#next(document as NextCommand)
      default:
        return 'not-found'
    }
  }

  #newKey(key: string): void {
    if (key !== this.#key) this.#counter = 0
    this.#key = key
  }

  #refuse(request: IncomingMessage, path: string, body: Buffer): string | undefined {
    const counter = Number(request.headers[headers.counter])
    const text = signedText('POST', path, counter, createHash('sha256').update(body).digest('hex'))
    const prefix = Buffer.from('302a300506032b6570032100', 'hex')
    const der = Buffer.concat([prefix, Buffer.from(this.#key, 'base64')])
    const key = createPublicKey({ key: der, format: 'der', type: 'spki' })
    const signature = Buffer.from(String(request.headers[headers.signature]), 'base64')
    if (!verify(null, Buffer.from(text), key, signature)) return 'bad-signature'
    if (counter <= this.#counter) return 'replayed'
    this.#counter = counter
    const token = request.headers.authorization
    if (path === agentRoutes.runs && token !== `Bearer ${this.helloAnswer.session}`) return 'unknown-token'
    const isOfRun = path === agentRoutes.events || path === agentRoutes.nextCommand
    if (isOfRun && token !== `Bearer ${this.token}`) return 'unknown-token'
    return undefined
  }

  #resume(resume: Resume): object | string {
    const isLast = resume.resumeTicket === this.#lastTicket && !this.#isTokenUsed
    if (resume.resumeTicket !== this.ticket && !isLast) return 'ticket-used'
    this.#lastTicket = resume.resumeTicket
    this.#isTokenUsed = false
    this.ticket = `ticket-${Number(this.ticket.slice(7)) + 1}`
    this.token = `token-${Number(this.token.slice(6)) + 1}`
    return { runToken: this.token, resumeTicket: this.ticket, acknowledged: this.events.length }
  }

  #next({ after }: NextCommand): NextCommandAnswer {
    this.#isTokenUsed = true
    this.asked.push(after)
    const command = this.commands[after]
    return command === undefined ? {} : { next: { number: after + 1, command } }
  }

  /** I2 and I3: what is there already is passed over, a gap is refused. */
  #keep(report: ReportEvents): object | string {
    this.#isTokenUsed = true
    for (const event of report.events) {
      if (event.sequence > this.events.length + 1) return 'event-gap'
      if (event.sequence === this.events.length + 1) this.events.push(event)
    }
    return { acknowledged: this.events.length }
  }
}
