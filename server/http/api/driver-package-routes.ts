/** `/driver-packages` and `/operating-system-upgrade-packages`; files are in content-tree-routes.ts. */

import { z } from 'zod'
import { indexDrivers } from '../../content/index-drivers.ts'
import { type DriverPackage, findDriverPackageFaults } from '../../site/driver-package.ts'
import { findDriversFor, hardwareIdCharactersMax } from '../../site/driver-index.ts'
import { findRepeated } from '../../site/field-fault.ts'
import type { OperatingSystemUpgradePackage } from '../../site/operating-system-upgrade-package.ts'
import type { Store } from '../../store/ports.ts'
import type { HttpDependencies } from '../dependencies.ts'
import { notFound } from '../problem.ts'
import { contentSummaryView, contentTreeRoutes, summarize } from './content-tree-routes.ts'
import { label, packageId } from './fields.ts'
import { objectRoutes } from './object-routes.ts'
import {
  addFaults,
  architecture,
  objectDescription,
  objectName,
  shortList,
  shortText,
  systemFamily,
} from './program-fields.ts'
import { type ApiRoute, defineRoute } from './route.ts'

const driverPackageDraft = z
  .strictObject({
    name: objectName,
    description: objectDescription,
    version: shortText.default(''),
    system: systemFamily,
    enabled: z.boolean().default(true),
    models: shortList(
      z.strictObject({ manufacturer: shortText.min(1), model: shortText.min(1).exactOptional() }),
    ).default([]),
    categories: shortList(shortText.min(1)).default([]),
  })
  .superRefine((draft, context) => addFaults(findDriverPackageFaults(draft), context))
  .meta({ id: 'DriverPackageDraft' })

const driverPackageView = z
  .object({
    id: z.string(),
    name: z.string(),
    description: z.string(),
    version: z.string(),
    system: z.string(),
    enabled: z.boolean(),
    models: z.array(z.object({ manufacturer: z.string(), model: z.string().optional() })),
    categories: z.array(z.string()),
    content: contentSummaryView.optional(),
    revision: z.number().int(),
  })
  .meta({ id: 'DriverPackage' })

const upgradePackageDraft = z
  .strictObject({
    name: objectName,
    description: objectDescription,
    version: shortText.default(''),
    architecture,
    editions: shortList(shortText.min(1)).default([]),
  })
  .superRefine(({ editions }, context) =>
    addFaults(
      findRepeated(editions, (index) => ['editions', index]),
      context,
    ),
  )
  .meta({ id: 'OperatingSystemUpgradePackageDraft' })

const upgradePackageView = z
  .object({
    id: z.string(),
    name: z.string(),
    description: z.string(),
    version: z.string(),
    architecture: z.string(),
    editions: z.array(z.string()),
    content: contentSummaryView.optional(),
    revision: z.number().int(),
  })
  .meta({ id: 'OperatingSystemUpgradePackage' })

export function driverPackageRoutes(dependencies: HttpDependencies): readonly ApiRoute[] {
  const { store, library } = dependencies
  const { driverPackages } = store
  return [
    ...objectRoutes({
      path: 'driver-packages',
      noun: 'driver package',
      objects: driverPackages,
      id: packageId,
      draft: driverPackageDraft,
      view: driverPackageView,
      show: (object: DriverPackage) => summarize(object),
      complete: async (sent) => sent,
    }),
    ...contentTreeRoutes(dependencies, {
      path: 'driver-packages',
      noun: 'driver package',
      objects: driverPackages,
      inspect: async ({ system }: DriverPackage, files) => ({
        driverIndex: await indexDrivers(system, files, library),
      }),
    }),
    driversRoute(store),
  ]
}

const driverIndexView = z
  .object({
    drivers: z.array(
      z.object({ file: z.string(), kernelRelease: z.string().optional(), hardwareIds: z.array(z.string()) }),
    ),
    unread: z.array(z.string()).meta({ description: 'Files that may be drivers and could not be read' }),
  })
  .meta({ id: 'DriverIndex' })

function driversRoute(store: Store): ApiRoute {
  return defineRoute({
    method: 'get',
    path: '/driver-packages/{id}/drivers',
    summary: 'List the drivers of a driver package and the hardware they are for, newest version',
    params: z.object({ id: packageId }),
    query: z.strictObject({
      hardwareId: label(hardwareIdCharactersMax).min(1).exactOptional().meta({
        description: 'Only drivers for this hardware: PCI\\VEN_8086&DEV_15B7, or the modalias of a Linux device',
      }),
    }),
    answers: { 200: driverIndexView },
    answer: async ({ params: { id }, query: { hardwareId } }) => {
      const index = await store.driverIndex(id)
      if (index === undefined) throw notFound(`content of driver package ${id}`)
      const drivers = hardwareId === undefined ? index.drivers : findDriversFor([hardwareId], index)
      return { status: 200, body: { ...index, drivers } }
    },
  })
}

export function operatingSystemUpgradePackageRoutes(dependencies: HttpDependencies): readonly ApiRoute[] {
  const { operatingSystemUpgradePackages: objects } = dependencies.store
  const path = 'operating-system-upgrade-packages'
  const noun = 'operating system upgrade package'
  return [
    ...objectRoutes({
      path,
      noun,
      objects,
      id: packageId,
      draft: upgradePackageDraft,
      view: upgradePackageView,
      show: (object: OperatingSystemUpgradePackage) => summarize(object),
      complete: async (sent) => sent,
    }),
    ...contentTreeRoutes(dependencies, { path, noun, objects }),
  ]
}
