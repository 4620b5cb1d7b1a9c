/** The objects of the site as ports.ts wants them: fourteen kinds, each five questions; task sequences answer some more. */

import type { Kysely } from 'kysely'
import type { SiteObjects, TaskSequences } from './ports.ts'
import { readBootImage, readBootImages } from './rows/boot-image-rows.ts'
import { readContentObject, readContentObjects } from './rows/content-object-rows.ts'
import { readCollection, readCollections } from './rows/collection-rows.ts'
import { readDeployment, readDeployments } from './rows/deployment-rows.ts'
import { readDeploymentTemplate, readDeploymentTemplates } from './rows/deployment-template-rows.ts'
import { readDevice, readDevices } from './rows/device-rows.ts'
import { readDistributionPointGroup, readDistributionPointGroups } from './rows/distribution-point-group-rows.ts'
import { readDistributionPoint, readDistributionPoints } from './rows/distribution-point-rows.ts'
import { readOperatingSystemImage, readOperatingSystemImages } from './rows/operating-system-image-rows.ts'
import { readEditLock } from './rows/edit-lock-rows.ts'
import { readTaskSequenceFolder, readTaskSequenceFolders } from './rows/task-sequence-folder-rows.ts'
import { readKeptTaskSequence, readRevisions } from './rows/task-sequence-revision-rows.ts'
import { readTaskSequence, readTaskSequences } from './rows/task-sequence-rows.ts'
import type { Schema } from './schema.ts'
import type { Writer } from './writer.ts'

type Kinds = Pick<
  SiteObjects,
  | 'devices'
  | 'collections'
  | 'bootImages'
  | 'operatingSystemImages'
  | 'taskSequences'
  | 'taskSequenceFolders'
  | 'deployments'
  | 'deploymentTemplates'
  | 'distributionPoints'
  | 'distributionPointGroups'
  | keyof ContentObjectPorts
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
    taskSequences: taskSequences(db, writer),
    deploymentTemplates: {
      list: () => readDeploymentTemplates(db),
      get: (id) => readDeploymentTemplate(db, id),
      create: (draft) => writer.run('createDeploymentTemplate', draft),
      replace: (id, draft, revision) => writer.run('replaceDeploymentTemplate', { id, draft, revision }),
      remove: (id, revision) => writer.run('removeDeploymentTemplate', { id, revision }),
    },
    distributionPoints: {
      list: () => readDistributionPoints(db),
      get: (id) => readDistributionPoint(db, id),
      create: (draft) => writer.run('createDistributionPoint', draft),
      replace: (id, draft, revision) => writer.run('replaceDistributionPoint', { id, draft, revision }),
      remove: (id, revision) => writer.run('removeDistributionPoint', { id, revision }),
    },
    distributionPointGroups: {
      list: () => readDistributionPointGroups(db),
      get: (id) => readDistributionPointGroup(db, id),
      create: (draft) => writer.run('createDistributionPointGroup', draft),
      replace: (id, draft, revision) => writer.run('replaceDistributionPointGroup', { id, draft, revision }),
      remove: (id, revision) => writer.run('removeDistributionPointGroup', { id, revision }),
    },
    taskSequenceFolders: {
      list: () => readTaskSequenceFolders(db),
      get: (id) => readTaskSequenceFolder(db, id),
      create: (draft) => writer.run('createTaskSequenceFolder', draft),
      replace: (id, draft, revision) => writer.run('replaceTaskSequenceFolder', { id, draft, revision }),
      remove: (id, revision) => writer.run('removeTaskSequenceFolder', { id, revision }),
    },
    ...contentObjects(db, writer),
    deployments: {
      list: () => readDeployments(db),
      get: (id) => readDeployment(db, id),
      create: (draft) => writer.run('createDeployment', draft),
      replace: (id, draft, revision) => writer.run('replaceDeployment', { id, draft, revision }),
      remove: (id, revision) => writer.run('removeDeployment', { id, revision }),
    },
  }
}

function taskSequences(db: Kysely<Schema>, writer: Writer): TaskSequences {
  return {
    list: () => readTaskSequences(db),
    get: (id) => readTaskSequence(db, id),
    create: (draft, origin) => writer.run('createTaskSequence', { draft, origin }),
    replace: (id, draft, revision, origin) => writer.run('replaceTaskSequence', { id, draft, revision, origin }),
    remove: (id, revision, origin) => writer.run('removeTaskSequence', { id, revision, origin }),
    amend: (amendment, origin) => writer.run('amendTaskSequence', { ...amendment, origin }),
    copy: (id, name, origin) => writer.run('copyTaskSequence', { id, name, origin }),
    revisions: (id) => readRevisions(db, id),
    revision: (id, revision) => readKeptTaskSequence(db, id, revision),
    editLock: (id) => readEditLock(db, id),
    takeEditLock: (id, request) => writer.run('takeEditLock', { id, request }),
    discardEditLock: (id, editor) => writer.run('discardEditLock', { id, editor }),
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
