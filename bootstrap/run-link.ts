/**
 * One run's line to the server: its token, and the ticket that buys a new one after a restart or when the token has
 * expired in a long step. The new ticket is kept before the new token is used.
 */

import type { CapturedImage, CapturedImageAnswer, Hello, RunEvent } from '../server/contract/agent.ts'
import { Fault, type FaultKind } from './fault.ts'
import type { ManagementPoint } from './management-point.ts'
import type { RunKeeper } from './run-keeper.ts'

export class RunLink {
  readonly #managementPoint: ManagementPoint
  readonly #keeper: RunKeeper
  readonly #hello: Hello

  constructor(managementPoint: ManagementPoint, keeper: RunKeeper, hello: Hello) {
    this.#managementPoint = managementPoint
    this.#keeper = keeper
    this.#hello = hello
  }

  get token(): string {
    return this.#managementPoint.runToken
  }

  /** Rejects with a `Fault` when the server does not let the run go on. */
  async resume(): Promise<void> {
    const { runId, resumeTicket } = this.#keeper.saved
    const answer = await this.#managementPoint.resume({ hello: this.#hello, runId, resumeTicket })
    this.#keeper.keepTicket(answer.resumeTicket)
    this.#keeper.journal.acknowledge(answer.acknowledged)
  }

  async send(events: readonly RunEvent[]): Promise<number> {
    const { runId } = this.#keeper.saved
    return this.#withToken(() => this.#managementPoint.reportEvents({ runId, events }))
  }

  async keepImage(image: Omit<CapturedImage, 'runId'>): Promise<CapturedImageAnswer> {
    const { runId } = this.#keeper.saved
    return this.#withToken(() => this.#managementPoint.keepImage({ ...image, runId }))
  }

  /** Once more when the token has expired meanwhile. */
  async #withToken<A>(ask: () => Promise<A>): Promise<A> {
    try {
      return await ask()
    } catch (error) {
      if (!(error instanceof Fault) || !tokenFaults.includes(error.kind)) throw error
      await this.resume()
      return ask()
    }
  }
}

const tokenFaults: readonly FaultKind[] = ['unknown-token', 'expired']
