/**
 * The rules of all collections, ready to be asked about machines (targeting/membership.ts), remembered until a collection is
 * edited: what else is edited, such as marks when a run starts, leaves them as they are.
 */

import type { Kysely } from 'kysely'
import type { CompiledQuery } from '../../targeting/evaluate-device-query.ts'
import { compileText, type MembershipPlan, planMembership } from '../../targeting/membership.ts'
import { readCollectionRules } from '../rows/collection-rows.ts'
import type { Schema } from '../schema.ts'
import { UntilEdit } from './until-edit.ts'

export type SitePlan = MembershipPlan

export class MembershipPlans {
  readonly #db: Kysely<Schema>
  readonly #remembered: UntilEdit<SitePlan>
  #compiled = new Map<string, CompiledQuery>()

  /** `edits` counts those of collections; it has moved before an edit's promise resolves. */
  constructor(db: Kysely<Schema>, edits: () => number) {
    this.#db = db
    this.#remembered = new UntilEdit(edits)
  }

  /** A promise only when it has to be read. */
  now(): SitePlan | Promise<SitePlan> {
    return this.#remembered.get('plan', async () => {
      const collections = await readCollectionRules(this.#db)
      const before = this.#compiled
      this.#compiled = new Map()
      return planMembership(collections, (query) => this.#compile(query, before))
    })
  }

  /** Most queries are those of the plan before. */
  #compile(query: string, before: ReadonlyMap<string, CompiledQuery>): CompiledQuery {
    const compiled = this.#compiled.get(query) ?? before.get(query) ?? compileText(query)
    this.#compiled.set(query, compiled)
    return compiled
  }
}
