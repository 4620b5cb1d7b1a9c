/** Versions of content, of whatever has some. */

import type { PackageId } from '../../address/identifiers.ts'
import type { ContentFile } from '../../site/content.ts'
import { contentFilesMax } from '../../site/content.ts'
import type { ContentAddition, Edit } from '../ports.ts'
import { readNewestContent, writeContentVersion } from '../rows/content-version-rows.ts'
import { writeDriverIndex } from '../rows/driver-index-rows.ts'
import type { AuditedKind } from '../audit-port.ts'
import { audit } from './audit.ts'
import { refused } from './edit-object.ts'
import type { Writing } from './writing.ts'

export interface AddContent {
  readonly id: PackageId
  readonly files: readonly ContentFile[]
  readonly addition: ContentAddition
}

const ownerTables = [
  ['boot_images', 'boot-image'],
  ['operating_system_images', 'operating-system-image'],
] as const

/** A version never changes once made; what is deployed tomorrow is the newest (S1-007). */
export async function addContent(
  writing: Writing,
  { id, files, addition: { folder, driverIndex } }: AddContent,
): Promise<Edit<{ readonly version: number }>> {
  const { tx } = writing
  const owner = await growRevision(writing, id)
  if (owner === undefined) return { kind: 'not-found' }
  if (files.length === 0) return refused('a version of content has at least one file')
  const newest = (await readNewestContent(tx, [id])).get(id)
  const all = folder === undefined ? files : [...outside(newest?.files ?? [], folder), ...below(files, folder)]
  if (all.length > contentFilesMax) return refused(`a version of content has at most ${contentFilesMax} files`)
  const names = new Set<string>()
  for (const { name } of all) {
    if (names.has(name)) return refused(`the file ${name} is listed twice`)
    names.add(name)
  }
  const version = (newest?.version ?? 0) + 1
  await writeContentVersion(tx, { contentId: id, version, files: all })
  if (driverIndex !== undefined) await writeDriverIndex(tx, { id, version, driverIndex })
  const [before, after] = [{ contentVersion: newest?.version }, { contentVersion: version, files: all.length }]
  await audit(writing, { ...owner, action: 'change', id, before, after })
  return { kind: 'saved', value: { version } }
}

function outside(files: readonly ContentFile[], folder: string): readonly ContentFile[] {
  // Two folders that differ in case only would be one on some systems.
  const prefix = `${folder}/`.toLowerCase()
  return files.filter(({ name }) => !name.toLowerCase().startsWith(prefix))
}

function below(files: readonly ContentFile[], folder: string): readonly ContentFile[] {
  return files.map((file) => ({ ...file, name: `${folder}/${file.name}` }))
}

interface Owner {
  readonly kind: AuditedKind
  readonly name: string
}

/** Undefined: nothing with content has this identifier. */
async function growRevision({ tx }: Writing, id: PackageId): Promise<Owner | undefined> {
  for (const [table, kind] of ownerTables) {
    const owner = await tx
      .updateTable(table)
      .set((expression) => ({ revision: expression('revision', '+', 1) }))
      .where('id', '=', id)
      .returning('name')
      .executeTakeFirst()
    if (owner !== undefined) return { kind, name: owner.name }
  }
  const owner = await tx
    .updateTable('content_objects')
    .set((expression) => ({ revision: expression('revision', '+', 1) }))
    .where('id', '=', id)
    .returning(['name', 'kind'])
    .executeTakeFirst()
  return owner
}

/** Undefined: nothing that has content is called so. */
export async function contentOwner(tx: Writing['tx'], id: PackageId): Promise<Owner | undefined> {
  for (const [table, kind] of ownerTables) {
    const owner = await tx.selectFrom(table).select('name').where('id', '=', id).executeTakeFirst()
    if (owner !== undefined) return { kind, name: owner.name }
  }
  return tx.selectFrom('content_objects').select(['name', 'kind']).where('id', '=', id).executeTakeFirst()
}
