/** `/collections`: direct members, and the variables their devices get. */

import { z } from 'zod'
import type { Collection } from '../../site/collection.ts'
import { deviceVariablesMax } from '../../site/device.ts'
import type { Store } from '../../store/ports.ts'
import { collectionId, deviceId, label, siteVariables, siteVariableView } from './fields.ts'
import { objectRoutes } from './object-routes.ts'
import type { ApiRoute } from './route.ts'
import { keepMaskedValues, maskSecrets } from './secret-values.ts'

const membersMax = 100_000

const collectionDraft = z
  .strictObject({
    name: label(255).min(1),
    description: label(512).default(''),
    directMembers: z.array(deviceId).max(membersMax).default([]),
    variables: siteVariables(deviceVariablesMax),
    variablePriority: z.number().int().min(1).max(9).default(1),
  })
  .meta({ id: 'CollectionDraft' })

const collectionView = z
  .object({
    id: z.string(),
    name: z.string(),
    description: z.string(),
    kind: z.enum(['user', 'all-systems', 'all-unknown-computers']),
    directMembers: z.array(z.string()),
    variables: z.array(siteVariableView),
    variablePriority: z.number().int(),
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
    show: (collection: Collection) => ({ ...collection, variables: maskSecrets(collection.variables) }),
    complete: async (sent, current) => ({
      ...sent,
      kind: current?.kind ?? 'user',
      variables: keepMaskedValues(sent.variables, current?.variables ?? []),
    }),
  })
}
