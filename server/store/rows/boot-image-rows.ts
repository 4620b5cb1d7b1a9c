/** A boot image and its row; its newest content comes from content-version-rows.ts. */

import type { Insertable, Kysely, Selectable } from 'kysely'
import type { PackageId } from '../../address/identifiers.ts'
import type { BootImage } from '../../site/boot-image.ts'
import type { ContentVersion } from '../../site/content.ts'
import { decodeJson, encodeJson } from '../json-text.ts'
import { foldName } from '../names.ts'
import type { Flag, Schema } from '../schema.ts'
import { readNewestContent } from './content-version-rows.ts'

/** Undefined `ids`: every boot image, by identifier. */
export async function readBootImages(db: Kysely<Schema>, ids?: readonly PackageId[]): Promise<BootImage[]> {
  if (ids?.length === 0) return []
  let query = db.selectFrom('boot_images').selectAll().orderBy('id')
  if (ids !== undefined) query = query.where('id', 'in', ids)
  const rows = await query.execute()
  const newest = await readNewestContent(db, ids)
  return rows.map((row) => toBootImage(row, newest.get(row.id)))
}

export async function readBootImage(db: Kysely<Schema>, id: PackageId): Promise<BootImage | undefined> {
  return (await readBootImages(db, [id]))[0]
}

export async function writeBootImage(db: Kysely<Schema>, image: BootImage): Promise<void> {
  const row = toRow(image)
  await db
    .insertInto('boot_images')
    .values(row)
    .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
    .execute()
}

function toBootImage(row: Selectable<Schema['boot_images']>, content: ContentVersion | undefined): BootImage {
  return {
    id: row.id,
    name: row.name,
    description: row.description,
    architecture: row.architecture,
    kind: row.kind,
    enabledForPxe: row.enabled_for_pxe === 1,
    kernelArguments: decodeJson(row.kernel_arguments),
    ...(content === undefined ? {} : { content }),
    revision: row.revision,
  }
}

function toRow(image: BootImage): Insertable<Schema['boot_images']> {
  const enabledForPxe: Flag = image.enabledForPxe ? 1 : 0
  return {
    id: image.id,
    name: image.name,
    name_folded: foldName(image.name),
    description: image.description,
    architecture: image.architecture,
    kind: image.kind,
    enabled_for_pxe: enabledForPxe,
    kernel_arguments: encodeJson(image.kernelArguments),
    revision: image.revision,
  }
}
