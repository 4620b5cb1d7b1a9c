/**
 * Imports between the archive and the last file: few, and each for an hour. They are in memory only; files that were sent
 * already are in the library, and need not be sent again.
 */

import { randomUUID } from 'node:crypto'
import { notFound, Problem } from '../../problem.ts'
import type { ImportPlan } from './plan-import.ts'

/** Ours: a person imports one at a time, and each may hold 64 MiB of documents. */
export const pendingImportsMax = 4
export const pendingImportMs = 3_600_000

export interface PendingImport {
  readonly id: string
  readonly plan: ImportPlan
  readonly expiresAtMs: number
}

export class PendingImports {
  readonly #pending = new Map<string, PendingImport>()
  readonly #now: () => number

  constructor(now: () => number) {
    this.#now = now
  }

  add(plan: ImportPlan): PendingImport {
    this.#forget()
    if (this.#pending.size >= pendingImportsMax) {
      const detail = `${pendingImportsMax} imports wait to be completed. Complete one, or drop one.`
      throw new Problem(503, { detail, code: 'too-many-imports', headers: { 'retry-after': '60' } })
    }
    const pending = { id: randomUUID(), plan, expiresAtMs: this.#now() + pendingImportMs }
    this.#pending.set(pending.id, pending)
    return pending
  }

  get(id: string): PendingImport {
    this.#forget()
    const pending = this.#pending.get(id)
    if (pending === undefined) throw notFound(`import ${id} that waits to be completed`)
    return pending
  }

  /** False: it was taken by somebody else. */
  remove(id: string): boolean {
    return this.#pending.delete(id)
  }

  /** What could not be carried out waits on, as long as it would have. */
  restore(pending: PendingImport): void {
    this.#pending.set(pending.id, pending)
  }

  #forget(): void {
    for (const [id, { expiresAtMs }] of this.#pending) if (expiresAtMs <= this.#now()) this.#pending.delete(id)
  }
}
