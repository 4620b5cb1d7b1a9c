/** `/collections`: the rules that say who is a member, and the variables that members get. */

import { z } from 'zod'
import { bootArchitectures } from '../../site/boot-image.ts'
import { type Collection, collectionQueriesMax, collectionReferencesMax } from '../../site/collection.ts'
import { deviceVariablesMax } from '../../site/device.ts'
import { defaultGroupsMax } from '../../site/distribution-point.ts'
import { windowsMax } from '../../site/maintenance-window.ts'
import type { Store } from '../../store/ports.ts'
import { findCollectionFaults, type RulesToJudge } from '../../targeting/collection-faults.ts'
import { queryCharactersMax } from '../../targeting/device-query.ts'
import { Problem } from '../problem.ts'
import { maintenanceWindowDraft, maintenanceWindowView, showWindow } from './schedule-fields.ts'
import { collectionId, deviceId, distributionPointGroupId, label, siteVariables, siteVariableView } from './fields.ts'
import { objectRoutes } from './object-routes.ts'
import { type ApiRoute, printPath } from './route.ts'
import { keepMaskedValues, maskSecrets } from './secret-values.ts'

const membersMax = 100_000

/** Who is a member; membership-routes.ts answers for rules that are not saved. */
export const collectionRuleFields = {
  directMembers: z.array(deviceId).max(membersMax).default([]),
  unknownComputers: z
    .array(z.enum(bootArchitectures))
    .max(bootArchitectures.length)
    .default([])
    .meta({ description: 'Of collections limited to All Unknown Computers' }),
  includes: z.array(collectionId).max(collectionReferencesMax).default([]),
  excludes: z.array(collectionId).max(collectionReferencesMax).default([]),
  queries: z
    .array(z.string().max(queryCharactersMax))
    .max(collectionQueriesMax)
    .default([])
    .meta({ description: 'Such as: model like "OptiPlex%" and memoryBytes >= 8 GiB' }),
  limitingCollectionId: collectionId.exactOptional().meta({ description: 'Absent: All Systems' }),
} as const

const collectionDraft = z
  .strictObject({
    name: label(255).min(1),
    description: label(512).default(''),
    ...collectionRuleFields,
    maintenanceWindows: z.array(maintenanceWindowDraft).max(windowsMax).default([]),
    variables: siteVariables(deviceVariablesMax),
    variablePriority: z.number().int().min(1).max(9).default(1),
    defaultDistributionPointGroups: z.array(distributionPointGroupId).max(defaultGroupsMax).exactOptional().meta({
      description: 'Where content goes that is deployed to it with its defaults (S5-002); absent: as they are',
    }),
  })
  .meta({ id: 'CollectionDraft' })

const collectionView = z
  .object({
    id: z.string(),
    name: z.string(),
    description: z.string(),
    kind: z.enum(['user', 'all-systems', 'all-unknown-computers']),
    directMembers: z.array(z.string()),
    unknownComputers: z.array(z.enum(bootArchitectures)),
    includes: z.array(z.string()),
    excludes: z.array(z.string()),
    queries: z.array(z.string()),
    limitingCollectionId: z.string().optional(),
    maintenanceWindows: z.array(maintenanceWindowView),
    variables: z.array(siteVariableView),
    variablePriority: z.number().int(),
    defaultDistributionPointGroups: z.array(z.string()),
    memberCount: z.number().int().meta({ description: 'Devices, or unknown computers as the objects that they are' }),
    revision: z.number().int(),
  })
  .meta({ id: 'Collection' })

export function collectionRoutes(store: Store): readonly ApiRoute[] {
  return objectRoutes({
    path: 'collections',
    noun: 'collection',
    objects: store.collections,
    id: collectionId,
    draft: collectionDraft,
    view: collectionView,
    show: async (collection: Collection) => ({
      ...collection,
      maintenanceWindows: collection.maintenanceWindows.map(showWindow),
      variables: maskSecrets(collection.variables),
      memberCount: await store.memberCount(collection.id),
    }),
    complete: async (sent, current) => {
      const kind = current?.kind ?? 'user'
      const variables = keepMaskedValues(sent.variables, current?.variables ?? [])
      if (kind !== 'user' && sent.maintenanceWindows.length > 0) {
        throw new Problem(422, {
          faults: [{ path: 'maintenanceWindows', message: 'Built-in collections have none (S9-014).' }],
        })
      }
      await requireSoundRules(store, { ...sent, kind, ...(current === undefined ? {} : { id: current.id }) })
      const defaultDistributionPointGroups =
        sent.defaultDistributionPointGroups ?? current?.defaultDistributionPointGroups ?? []
      return { ...sent, kind, variables, defaultDistributionPointGroups }
    },
  })
}

/** Throws all faults at once; the store judges once more when it saves. */
export async function requireSoundRules(store: Store, rules: RulesToJudge): Promise<void> {
  const found = findCollectionFaults(rules, await store.collectionRules())
  if (found.length === 0) return
  throw new Problem(422, { faults: found.map(({ path, message }) => ({ path: printPath(path), message })) })
}
