/**
 * When the client of each device was heard last, kept beside the remembered facts (boot-facts-cache.ts): clients say hello every
 * quarter of an hour, and nobody edits anything by it. Read once; afterwards told of what was written.
 */

import type { Kysely } from 'kysely'
import type { DeviceId } from '../../address/identifiers.ts'
import { readClientsHeard } from '../rows/client-rows.ts'
import type { KeptEvents } from '../provisioning-port.ts'
import type { Schema } from '../schema.ts'
import type { DoneCommand } from '../writer.ts'

export class ClientsHeard {
  readonly #heardAtMs: Map<DeviceId, number>

  private constructor(heardAtMs: ReadonlyMap<DeviceId, number>) {
    this.#heardAtMs = new Map(heardAtMs)
  }

  static async read(db: Kysely<Schema>): Promise<ClientsHeard> {
    return new ClientsHeard(await readClientsHeard(db))
  }

  hear(id: DeviceId, atMs: number): void {
    this.#heardAtMs.set(id, atMs)
  }

  learnFrom({ name, value }: DoneCommand): void {
    if (name !== 'addEvents' || typeof value === 'string') return
    const { provisioned } = value as KeptEvents
    if (provisioned !== undefined) this.hear(provisioned.device.id, provisioned.atMs)
  }

  forget(id: DeviceId): void {
    this.#heardAtMs.delete(id)
  }

  /** Records of one machine, or of what was one: either was heard when the other was. */
  share(id: DeviceId, other: DeviceId): void {
    const times = [id, other].flatMap((one) => this.#heardAtMs.get(one) ?? [])
    if (times.length === 0) return
    for (const one of [id, other]) this.#heardAtMs.set(one, Math.max(...times))
  }

  /** Undefined: of no device. */
  of(id: DeviceId | undefined): { readonly clientHeardAtMs?: number } {
    const atMs = id === undefined ? undefined : this.#heardAtMs.get(id)
    return atMs === undefined ? {} : { clientHeardAtMs: atMs }
  }
}
