/**
 * Which agent speaks for a machine just now. Hardware identifiers can be copied, so while one agent is heard, another
 * with the same identifiers and another key is parked (security A06). An agent that fell silent makes room by itself: a
 * machine that was switched off and on must not need a person.
 */

/** A waiting agent asks again every few seconds. */
export const silentAfterMs = 30_000
/** A quiet step may report nothing for a while, and its run must not be taken from it. */
export const runSilentAfterMs = 120_000
const machinesMax = 50_000

interface Voice {
  readonly identityKey: string
  readonly silentAtMs: number
}

export class Liveness {
  readonly #voices = new Map<string, Voice>()

  /** False: another agent is alive under this name, and stays the one. */
  hear(machine: string, identityKey: string, nowMs: number, lastsMs: number = silentAfterMs): boolean {
    const voice = this.#voices.get(machine)
    if (voice !== undefined && voice.identityKey !== identityKey && nowMs < voice.silentAtMs) return false
    const silentAtMs = Math.max(voice?.identityKey === identityKey ? voice.silentAtMs : 0, nowMs + lastsMs)
    this.#voices.delete(machine)
    this.#voices.set(machine, { identityKey, silentAtMs })
    if (this.#voices.size > machinesMax) this.#forgetOldest()
    return true
  }

  /** An administrator decided for this agent, or its ticket did. */
  replace(machine: string, identityKey: string, nowMs: number, lastsMs: number = silentAfterMs): void {
    this.#voices.delete(machine)
    this.#voices.set(machine, { identityKey, silentAtMs: nowMs + lastsMs })
  }

  /** The run has ended: whoever comes next is welcome. */
  fallSilent(machine: string, identityKey: string): void {
    if (this.#voices.get(machine)?.identityKey === identityKey) this.#voices.delete(machine)
  }

  #forgetOldest(): void {
    const [oldest] = this.#voices.keys()
    if (oldest !== undefined) this.#voices.delete(oldest)
  }
}
