/**
 * The rules of all collections, ready to be asked about machines (targeting/membership.ts). They are read once; an edit of a
 * collection has that one read again, and other edits, such as marks when a run starts, leave them as they are.
 */

import type { Kysely } from 'kysely'
import type { CollectionId } from '../../address/identifiers.ts'
import type { CollectionRules } from '../../site/collection.ts'
import type { CompiledQuery } from '../../targeting/evaluate-device-query.ts'
import { compileText, type MembershipPlan, planMembership } from '../../targeting/membership.ts'
import { readCollectionRules } from '../rows/collection-rows.ts'
import type { Schema } from '../schema.ts'
import type { Touched } from './touched-objects.ts'

export type SitePlan = MembershipPlan

export class MembershipPlans {
  readonly #db: Kysely<Schema>
  #rules: Map<CollectionId, CollectionRules> | undefined
  readonly #touched = new Set<CollectionId>()
  #plan: SitePlan | undefined
  #reading: Promise<SitePlan> | undefined
  #compiled = new Map<string, CompiledQuery>()

  constructor(db: Kysely<Schema>) {
    this.#db = db
  }

  /** Told of each command after its commit, before it is answered. */
  note({ collection }: Touched): void {
    if (collection === undefined) return
    this.#touched.add(collection)
    this.#plan = undefined
  }

  /** Has everything that was noted before. A promise only when it has to be read. */
  now(): SitePlan | Promise<SitePlan> {
    if (this.#plan !== undefined) return this.#plan
    this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined
    })
    return this.#reading
  }

  async #read(): Promise<SitePlan> {
    let rules = this.#rules
    // Kept again below; a read that fails leaves nothing half done.
    this.#rules = undefined
    do {
      const ids = [...this.#touched]
      this.#touched.clear()
      const isWhole = rules === undefined
      rules ??= new Map()
      for (const id of ids) rules.delete(id)
      for (const read of await readCollectionRules(this.#db, isWhole ? undefined : ids)) rules.set(read.id, read)
    } while (this.#touched.size > 0)
    this.#rules = rules
    const before = this.#compiled
    this.#compiled = new Map()
    this.#plan = planMembership([...rules.values()], (query) => this.#compile(query, before))
    return this.#plan
  }

  /** Most queries are those of the plan before. */
  #compile(query: string, before: ReadonlyMap<string, CompiledQuery>): CompiledQuery {
    const compiled = this.#compiled.get(query) ?? before.get(query) ?? compileText(query)
    this.#compiled.set(query, compiled)
    return compiled
  }
}
