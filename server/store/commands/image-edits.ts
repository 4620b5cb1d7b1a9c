/** Edits of boot images and operating system images, and the versions of their content. */

import type { PackageId } from '../../address/identifiers.ts'
import type { BootImage } from '../../site/boot-image.ts'
import type { ContentFile } from '../../site/content.ts'
import type { OperatingSystemImage } from '../../site/operating-system-image.ts'
import type { Edit } from '../ports.ts'
import { readBootImage, writeBootImage } from '../rows/boot-image-rows.ts'
import { readNewestContent, writeContentVersion } from '../rows/content-version-rows.ts'
import { readOperatingSystemImage, writeOperatingSystemImage } from '../rows/operating-system-image-rows.ts'
import { takePackageId } from './counters.ts'
import type { ObjectKind } from './edit-object.ts'
import { refused } from './edit-object.ts'
import { refuseInUse, refuseTakenName } from './refusals.ts'
import type { Writing } from './writing.ts'

export const bootImageKind: ObjectKind<PackageId, BootImage> = {
  takeId: takePackageId,
  read: readBootImage,
  build: (draft, { id, revision }) => ({ ...draft, id, revision }),
  refuseSaving: ({ tx }, image) => refuseTakenName(tx, 'boot_images', image),
  refuseRemoving: (writing, image) => refuseUsedPackage(writing, image.id),
  write: writeBootImage,
  async remove(db, id) {
    await db.deleteFrom('content_versions').where('content_id', '=', id).execute()
    await db.deleteFrom('boot_images').where('id', '=', id).execute()
  },
}

export const operatingSystemImageKind: ObjectKind<PackageId, OperatingSystemImage> = {
  takeId: takePackageId,
  read: readOperatingSystemImage,
  build: (draft, { id, revision }) => ({ ...draft, id, revision }),
  refuseSaving: ({ tx }, image) => refuseTakenName(tx, 'operating_system_images', image),
  refuseRemoving: (writing, image) => refuseUsedPackage(writing, image.id),
  write: writeOperatingSystemImage,
  async remove(db, id) {
    await db.deleteFrom('content_versions').where('content_id', '=', id).execute()
    await db.deleteFrom('operating_system_images').where('id', '=', id).execute()
  },
}

export interface AddContent {
  readonly id: PackageId
  readonly files: readonly ContentFile[]
}

/** A version never changes once made; what is deployed tomorrow is the newest. */
export async function addContent(
  { tx }: Writing,
  { id, files }: AddContent,
): Promise<Edit<{ readonly version: number }>> {
  const bootImage = await readBootImage(tx, id)
  const image = bootImage ?? (await readOperatingSystemImage(tx, id))
  if (image === undefined) return { kind: 'not-found' }
  if (files.length === 0) return refused('a version of content has at least one file')
  const names = files.map((file) => file.name)
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) return refused(`the file ${twice} is listed twice`)
  const newest = (await readNewestContent(tx, [id])).get(id)
  const version = (newest?.version ?? 0) + 1
  await writeContentVersion(tx, { contentId: id, version, files })
  await tx
    .updateTable(bootImage === undefined ? 'operating_system_images' : 'boot_images')
    .set({ revision: image.revision + 1 })
    .where('id', '=', id)
    .execute()
  return { kind: 'saved', value: { version } }
}

async function refuseUsedPackage({ tx }: Writing, id: PackageId): Promise<string | undefined> {
  const bootedBy = await tx
    .selectFrom('task_sequences')
    .select(['id', 'name'])
    .where('boot_image_id', '=', id)
    .execute()
  const referredBy = await tx
    .selectFrom('task_sequence_references')
    .innerJoin('task_sequences', 'task_sequences.id', 'task_sequence_references.task_sequence_id')
    .select(['task_sequences.id', 'task_sequences.name'])
    .where('task_sequence_references.package_id', '=', id)
    .execute()
  const users = new Set([...bootedBy, ...referredBy].map((user) => `${user.name} (${user.id})`))
  return refuseInUse('task sequence', [...users].sort())
}
