/** Agents with runs that report: by their own route, signed, at a fixed pace, each event with the moment it was said. */

import { parseMacAddress } from '../../server/address/mac-address.ts'
import { assert } from '../../server/assert.ts'
import { HttpClient } from '../../server/cli/load/http-client.ts'
import { MadeUpAgent } from '../../server/cli/load/made-up-agent.ts'
import { eventsPerReportMax } from '../../server/contract/agent.ts'
import type { ProgressShape } from './cases.ts'
import type { Figures } from './load-result.ts'
import { clockMs, stampOf } from './stamp.ts'

interface Place {
  readonly address: string
  readonly port: number
  readonly machines: number
}

type Reporting = readonly [MadeUpAgent, HttpClient]

const reportEveryMs = 5

export async function startRuns({ address, port, machines }: Place): Promise<readonly Reporting[]> {
  const agents: Reporting[] = []
  for (let number = 0; number < machines; number++) {
    const macAddress = parseMacAddress(`02:00:00:00:01:${number.toString(16).padStart(2, '0')}`)
    assert(macAddress !== undefined, 'at most 256 machines')
    const http = new HttpClient()
    const agent = new MadeUpAgent(`http://${address}:${port}`, http, macAddress)
    const { machine } = await agent.sayHello()
    const choice = machine.kind === 'armed' && machine.selection.kind === 'choose' && machine.selection.choices[0]
    assert(choice !== false && choice !== undefined, 'something is deployed to unknown computers')
    await agent.startRun(choice.deploymentId)
    await agent.report([{ kind: 'step-started', path: [0], name: 'Bench', type: 'run-command-line', attempt: 1 }])
    agents.push([agent, http])
  }
  return agents
}

/** Events at their pace, each machine in its turn; one report of a machine at a time. */
export class Reports {
  readonly #idle: Reporting[]
  readonly #all: readonly Reporting[]
  readonly #load: ProgressShape
  readonly #beganMs = clockMs()
  #nextMs = 0
  #said = 0
  failed = 0

  constructor(agents: readonly Reporting[], load: ProgressShape) {
    this.#all = agents
    this.#idle = [...agents]
    this.#load = load
  }

  /** All that is due is told: who is busy with a report leaves it to the others, or to its next one, as agents do. */
  turn(nowMs: number): void {
    if (this.#all.length === 0 || nowMs < this.#nextMs) return
    this.#nextMs = nowMs + reportEveryMs
    const { eventsPerReport } = this.#load
    for (let left = this.#due() - this.#said; left >= eventsPerReport; left = this.#due() - this.#said) {
      const events = Math.min(eventsPerReportMax, Math.max(eventsPerReport, Math.ceil(left / this.#idle.length)))
      const agent = this.#idle.shift()
      if (agent === undefined) return
      this.#report(agent, Math.min(events, left))
    }
  }

  #due(): number {
    return Math.floor(((clockMs() - this.#beganMs) / 1_000) * this.#load.eventsPerSecond)
  }

  get areIdle(): boolean {
    return this.#idle.length === this.#all.length
  }

  /** Of those that were due; of a peer, which makes its own, nothing is known. */
  figures(): Figures {
    return this.#all.length === 0 ? {} : { told: Math.min(1, (this.#said + this.#load.eventsPerReport) / this.#due()) }
  }

  close(): void {
    for (const [, http] of this.#all) http.close()
  }

  /** Each event has the moment when it was due, so that waiting for its report counts. */
  #report(agent: Reporting, events: number): void {
    const bodies = Array.from({ length: events }, () => {
      this.#said += 1
      const atMs = this.#beganMs + (this.#said / this.#load.eventsPerSecond) * 1_000
      return { kind: 'step-progress', text: stampOf(this.#said, atMs), done: this.#said, unit: 'items' } as const
    })
    const heard = (): void => void this.#idle.push(agent)
    agent[0].report(bodies).then(heard, () => {
      this.failed++
      heard()
    })
  }
}
