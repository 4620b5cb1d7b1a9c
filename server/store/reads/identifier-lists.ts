/**
 * The lists of duplicate identifiers and ignored addresses in memory, with the presets of the server's settings: every packet
 * asks them. An edit is in them before it is answered.
 */

import type { Kysely } from 'kysely'
import {
  IdentifierList,
  type IdentifierLists,
  type ListedIdentifier,
  nothingListed,
  spellingsOf,
} from '../../site/listed-identifier.ts'
import type { IdentifierListing } from '../identifier-list-port.ts'
import type { ChangedInventory } from '../membership-port.ts'
import type { Edit } from '../ports.ts'
import { readListedIdentifiers } from '../rows/listed-identifier-rows.ts'
import type { Schema } from '../schema.ts'
import { type DoneCommand, noEdit, type Writer } from '../writer.ts'

export class ListsInMemory {
  readonly #presets: IdentifierLists
  readonly #listed: Map<string, ListedIdentifier>
  #now: IdentifierLists

  private constructor(presets: IdentifierLists, listed: readonly ListedIdentifier[]) {
    this.#presets = presets
    this.#listed = new Map(listed.map((one) => [keyOf(one), one]))
    this.#now = this.#merge()
  }

  static async read(db: Kysely<Schema>, presets: IdentifierLists = nothingListed): Promise<ListsInMemory> {
    return new ListsInMemory(presets, await readListedIdentifiers(db))
  }

  get now(): IdentifierLists {
    return this.#now
  }

  learn({ name, value }: DoneCommand): void {
    const { listed = [], unlisted = [] } = changesOf(name, value)
    if (listed.length === 0 && unlisted.length === 0) return
    for (const one of listed) this.#listed.set(keyOf(one), one)
    for (const one of unlisted) this.#listed.delete(keyOf(one))
    this.#now = this.#merge()
  }

  listing(writer: Writer): IdentifierListing {
    return {
      listedIdentifiers: async (list) => this.#shown(list),
      listIdentifier: (wanted) => writer.run('listIdentifier', wanted),
      unlistIdentifier: async (named) => {
        const edit = await writer.run('unlistIdentifier', named)
        return edit.kind === 'not-found' && this.#isPreset(named) ? { kind: 'refused', reason: presetReason } : edit
      },
    }
  }

  #shown(list: IdentifierList): readonly ListedIdentifier[] {
    const listed = [...this.#listed.values()].filter((one) => one.list === list)
    const known = new Set(listed.flatMap(({ identifier }) => spellingsOf(identifier)))
    const presets = [...presetsOf(this.#presets, list)]
      .filter((identifier) => !known.has(identifier))
      .map((identifier) => ({ list, identifier, comment: '', from: 'setting' as const }))
    return [...listed, ...presets].toSorted((a, b) => (a.identifier < b.identifier ? -1 : 1))
  }

  #isPreset({ list, identifier }: Pick<ListedIdentifier, 'list' | 'identifier'>): boolean {
    return spellingsOf(identifier).some((one) => presetsOf(this.#presets, list).has(one))
  }

  #merge(): IdentifierLists {
    const all = (list: IdentifierList): ReadonlySet<string> => {
      const listed = [...this.#listed.values()].filter((one) => one.list === list)
      return new Set([...presetsOf(this.#presets, list), ...listed.map(({ identifier }) => identifier)])
    }
    return { duplicateIdentifiers: all(IdentifierList.duplicate), ignoredMacAddresses: all(IdentifierList.ignored) }
  }
}

interface ListChanges {
  readonly listed?: readonly ListedIdentifier[]
  readonly unlisted?: readonly ListedIdentifier[]
}

/** The writer answers each command with what the table of commands says it returns. */
function changesOf(name: string, value: unknown): ListChanges {
  if (name === 'keepInventory') return value === noEdit ? {} : (value as ChangedInventory)
  if (name !== 'listIdentifier' && name !== 'unlistIdentifier') return {}
  const edit = value as Edit<ListedIdentifier>
  if (edit.kind !== 'saved') return {}
  return name === 'listIdentifier' ? { listed: [edit.value] } : { unlisted: [edit.value] }
}

const presetReason = 'a setting of the server lists it; take it out of its settings, and start it again'

function presetsOf(presets: IdentifierLists, list: IdentifierList): ReadonlySet<string> {
  return list === IdentifierList.duplicate ? presets.duplicateIdentifiers : presets.ignoredMacAddresses
}

function keyOf({ list, identifier }: Pick<ListedIdentifier, 'list' | 'identifier'>): string {
  return `${list} ${identifier}`
}
