/** `/driver-packages` and `/operating-system-upgrade-packages`; files are in content-tree-routes.ts. */

import { z } from 'zod'
import { type DriverPackage, findDriverPackageFaults } from '../../site/driver-package.ts'
import { findRepeated } from '../../site/field-fault.ts'
import type { OperatingSystemUpgradePackage } from '../../site/operating-system-upgrade-package.ts'
import type { HttpDependencies } from '../dependencies.ts'
import { contentSummaryView, contentTreeRoutes, summarize } from './content-tree-routes.ts'
import { packageId } from './fields.ts'
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
import type { ApiRoute } from './route.ts'

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
  const { driverPackages } = dependencies.store
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
    ...contentTreeRoutes(dependencies, { path: 'driver-packages', noun: 'driver package', objects: driverPackages }),
  ]
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
