/** `/distribution-points` and `/distribution-point-groups`: who else has content of the site, for whom, and in which groups (S8-007). */

import { z } from 'zod'
import {
  boundaryNetworksMax,
  type DistributionPoint,
  type DistributionPointGroup,
  groupMembersMax,
} from '../../site/distribution-point.ts'
import { objectDescriptionCharactersMax, objectNameCharactersMax } from '../../site/object-limits.ts'
import type { Store } from '../../store/ports.ts'
import { createToken, hashToken } from '../token.ts'
import { editedValue } from './edit-answer.ts'
import { baseUrl, distributionPointGroupId, distributionPointId, ipv4Subnet, label } from './fields.ts'
import { objectRoutes } from './object-routes.ts'
import { type ApiRoute, defineRoute } from './route.ts'

const named = {
  name: label(objectNameCharactersMax).min(1),
  description: label(objectDescriptionCharactersMax).default(''),
}

const pointDraft = z
  .strictObject({
    ...named,
    baseUrl: baseUrl.meta({ description: 'As machines reach it, such as http://192.0.2.7:8080' }),
    networks: z.array(ipv4Subnet).max(boundaryNetworksMax).default([]).meta({
      description: 'Its boundary: the networks that it is near to, such as 192.168.7.0/24',
    }),
    isDefault: z
      .boolean()
      .default(false)
      .meta({ description: 'Serves machines that are in no boundary, too (S5-033)' }),
    prestagedContentOnly: z
      .boolean()
      .default(false)
      .meta({ description: 'It fetches nothing, but waits for prestaged content to be imported (S8-008)' }),
  })
  .meta({ id: 'DistributionPointDraft' })

const pointView = z
  .object({
    id: z.string(),
    name: z.string(),
    description: z.string(),
    baseUrl: z.string(),
    networks: z.array(z.string()),
    isDefault: z.boolean(),
    prestagedContentOnly: z.boolean(),
    revision: z.number().int(),
  })
  .meta({ id: 'DistributionPoint' })

const groupDraft = z
  .strictObject({
    ...named,
    members: z
      .array(distributionPointId)
      .max(groupMembersMax)
      .refine((members) => new Set(members).size === members.length, 'a distribution point is listed twice')
      .default([]),
  })
  .meta({ id: 'DistributionPointGroupDraft' })

const groupView = z
  .object({
    id: z.string(),
    name: z.string(),
    description: z.string(),
    members: z.array(z.string()),
    revision: z.number().int(),
  })
  .meta({ id: 'DistributionPointGroup' })

export function distributionPointRoutes(store: Store): readonly ApiRoute[] {
  return [
    ...objectRoutes({
      path: 'distribution-points',
      noun: 'distribution point',
      objects: store.distributionPoints,
      id: distributionPointId,
      draft: pointDraft,
      view: pointView,
      show: showPoint,
      complete: async (sent) => sent,
    }),
    tokenRoute(store),
    ...objectRoutes({
      path: 'distribution-point-groups',
      noun: 'group of distribution points',
      objects: store.distributionPointGroups,
      id: distributionPointGroupId,
      draft: groupDraft,
      view: groupView,
      show: (group: DistributionPointGroup) => group,
      complete: async (sent) => sent,
    }),
  ]
}

function showPoint(point: DistributionPoint) {
  return { ...point, networks: point.networks.map(({ network, prefixLength }) => `${network}/${prefixLength}`) }
}

function tokenRoute(store: Store): ApiRoute {
  return defineRoute({
    method: 'post',
    path: '/distribution-points/{id}/token',
    summary: 'Make the token that a distribution point shows to the site; the one it had opens nothing any more',
    params: z.object({ id: distributionPointId }),
    answers: {
      201: z.object({ token: z.string().meta({ description: 'Shown here, and nowhere else ever' }) }).meta({
        id: 'DistributionPointToken',
      }),
    },
    answer: async ({ params: { id } }) => {
      const token = createToken('point')
      editedValue(await store.makePointToken(id, hashToken(token)))
      return { status: 201, body: { token } }
    },
  })
}
