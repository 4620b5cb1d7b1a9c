/** Versions of content: which named files, by hash, a boot image or operating system image had at each version. */

import type { Kysely } from 'kysely'
import type { PackageId } from '../../address/identifiers.ts'
import type { ContentFile, ContentVersion, Sha256 } from '../../site/content.ts'
import { decodeJson, encodeJson } from '../json-text.ts'
import type { Schema } from '../schema.ts'
import { readContentOfMedia } from './medium-rows.ts'

/** The newest version of each; undefined `ids`: of everything that has content. */
export async function readNewestContent(
  db: Kysely<Schema>,
  ids?: readonly PackageId[],
): Promise<ReadonlyMap<PackageId, ContentVersion>> {
  if (ids?.length === 0) return new Map()
  let query = db.selectFrom('content_versions').selectAll().orderBy('version')
  if (ids !== undefined) query = query.where('content_id', 'in', ids)
  const newest = new Map<PackageId, ContentVersion>()
  for (const row of await query.execute()) {
    newest.set(row.content_id, { contentId: row.content_id, version: row.version, files: decodeJson(row.files) })
  }
  return newest
}

export async function readBootImageFiles(
  db: Kysely<Schema>,
  id: PackageId,
  version: number,
): Promise<readonly ContentFile[] | undefined> {
  const row = await db
    .selectFrom('content_versions')
    .innerJoin('boot_images', 'boot_images.id', 'content_versions.content_id')
    .select('content_versions.files')
    .where('content_id', '=', id)
    .where('version', '=', version)
    .executeTakeFirst()
  return row === undefined ? undefined : decodeJson(row.files)
}

/** The hashes that any version names, and those that a medium is made of. */
export async function readKeptContent(db: Kysely<Schema>): Promise<ReadonlySet<Sha256>> {
  const rows = await db.selectFrom('content_versions').select('files').execute()
  const ofVersions = rows.flatMap((row) => decodeJson(row.files).map((file) => file.sha256))
  return new Set([...ofVersions, ...(await readContentOfMedia(db))])
}

export async function writeContentVersion(db: Kysely<Schema>, content: ContentVersion): Promise<void> {
  const row = { content_id: content.contentId, version: content.version, files: encodeJson(content.files) }
  await db.insertInto('content_versions').values(row).execute()
}
