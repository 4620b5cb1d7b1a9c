/** The objects of the site as ports.ts wants them: ten kinds, each five questions. */

import type { Kysely } from 'kysely'
import type { SiteObjects } from './ports.ts'
import { readBootImage, readBootImages } from './rows/boot-image-rows.ts'
import { readContentObject, readContentObjects } from './rows/content-object-rows.ts'
import { readCollection, readCollections } from './rows/collection-rows.ts'
import { readDeployment, readDeployments } from './rows/deployment-rows.ts'
import { readDevice, readDevices } from './rows/device-rows.ts'
import { readOperatingSystemImage, readOperatingSystemImages } from './rows/operating-system-image-rows.ts'
import { readTaskSequence, readTaskSequences } from './rows/task-sequence-rows.ts'
import type { Schema } from './schema.ts'
import type { Writer } from './writer.ts'

type Kinds = Pick<
  SiteObjects,
  | 'devices'
  | 'collections'
  | 'bootImages'
  | 'operatingSystemImages'
  | keyof ContentObjectPorts
  | 'taskSequences'
  | 'deployments'
>

type ContentObjectPorts = Pick<
  SiteObjects,
  'operatingSystemUpgradePackages' | 'packages' | 'driverPackages' | 'applications'
>

export function siteObjects(db: Kysely<Schema>, writer: Writer): Kinds {
  return {
    devices: {
      list: () => readDevices(db),
      get: (id) => readDevice(db, id),
      create: (draft) => writer.run('createDevice', draft),
      replace: (id, draft, revision) => writer.run('replaceDevice', { id, draft, revision }),
      remove: (id, revision) => writer.run('removeDevice', { id, revision }),
    },
    collections: {
      list: () => readCollections(db),
      get: (id) => readCollection(db, id),
      create: (draft) => writer.run('createCollection', draft),
      replace: (id, draft, revision) => writer.run('replaceCollection', { id, draft, revision }),
      remove: (id, revision) => writer.run('removeCollection', { id, revision }),
    },
    bootImages: {
      list: () => readBootImages(db),
      get: (id) => readBootImage(db, id),
      create: (draft) => writer.run('createBootImage', draft),
      replace: (id, draft, revision) => writer.run('replaceBootImage', { id, draft, revision }),
      remove: (id, revision) => writer.run('removeBootImage', { id, revision }),
    },
    operatingSystemImages: {
      list: () => readOperatingSystemImages(db),
      get: (id) => readOperatingSystemImage(db, id),
      create: (draft) => writer.run('createOperatingSystemImage', draft),
      replace: (id, draft, revision) => writer.run('replaceOperatingSystemImage', { id, draft, revision }),
      remove: (id, revision) => writer.run('removeOperatingSystemImage', { id, revision }),
    },
    ...contentObjects(db, writer),
    taskSequences: {
      list: () => readTaskSequences(db),
      get: (id) => readTaskSequence(db, id),
      create: (draft) => writer.run('createTaskSequence', draft),
      replace: (id, draft, revision) => writer.run('replaceTaskSequence', { id, draft, revision }),
      remove: (id, revision) => writer.run('removeTaskSequence', { id, revision }),
    },
    deployments: {
      list: () => readDeployments(db),
      get: (id) => readDeployment(db, id),
      create: (draft) => writer.run('createDeployment', draft),
      replace: (id, draft, revision) => writer.run('replaceDeployment', { id, draft, revision }),
      remove: (id, revision) => writer.run('removeDeployment', { id, revision }),
    },
  }
}

function contentObjects(db: Kysely<Schema>, writer: Writer): ContentObjectPorts {
  return {
    operatingSystemUpgradePackages: {
      list: () => readContentObjects(db, 'operating-system-upgrade-package'),
      get: (id) => readContentObject(db, 'operating-system-upgrade-package', id),
      create: (draft) => writer.run('createOperatingSystemUpgradePackage', draft),
      replace: (id, draft, revision) => writer.run('replaceOperatingSystemUpgradePackage', { id, draft, revision }),
      remove: (id, revision) => writer.run('removeOperatingSystemUpgradePackage', { id, revision }),
    },
    packages: {
      list: () => readContentObjects(db, 'package'),
      get: (id) => readContentObject(db, 'package', id),
      create: (draft) => writer.run('createPackage', draft),
      replace: (id, draft, revision) => writer.run('replacePackage', { id, draft, revision }),
      remove: (id, revision) => writer.run('removePackage', { id, revision }),
    },
    driverPackages: {
      list: () => readContentObjects(db, 'driver-package'),
      get: (id) => readContentObject(db, 'driver-package', id),
      create: (draft) => writer.run('createDriverPackage', draft),
      replace: (id, draft, revision) => writer.run('replaceDriverPackage', { id, draft, revision }),
      remove: (id, revision) => writer.run('removeDriverPackage', { id, revision }),
    },
    applications: {
      list: () => readContentObjects(db, 'application'),
      get: (id) => readContentObject(db, 'application', id),
      create: (draft) => writer.run('createApplication', draft),
      replace: (id, draft, revision) => writer.run('replaceApplication', { id, draft, revision }),
      remove: (id, revision) => writer.run('removeApplication', { id, revision }),
    },
  }
}
