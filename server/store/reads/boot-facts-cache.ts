/**
 * What the site says about a client, remembered until the site is edited. Machines ask several times on the way of one boot,
 * and when a hall full of new ones is switched on, they all ask the same. Nothing here depends on the time: facts are
 * stamped with it when they are handed out.
 */

import type { BootFacts } from '../../boot/boot-facts.ts'
import type { PxeClient } from '../../boot/pxe-client.ts'
import type { KnownIdentifiers } from './known-identifiers.ts'

export type LastingFacts = Omit<BootFacts, 'nowMs'>

/** Clients of a large site; when there are more, all are forgotten and read again as they ask. */
const rememberedMax = 10_000

export class BootFactsCache {
  readonly #edits: () => number
  readonly #identifiers: KnownIdentifiers
  readonly #remembered = new Map<string, LastingFacts>()
  #rememberedAtEdit = 0

  /** `edits` counts them; it has moved before an edit's promise resolves. */
  constructor(edits: () => number, identifiers: KnownIdentifiers) {
    this.#edits = edits
    this.#identifiers = identifiers
  }

  async get(client: PxeClient, read: (isKnown: boolean) => Promise<LastingFacts>): Promise<LastingFacts> {
    const edit = this.#edits()
    if (edit !== this.#rememberedAtEdit || this.#remembered.size >= rememberedMax) this.#remembered.clear()
    this.#rememberedAtEdit = edit
    const isKnown = this.#identifiers.mayKnow(client)
    const key = isKnown ? keyOf(client) : architectureOf(client)
    const remembered = this.#remembered.get(key)
    if (remembered !== undefined) return remembered
    const facts = await read(isKnown)
    // An edit that came meanwhile may or may not be in what was read.
    if (this.#edits() === edit) this.#remembered.set(key, facts)
    return facts
  }
}

function keyOf(client: PxeClient): string {
  return `${architectureOf(client)} ${client.macAddress} ${client.smbiosGuid ?? ''}`
}

function architectureOf({ platform }: PxeClient): string {
  return platform.architecture
}
