/** Agents with runs that report: by their own route, signed, at a fixed pace, each event with the moment it was said. */

import { parseMacAddress } from '../../server/address/mac-address.ts'
import { assert } from '../../server/assert.ts'
import { HttpClient } from '../../server/cli/load/http-client.ts'
import { MadeUpAgent } from '../../server/cli/load/made-up-agent.ts'
import type { ProgressShape } from './cases.ts'
import type { Figures } from './load-result.ts'
import { stampOf } from './stamp.ts'

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
  readonly #beganMs = performance.now()
  #nextMs = 0
  #said = 0
  failed = 0

  constructor(agents: readonly Reporting[], load: ProgressShape) {
    this.#all = agents
    this.#idle = [...agents]
    this.#load = load
  }

  turn(nowMs: number): void {
    if (this.#all.length === 0 || nowMs < this.#nextMs) return
    this.#nextMs = nowMs + reportEveryMs
    const { eventsPerSecond, eventsPerReport } = this.#load
    const due = ((nowMs - this.#beganMs) / 1_000) * eventsPerSecond
    while (this.#said + eventsPerReport <= due) {
      const agent = this.#idle.shift()
      if (agent === undefined) return
      this.#said += eventsPerReport
      this.#report(agent)
    }
  }

  get areIdle(): boolean {
    return this.#idle.length === this.#all.length
  }

  /** Of those that were due; of a peer, which makes its own, nothing is known. */
  figures(): Figures {
    const due = ((performance.now() - this.#beganMs) / 1_000) * this.#load.eventsPerSecond
    return this.#all.length === 0 ? {} : { told: Math.min(1, (this.#said + this.#load.eventsPerReport) / due) }
  }

  close(): void {
    for (const [, http] of this.#all) http.close()
  }

  #report(agent: Reporting): void {
    const bodies = Array.from({ length: this.#load.eventsPerReport }, (_, index) => ({
      kind: 'step-progress' as const,
      text: stampOf(index),
      done: this.#said,
      unit: 'items' as const,
    }))
    const heard = (): void => void this.#idle.push(agent)
    agent[0].report(bodies).then(heard, () => {
      this.failed++
      heard()
    })
  }
}
