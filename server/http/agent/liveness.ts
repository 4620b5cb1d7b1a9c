/**
 * Which agent speaks for a machine just now. Hardware identifiers can be copied, so while one agent is heard, another
 * with the same identifiers and another key is parked (security A06). An agent that fell silent makes room by itself: a
 * machine that was switched off and on must not need a person.
 */

/** A waiting agent asks again every few seconds. */
const silentAfterMs = 30_000
/** While a step is quiet its agent says every 30 s that it is alive; three of these may be lost. */
export const runSilentAfterMs = 120_000
const machinesMax = 50_000

interface Voice {
  readonly identityKey: string
  readonly silentAtMs: number
  readonly hasRun: boolean
}

export class Liveness {
  readonly #voices = new Map<string, Voice>()

  /** False: another agent is alive under this name, and stays the one. */
  hear(machine: string, identityKey: string, nowMs: number, hasRun = false): boolean {
    const voice = this.#voices.get(machine)
    if (voice !== undefined && voice.identityKey !== identityKey && nowMs < voice.silentAtMs) return false
    const own = voice?.identityKey === identityKey ? voice : undefined
    const keepsRun = own?.hasRun === true && nowMs < own.silentAtMs
    this.replace(machine, identityKey, nowMs, hasRun)
    // A hello in the middle of a run does not make its place free any sooner.
    if (keepsRun && !hasRun) this.#voices.set(machine, own)
    return true
  }

  /** An administrator decided for this agent, or its ticket did. */
  replace(machine: string, identityKey: string, nowMs: number, hasRun = false): void {
    this.#voices.delete(machine)
    const silentAtMs = nowMs + (hasRun ? runSilentAfterMs : silentAfterMs)
    this.#voices.set(machine, { identityKey, silentAtMs, hasRun })
    if (this.#voices.size > machinesMax) this.#forgetOldest(nowMs)
  }

  /** The run has ended: whoever comes next is welcome. */
  fallSilent(machine: string, identityKey: string): void {
    if (this.#voices.get(machine)?.identityKey === identityKey) this.#voices.delete(machine)
  }

  /** A run that is alive keeps its place, however many say hello: only its own agent can have started it. */
  #forgetOldest(nowMs: number): void {
    for (const [machine, { hasRun, silentAtMs }] of this.#voices) {
      if (hasRun && nowMs < silentAtMs) continue
      this.#voices.delete(machine)
      return
    }
  }
}
