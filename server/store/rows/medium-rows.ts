/** A medium and its row, and the machines that started from it. */

import type { Kysely, Selectable } from 'kysely'
import type { MediumId } from '../../contract/medium.ts'
import type { Sha256 } from '../../site/content.ts'
import { decodeJson, encodeJson } from '../json-text.ts'
import type { MediaPage, Medium, MediumUse } from '../media-port.ts'
import type { Schema } from '../schema.ts'

/** All but what is sealed: a stand-alone medium has its whole policy there. */
const columns = [
  'id',
  'created_at_ms',
  'definition',
  'description',
  'revoked_at_ms',
  'revoked_by',
  'published_until_ms',
] as const

export async function readMedia(
  db: Kysely<Schema>,
  { offset, limit }: MediaPage,
): Promise<{ readonly items: readonly Medium[]; readonly total: number }> {
  const newest = db.selectFrom('media').select(columns).orderBy('created_at_ms', 'desc').orderBy('id')
  const rows = await newest.limit(limit).offset(offset).execute()
  const { total } = await db
    .selectFrom('media')
    .select((of) => of.fn.countAll<number>().as('total'))
    .executeTakeFirstOrThrow()
  return { items: rows.map(toMedium), total }
}

export async function readMedium(db: Kysely<Schema>, id: MediumId): Promise<Medium | undefined> {
  const row = await db.selectFrom('media').select(columns).where('id', '=', id).executeTakeFirst()
  return row && toMedium(row)
}

export async function readMediumVariables(db: Kysely<Schema>, id: MediumId): Promise<Uint8Array | undefined> {
  const row = await db.selectFrom('media').select('variables').where('id', '=', id).executeTakeFirst()
  return row && Buffer.from(row.variables, 'base64')
}

export async function insertMedium(db: Kysely<Schema>, medium: Medium, variables: Uint8Array): Promise<void> {
  const { id, createdAtMs, description, revoked: _revoked, publishedUntilMs: _published, ...definition } = medium
  const row = {
    id,
    created_at_ms: createdAtMs,
    definition: encodeJson(definition),
    description,
    variables: Buffer.from(variables).toString('base64'),
    ...changeableColumns(medium),
  }
  await db.insertInto('media').values(row).execute()
}

/** What may change after it was made. */
export async function updateMedium(db: Kysely<Schema>, medium: Medium): Promise<void> {
  const { id, description } = medium
  await db
    .updateTable('media')
    .set({ description, ...changeableColumns(medium) })
    .where('id', '=', id)
    .execute()
}

export async function deleteMedium(db: Kysely<Schema>, id: MediumId): Promise<void> {
  await db.deleteFrom('media').where('id', '=', id).execute()
  await db.deleteFrom('medium_uses').where('medium_id', '=', id).execute()
}

export async function readMediumUses(db: Kysely<Schema>, id: MediumId): Promise<MediumUse[]> {
  const rows = await db
    .selectFrom('medium_uses')
    .selectAll()
    .where('medium_id', '=', id)
    .orderBy('last_at_ms', 'desc')
    .orderBy('lane')
    .execute()
  return rows.map((row) => ({
    mediumId: row.medium_id,
    lane: row.lane,
    ...(row.device_id === null ? {} : { deviceId: row.device_id }),
    machineName: row.machine_name,
    ipAddress: row.ip_address,
    firstAtMs: row.first_at_ms,
    lastAtMs: row.last_at_ms,
    starts: row.starts,
  }))
}

/** What media are made of that were not revoked: an image of one that expired may still be asked for, and an agent told of it. */
export async function readContentOfMedia(db: Kysely<Schema>): Promise<readonly Sha256[]> {
  const rows = await db.selectFrom('media').select('definition').where('revoked_at_ms', 'is', null).execute()
  return rows.flatMap((row) => {
    const { bootImage, contents } = decodeJson(row.definition)
    return [...bootImage.files, ...contents.flatMap(({ files }) => files)].map(({ sha256 }) => sha256)
  })
}

function changeableColumns({ revoked, publishedUntilMs }: Medium) {
  return {
    revoked_at_ms: revoked?.atMs ?? null,
    revoked_by: revoked?.by ?? null,
    published_until_ms: publishedUntilMs ?? null,
  }
}

function toMedium(row: Pick<Selectable<Schema['media']>, (typeof columns)[number]>): Medium {
  const { id, created_at_ms: createdAtMs, description, revoked_at_ms: atMs, revoked_by: by } = row
  return {
    id,
    createdAtMs,
    description,
    ...decodeJson(row.definition),
    ...(atMs === null ? {} : { revoked: { atMs, ...(by === null ? {} : { by }) } }),
    ...(row.published_until_ms === null ? {} : { publishedUntilMs: row.published_until_ms }),
  }
}
