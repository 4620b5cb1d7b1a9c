/** Reasons that several kinds of objects share: a name that is taken, and how the users of an object are named. */

import type { Kysely } from 'kysely'
import { foldName } from '../names.ts'
import type { Schema } from '../schema.ts'

type NamedTable = 'devices' | 'collections' | 'boot_images' | 'operating_system_images' | 'task_sequences'

/** Administrators look objects up by name, so "Lab 1" and "lab 1" must not both exist. */
export async function refuseTakenName(
  db: Kysely<Schema>,
  table: NamedTable,
  object: { readonly id: string; readonly name: string },
): Promise<string | undefined> {
  const folded = foldName(object.name)
  if (folded === '') return 'the name is empty'
  const row = await db.selectFrom(table).select(['id', 'name']).where('name_folded', '=', folded).executeTakeFirst()
  if (row === undefined || row.id === object.id) return undefined
  return `the name "${object.name}" is taken by ${row.name} (${row.id})`
}

/** A reason stays readable when a hundred objects stand in the way. */
const usersNamedMax = 5

/** "deployment RVL20001 uses it", "task sequences A (RVL00003) and B (RVL00004) use it". */
export function refuseInUse(noun: string, users: readonly string[]): string | undefined {
  if (users.length === 0) return undefined
  if (users.length === 1) return `${noun} ${users[0]} uses it`
  const named = users.slice(0, usersNamedMax)
  const rest = users.length - named.length
  const last = rest > 0 ? `${rest} more` : named.pop()
  return `${noun}s ${named.join(', ')} and ${last} use it`
}
