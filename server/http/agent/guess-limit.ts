/**
 * Deployments that an agent names and that do not start, counted (security A07). Whoever names one gets one answer, whether there is
 * none, it is another machine's, or it may not run now; but a hidden one that is the machine's own starts, so somebody could
 * try all of a site's million identifiers. Who named ten that did not start waits, and while they wait the right one is refused
 * like any other. A machine that asks for the same one again and again, because it cannot run yet, guesses nothing.
 */

import { Counter } from 'prom-client'
import type { DeploymentId } from '../../address/identifiers.ts'
import type { MacAddress } from '../../address/mac-address.ts'
import type { MediumId } from '../../contract/medium.ts'
import { tell } from '../boot-routes.ts'
import type { HttpDependencies } from '../dependencies.ts'
import { Problem } from '../problem.ts'

/** Far more than people mistype, and at this rate a million take two years. */
export const wrongIdsMax = 10
export const guessWindowMs = 10 * 60_000
/** Four for each who guesses; who has the addresses to fill this is no machine that starts. */
const guessersMax = 40_000

export interface Guesser {
  readonly identityKey: string
  /** By which the site knows the machine; undefined: another agent speaks for it, whom a copy must not make wait. */
  readonly machineKey: string | undefined
  readonly mediumId: MediumId | undefined
  readonly ipAddress: string
}

/** Everything that a guesser is known by waits alone: keys, and what hardware tells, cost nothing. */
export class GuessLimit {
  readonly #named = new Map<string, { readonly ids: Set<DeploymentId>; endsAtMs: number }>()

  /** 0: it need not wait. */
  waitMs(guesser: Guesser, nowMs: number): number {
    return Math.max(
      0,
      ...namesOf(guesser).map((name) => {
        const named = this.#named.get(name)
        return named !== undefined && named.ids.size >= wrongIdsMax ? named.endsAtMs - nowMs : 0
      }),
    )
  }

  /** True: it has to wait from now on. */
  add(guesser: Guesser, ids: readonly DeploymentId[], nowMs: number): boolean {
    const waited = this.waitMs(guesser, nowMs) > 0
    for (const name of namesOf(guesser)) {
      const before = this.#named.get(name)
      const isOver = before === undefined || before.endsAtMs <= nowMs
      const named = isOver ? { ids: new Set<DeploymentId>(), endsAtMs: nowMs + guessWindowMs } : before
      for (const id of ids) {
        if (named.ids.has(id) || named.ids.size >= wrongIdsMax) continue
        named.ids.add(id)
        if (named.ids.size === wrongIdsMax) named.endsAtMs = nowMs + guessWindowMs
      }
      this.#named.delete(name)
      this.#named.set(name, named)
      if (this.#named.size > guessersMax) this.#forgetOldest()
    }
    return !waited && this.waitMs(guesser, nowMs) > 0
  }

  #forgetOldest(): void {
    for (const name of this.#named.keys()) {
      this.#named.delete(name)
      return
    }
  }
}

function namesOf({ identityKey, machineKey, mediumId, ipAddress }: Guesser): readonly string[] {
  const machine = machineKey === undefined ? [] : [`machine ${machineKey}`]
  const medium = mediumId === undefined ? [] : [`medium ${mediumId}`]
  return [`key ${identityKey}`, `address ${ipAddress}`, ...machine, ...medium]
}

interface Seen extends Guesser {
  readonly lane: MacAddress
  readonly machineName: string
}

/** The limit with what is told of it: counted, and said once for each wait. */
export class GuessGuard {
  readonly #limit = new GuessLimit()
  readonly #site: HttpDependencies
  readonly #counter: Counter<'outcome'>

  constructor(site: HttpDependencies) {
    this.#site = site
    this.#counter = new Counter({
      name: 'reveille_named_deployments_total',
      help: 'Deployments that agents named and that did not start: told so, or made to wait.',
      labelNames: ['outcome'],
      registers: [site.metrics],
    })
  }

  /** Before anything is said about what it names. */
  requireNoGuesser(guesser: Guesser): void {
    const waitMs = this.#limit.waitMs(guesser, this.#site.now())
    if (waitMs === 0) return
    this.#counter.inc({ outcome: 'waits' })
    throw new Problem(429, {
      detail: 'This machine, or its medium, named too many deployments that cannot run on it. It has to wait.',
      headers: { 'retry-after': String(Math.ceil(waitMs / 1_000)) },
    })
  }

  /** They did not start, or nobody was told whether they would. */
  add({ lane, machineName, ...guesser }: Seen, ids: readonly DeploymentId[]): void {
    if (ids.length === 0) return
    const { log, now } = this.#site
    this.#counter.inc({ outcome: 'does-not-start' }, ids.length)
    if (!this.#limit.add(guesser, ids, now())) return
    const { ipAddress, mediumId } = guesser
    const text = `${wrongIdsMax} deployments were named within ${guessWindowMs / 60_000} minutes that cannot run on this machine; whoever tries them has to wait`
    log.warn({ device: machineName, ipAddress, ...(mediumId === undefined ? {} : { medium: mediumId }) }, text)
    tell(this.#site, { lane, atMs: now(), ipAddress, observation: { kind: 'note', text: `${text}.` } })
  }
}
