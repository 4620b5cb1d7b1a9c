/**
 * An agent that does what a test says: real keys, real signatures, real requests of contract/agent.ts over HTTP, and no
 * machine underneath. Each event it reports is the next of its run.
 */

import type { DeploymentId } from '../../server/address/identifiers.ts'
import type {
  Hardware,
  Hello,
  HelloAnswer,
  ReportEventsAnswer,
  RunEvent,
  RunEventBody,
  StartRunAnswer,
} from '../../server/contract/agent.ts'
import { agentRoutes } from '../../server/contract/routes.ts'
import { AgentKey } from './agent-key.ts'

export class ScriptedAgent {
  readonly url: string
  readonly hello: Hello
  readonly #key = new AgentKey()
  #session = ''
  #run: StartRunAnswer | undefined
  #last = 0

  constructor(url: string, macAddress: string, hardware: Partial<Hardware> = {}) {
    this.url = url
    const hello = this.#key.hello(macAddress)
    this.hello = { ...hello, hardware: { ...hello.hardware, ...hardware } }
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
    const answer = await fetch(`${this.url}${path}`, { method: 'POST', ...this.#key.prepare(path, message, token) })
    const text = await answer.text()
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${text}`)
    return JSON.parse(text) as T
  }
}
