/**
 * From where each agent that said hello was started, for the check when it starts a run. Kept in memory: after a restart
 * of the server an agent counts as network-booted, which is the door with the most rules.
 */

import type { Hello } from '../../contract/agent.ts'

const agentsMax = 50_000

export class StartedFrom {
  readonly #byKey = new Map<string, Hello['startedFrom']>()

  remember(identityKey: string, startedFrom: Hello['startedFrom']): void {
    this.#byKey.delete(identityKey)
    this.#byKey.set(identityKey, startedFrom)
    if (this.#byKey.size <= agentsMax) return
    const [oldest] = this.#byKey.keys()
    if (oldest !== undefined) this.#byKey.delete(oldest)
  }

  of(identityKey: string): Hello['startedFrom'] {
    return this.#byKey.get(identityKey) ?? 'boot-image'
  }
}
