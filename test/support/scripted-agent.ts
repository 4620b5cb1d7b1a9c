/**
 * An agent that does what a test says: real keys, real signatures, real requests of contract/agent.ts over HTTP, and no
 * machine underneath. Each event it reports is the next of its run.
 */

import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'
import type { DeploymentId } from '../../server/address/identifiers.ts'
import {
  agentProtocolVersion,
  headers,
  type Hardware,
  type Hello,
  type HelloAnswer,
  type ReportEventsAnswer,
  type RunEvent,
  type RunEventBody,
  signedText,
  type StartRunAnswer,
} from '../../server/contract/agent.ts'
import { agentRoutes } from '../../server/contract/routes.ts'

export class ScriptedAgent {
  readonly url: string
  readonly hello: Hello
  readonly #key: KeyObject
  #counter = 0
  #session = ''
  #run: StartRunAnswer | undefined
  #last = 0

  constructor(url: string, macAddress: string, hardware: Partial<Hardware> = {}) {
    const pair = generateKeyPairSync('ed25519')
    this.url = url
    this.#key = pair.privateKey
    this.hello = {
      protocol: agentProtocolVersion,
      identityKey: rawKey(pair.publicKey),
      sealingKey: rawKey(generateKeyPairSync('x25519').publicKey),
      nonce: randomBytes(16).toString('base64'),
      hardware: {
        architecture: 'x64',
        firmware: 'uefi',
        secureBoot: false,
        macAddresses: [macAddress],
        memoryBytes: 2 ** 31,
        disks: [],
        ...hardware,
      },
      startedFrom: 'boot-image',
      agentVersion: '0.1.0',
    }
  }

  get runId(): string {
    return this.#started.runId
  }

  get #started(): StartRunAnswer {
    if (this.#run === undefined) throw new Error('the agent has not started a run')
    return this.#run
  }

  async sayHello(): Promise<HelloAnswer> {
    const answer = await this.#post<HelloAnswer>(agentRoutes.hello, this.hello)
    this.#session = answer.session
    return answer
  }

  async startRun(deploymentId: DeploymentId): Promise<StartRunAnswer> {
    this.#run = await this.#post<StartRunAnswer>(agentRoutes.runs, { deploymentId, variables: [] }, this.#session)
    this.#last = 0
    return this.#run
  }

  /** Says hello and starts the deployment that the server names. */
  async begin(): Promise<StartRunAnswer> {
    const { machine } = await this.sayHello()
    if (machine.kind !== 'armed') throw new Error(`the machine is not armed: ${JSON.stringify(machine)}`)
    const { selection } = machine
    const choice = selection.kind === 'start' ? selection.choice : selection.choices[0]
    if (choice === undefined) throw new Error('nothing to choose from')
    return this.startRun(choice.deploymentId)
  }

  async report(...bodies: readonly RunEventBody[]): Promise<number> {
    const events: RunEvent[] = bodies.map((body) => ({ sequence: ++this.#last, atMs: Date.now(), body }))
    const { runId, runToken } = this.#started
    const { acknowledged } = await this.#post<ReportEventsAnswer>(agentRoutes.events, { runId, events }, runToken)
    return acknowledged
  }

  /** The step begins and ends well. */
  async passStep(path: readonly number[], name: string): Promise<void> {
    await this.report(
      { kind: 'step-started', path, name, type: 'run-command-line', attempt: 1 },
      { kind: 'step-ended', path, outcome: 'succeeded', exitCode: 0, message: '' },
    )
  }

  async #post<T>(path: string, message: unknown, token?: string): Promise<T> {
    this.#counter += 1
    const body = JSON.stringify(message)
    const hash = createHash('sha256').update(body).digest('hex')
    const signature = sign(null, Buffer.from(signedText('POST', path, this.#counter, hash)), this.#key)
    const answer = await fetch(`${this.url}${path}`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        [headers.counter]: String(this.#counter),
        [headers.signature]: signature.toString('base64'),
        ...(token === undefined ? {} : { [headers.authorization]: `Bearer ${token}` }),
      },
      body,
    })
    const text = await answer.text()
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${text}`)
    return JSON.parse(text) as T
  }
}

function rawKey(key: KeyObject): string {
  return key.export({ type: 'spki', format: 'der' }).subarray(12).toString('base64')
}
