/** An operating system image and its row; its newest content comes from content-version-rows.ts. */

import type { Insertable, Kysely, Selectable } from 'kysely'
import type { PackageId } from '../../address/identifiers.ts'
import type { ContentVersion } from '../../site/content.ts'
import type { OperatingSystemImage } from '../../site/operating-system-image.ts'
import { foldName } from '../names.ts'
import type { Schema } from '../schema.ts'
import { readNewestContent } from './content-version-rows.ts'

/** Undefined `ids`: every image, by identifier. */
export async function readOperatingSystemImages(
  db: Kysely<Schema>,
  ids?: readonly PackageId[],
): Promise<OperatingSystemImage[]> {
  if (ids?.length === 0) return []
  let query = db.selectFrom('operating_system_images').selectAll().orderBy('id')
  if (ids !== undefined) query = query.where('id', 'in', ids)
  const rows = await query.execute()
  const newest = await readNewestContent(db, ids)
  return rows.map((row) => toImage(row, newest.get(row.id)))
}

export async function readOperatingSystemImage(
  db: Kysely<Schema>,
  id: PackageId,
): Promise<OperatingSystemImage | undefined> {
  return (await readOperatingSystemImages(db, [id]))[0]
}

export async function writeOperatingSystemImage(db: Kysely<Schema>, image: OperatingSystemImage): Promise<void> {
  const row = toRow(image)
  await db
    .insertInto('operating_system_images')
    .values(row)
    .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
    .execute()
}

function toImage(
  row: Selectable<Schema['operating_system_images']>,
  content: ContentVersion | undefined,
): OperatingSystemImage {
  return {
    id: row.id,
    name: row.name,
    description: row.description,
    architecture: row.architecture,
    format: row.format,
    ...(content === undefined ? {} : { content }),
    revision: row.revision,
  }
}

function toRow(image: OperatingSystemImage): Insertable<Schema['operating_system_images']> {
  return {
    id: image.id,
    name: image.name,
    name_folded: foldName(image.name),
    description: image.description,
    architecture: image.architecture,
    format: image.format,
    revision: image.revision,
  }
}
