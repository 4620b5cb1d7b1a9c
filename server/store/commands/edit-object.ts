/**
 * Creating, replacing and removing a site object, the same for every kind: revisions grow by one with each edit, an edit made
 * on an older revision is handed back with the current object (If-Match), and every refusal carries its reason.
 */

import type { Kysely } from 'kysely'
import type { Draft, Edit } from '../ports.ts'
import type { Schema } from '../schema.ts'
import type { AuditedKind } from '../audit-port.ts'
import { audit } from './audit.ts'
import type { Writing } from './writing.ts'

export interface Revised<Id> {
  readonly id: Id
  readonly revision: number
}

/** What differs between kinds of objects. */
export interface ObjectKind<Id, T extends Revised<Id>> {
  /** In the audit. */
  readonly audited: AuditedKind
  nameOf(value: T): string
  /** Absent: all of them. */
  auditedFields?(value: T): object
  takeId(writing: Writing): Promise<Id | undefined>
  read(db: Kysely<Schema>, id: Id): Promise<T | undefined>
  /** The draft with the fields that the store gives; `old` when it is an edit. */
  build(draft: Draft<T>, given: Given<Id, T>): T
  /** What stands in the way of keeping this object as it is, in the administrator's words. */
  refuseSaving(writing: Writing, value: T, old: T | undefined): Promise<string | undefined>
  refuseRemoving(writing: Writing, value: T): Promise<string | undefined>
  write(db: Kysely<Schema>, value: T): Promise<void>
  /** Everything that goes with it, too. */
  remove(db: Kysely<Schema>, id: Id): Promise<void>
}

interface Given<Id, T> {
  readonly id: Id
  readonly revision: number
  readonly nowMs: number
  readonly old: T | undefined
}

export interface Replacement<Id, T> {
  readonly id: Id
  readonly draft: Draft<T>
  readonly revision: number | undefined
}

export interface Removal<Id> {
  readonly id: Id
  readonly revision: number | undefined
}

export function creating<Id, T extends Revised<Id>>(kind: ObjectKind<Id, T>) {
  return async (writing: Writing, draft: Draft<T>): Promise<Edit<T>> => {
    const id = await kind.takeId(writing)
    if (id === undefined) return refused('the site has no identifiers left for objects of this kind')
    return save(kind, writing, kind.build(draft, { id, revision: 1, nowMs: writing.nowMs, old: undefined }))
  }
}

export function replacing<Id, T extends Revised<Id>>(kind: ObjectKind<Id, T>) {
  return async (writing: Writing, { id, draft, revision }: Replacement<Id, T>): Promise<Edit<T>> => {
    const old = await kind.read(writing.tx, id)
    if (old === undefined) return { kind: 'not-found' }
    if (revision !== undefined && revision !== old.revision) return { kind: 'revision-mismatch', current: old }
    return save(kind, writing, kind.build(draft, { id, revision: old.revision + 1, nowMs: writing.nowMs, old }), old)
  }
}

export function removing<Id, T extends Revised<Id>>(kind: ObjectKind<Id, T>) {
  return async (writing: Writing, { id, revision }: Removal<Id>): Promise<Edit<T>> => {
    const old = await kind.read(writing.tx, id)
    if (old === undefined) return { kind: 'not-found' }
    if (revision !== undefined && revision !== old.revision) return { kind: 'revision-mismatch', current: old }
    const reason = await kind.refuseRemoving(writing, old)
    if (reason !== undefined) return refused(reason)
    await kind.remove(writing.tx, id)
    await audit(writing, { ...entryOf(kind, old), action: 'remove', before: fieldsOf(kind, old) })
    return { kind: 'saved', value: old }
  }
}

export function refused(reason: string): { readonly kind: 'refused'; readonly reason: string } {
  return { kind: 'refused', reason }
}

async function save<Id, T extends Revised<Id>>(
  kind: ObjectKind<Id, T>,
  writing: Writing,
  ...[value, old]: readonly [value: T, old?: T]
): Promise<Edit<T>> {
  const reason = await kind.refuseSaving(writing, value, old)
  if (reason !== undefined) return refused(reason)
  await kind.write(writing.tx, value)
  // Read again, so that the answer is what the next reader gets.
  const saved = (await kind.read(writing.tx, value.id)) ?? value
  const action = old === undefined ? 'create' : 'change'
  const [before, after] = [old === undefined ? undefined : fieldsOf(kind, old), fieldsOf(kind, saved)]
  await audit(writing, { ...entryOf(kind, saved), action, before, after })
  return { kind: 'saved', value: saved }
}

function entryOf<Id, T extends Revised<Id>>(kind: ObjectKind<Id, T>, value: T) {
  return { kind: kind.audited, id: String(value.id), name: kind.nameOf(value) }
}

function fieldsOf<Id, T extends Revised<Id>>(kind: ObjectKind<Id, T>, value: T): object {
  return kind.auditedFields?.(value) ?? value
}
