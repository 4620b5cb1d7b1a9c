/**
 * What the site says about a client, remembered until the site is edited; all strangers of an architecture share one answer.
 * Nothing here depends on the time, on runs, or on clients that are heard: facts are stamped with these when they are handed out.
 */

import type { DeviceId } from '../../address/identifiers.ts'
import type { BootFacts } from '../../boot/boot-facts.ts'
import type { PxeClient } from '../../boot/pxe-client.ts'
import { addressesOf } from '../../boot/identify-device.ts'
import { bootArchitectureOf } from '../../boot/platform-architecture.ts'
import type { KnownIdentifiers } from './known-identifiers.ts'
import { UntilEdit } from './until-edit.ts'

export type LastingFacts = Omit<BootFacts, 'nowMs' | 'runInBootImage' | 'clientHeardAtMs' | 'identifierLists'> & {
  /** The one device that they are of, as far as one was chosen. */
  readonly deviceId?: DeviceId
}

export class BootFactsCache {
  readonly #identifiers: KnownIdentifiers
  readonly #remembered: UntilEdit<LastingFacts>

  /** `edits` counts them; it has moved before an edit's promise resolves. */
  constructor(edits: () => number, identifiers: KnownIdentifiers) {
    this.#identifiers = identifiers
    this.#remembered = new UntilEdit(edits)
  }

  get(client: PxeClient, read: (isKnown: boolean) => Promise<LastingFacts>): LastingFacts | Promise<LastingFacts> {
    const isKnown = this.#identifiers.mayKnow(client)
    return this.#remembered.get(isKnown ? keyOf(client) : architectureOf(client), () => read(isKnown))
  }
}

function keyOf(client: PxeClient): string {
  const { smbiosGuid = '', serialNumber = '' } = client
  return [architectureOf(client), ...addressesOf(client), smbiosGuid, serialNumber].join(' ')
}

/** As far as an unknown computer is told from others (reads/boot-facts.ts). */
function architectureOf({ platform }: PxeClient): string {
  return bootArchitectureOf(platform) ?? 'other'
}
