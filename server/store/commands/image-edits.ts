/** Edits of boot images and operating system images. */

import type { PackageId } from '../../address/identifiers.ts'
import type { BootImage } from '../../site/boot-image.ts'
import type { OperatingSystemImage } from '../../site/operating-system-image.ts'
import { forgetContent } from '../rows/assigned-content-rows.ts'
import { readBootImage, writeBootImage } from '../rows/boot-image-rows.ts'
import { readOperatingSystemImage, writeOperatingSystemImage } from '../rows/operating-system-image-rows.ts'
import { takePackageId } from './counters.ts'
import type { ObjectKind } from './edit-object.ts'
import { refuseTakenName, refuseUsedPackage } from './refusals.ts'

export const bootImageKind: ObjectKind<PackageId, BootImage> = {
  audited: 'boot-image',
  nameOf: ({ name }) => name,
  takeId: takePackageId,
  read: readBootImage,
  build: (draft, { id, revision }) => ({ ...draft, id, revision }),
  refuseSaving: ({ tx }, image) => refuseTakenName(tx, 'boot_images', image),
  refuseRemoving: ({ tx }, image) => refuseUsedPackage(tx, image.id),
  write: writeBootImage,
  async remove(db, id) {
    await forgetContent(db, id)
    await db.deleteFrom('boot_images').where('id', '=', id).execute()
  },
}

export const operatingSystemImageKind: ObjectKind<PackageId, OperatingSystemImage> = {
  audited: 'operating-system-image',
  nameOf: ({ name }) => name,
  takeId: takePackageId,
  read: readOperatingSystemImage,
  build: (draft, { id, revision }) => ({ ...draft, id, revision }),
  refuseSaving: ({ tx }, image) => refuseTakenName(tx, 'operating_system_images', image),
  refuseRemoving: ({ tx }, image) => refuseUsedPackage(tx, image.id),
  write: writeOperatingSystemImage,
  async remove(db, id) {
    await forgetContent(db, id)
    await db.deleteFrom('operating_system_images').where('id', '=', id).execute()
  },
}
