/** The agent on a made-up machine: hello, and where it is told to, a run whose steps it only reports. Real keys, real signatures. */

import type { DeploymentId } from '../../address/identifiers.ts'
import type { MacAddress } from '../../address/mac-address.ts'
import type { HelloAnswer, ReportEventsAnswer, RunEvent, RunEventBody, StartRunAnswer } from '../../contract/agent.ts'
import { agentRoutes } from '../../contract/routes.ts'
import { AgentKey } from './agent-key.ts'
import type { HttpClient } from './http-client.ts'
import { LoadError } from './load-error.ts'

export class MadeUpAgent {
  readonly #url: string
  readonly #http: HttpClient
  readonly #macAddress: MacAddress
  readonly #key = new AgentKey()
  #session = ''
  #run: StartRunAnswer | undefined
  #sequence = 0

  constructor(url: string, http: HttpClient, macAddress: MacAddress) {
    this.#url = url
    this.#http = http
    this.#macAddress = macAddress
  }

  async sayHello(): Promise<HelloAnswer> {
    const hello = this.#key.hello({
      architecture: 'x64',
      firmware: 'uefi',
      secureBoot: false,
      macAddresses: [this.#macAddress],
      memoryBytes: 2 ** 33,
      disks: [],
    })
    const answer = await this.#post<HelloAnswer>(agentRoutes.hello, hello)
    this.#session = answer.session
    return answer
  }

  async startRun(deploymentId: DeploymentId): Promise<StartRunAnswer> {
    this.#run = await this.#post<StartRunAnswer>(agentRoutes.runs, { deploymentId, variables: [] }, this.#session)
    return this.#run
  }

  async report(bodies: readonly RunEventBody[]): Promise<void> {
    if (this.#run === undefined) throw new LoadError('nothing runs')
    const { runId, runToken } = this.#run
    const events: RunEvent[] = bodies.map((body) => ({ sequence: ++this.#sequence, atMs: Date.now(), body }))
    const { acknowledged } = await this.#post<ReportEventsAnswer>(agentRoutes.events, { runId, events }, runToken)
    if (acknowledged !== this.#sequence) throw new LoadError('the server keeps fewer events than it was told')
  }

  async #post<Answer>(path: string, message: unknown, token?: string): Promise<Answer> {
    const body = JSON.stringify(message)
    const headers = this.#key.headers(path, body, token)
    // Ours in a run of ours: a server that answers otherwise is found where the answer is used.
    return JSON.parse(await this.#http.text(`${this.#url}${path}`, { method: 'POST', headers, body })) as Answer
  }
}
