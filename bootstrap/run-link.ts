/**
 * One run's line to the server: its token, and the ticket that buys a new one after a restart or when the token has
 * expired in a long step. The new ticket is kept before the new token is used.
 */

import type { Hello, RunEvent } from '../server/contract/agent.ts'
import { Fault, type FaultKind } from './fault.ts'
import type { ManagementPoint } from './management-point.ts'
import type { RunKeeper } from './run-keeper.ts'

export class RunLink {
  readonly #managementPoint: ManagementPoint
  readonly #keeper: RunKeeper
  readonly #hello: Hello
  #renewing: Promise<void> | undefined

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

  /** The run's number is added to the body. */
  async ask<A>(path: string, body: object, decode: (value: unknown) => A | undefined): Promise<A> {
    const { runId } = this.#keeper.saved
    return this.#withToken(() => this.#managementPoint.askForRun(path, { runId, ...body }, decode))
  }

  /** Once more when the token has expired meanwhile. */
  async #withToken<A>(ask: () => Promise<A>): Promise<A> {
    const { token } = this
    try {
      return await ask()
    } catch (error) {
      if (!(error instanceof Fault) || !tokenFaults.includes(error.kind)) throw error
      await this.#renew(token)
      return ask()
    }
  }

  /** Events and questions that meet the end of the token together renew it once: a second new token would end the first. */
  async #renew(old: string): Promise<void> {
    if (this.#renewing === undefined && this.token !== old) return
    this.#renewing ??= this.resume().finally(() => {
      this.#renewing = undefined
    })
    await this.#renewing
  }
}

const tokenFaults: readonly FaultKind[] = ['unknown-token', 'expired']
