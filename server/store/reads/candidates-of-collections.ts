/**
 * What is deployed to each collection, remembered until the site is edited. Thousands of machines share their collections: kept once, it
 * is neither read nor held in memory for each of them.
 */

import type { CollectionId } from '../../address/identifiers.ts'
import type { CandidateDeployment } from '../../boot/boot-facts.ts'

export class CandidatesOfCollections {
  readonly #edits: () => number
  readonly #read: (ids: readonly CollectionId[]) => Promise<readonly CandidateDeployment[]>
  readonly #remembered = new Map<CollectionId, readonly CandidateDeployment[]>()
  #rememberedAtEdit = 0

  /** `edits` counts them; it has moved before an edit's promise resolves. */
  constructor(edits: () => number, read: (ids: readonly CollectionId[]) => Promise<readonly CandidateDeployment[]>) {
    this.#edits = edits
    this.#read = read
  }

  /** By identifier. */
  async of(ids: readonly CollectionId[]): Promise<readonly CandidateDeployment[]> {
    const edit = this.#edits()
    if (edit !== this.#rememberedAtEdit) this.#remembered.clear()
    this.#rememberedAtEdit = edit
    const found = new Map(ids.map((id) => [id, this.#remembered.get(id)]))
    const missing = ids.filter((id) => found.get(id) === undefined)
    const read = Map.groupBy(await this.#read(missing), ({ deployment }) => deployment.collectionId)
    for (const id of missing) {
      const candidates = read.get(id) ?? []
      found.set(id, candidates)
      // An edit that came meanwhile may or may not be in what was read.
      if (this.#edits() === edit) this.#remembered.set(id, candidates)
    }
    return [...found.values()]
      .flatMap((candidates) => candidates ?? [])
      .toSorted((a, b) => (a.deployment.id < b.deployment.id ? -1 : 1))
  }
}
