/**
 * Who is in a collection and why, before and after its rules are saved; which collections a machine is in; and which variables it
 * gets from them, with what each overrode (S1-063 to S1-066). Everything is computed when it is asked for.
 */

import { z } from 'zod'
import { bootArchitectures } from '../../site/boot-image.ts'
import { unknownComputers } from '../../site/unknown-computer.ts'
import { maskedValue } from '../../secret.ts'
import type { Member, Membership } from '../../store/membership-port.ts'
import type { Store } from '../../store/ports.ts'
import { explainVariables, type VariableOrigin } from '../../targeting/effective-variables.ts'
import type { MemberReason } from '../../targeting/membership.ts'
import { isUnknownComputer } from '../../targeting/query-subject.ts'
import type { SiteVariable } from '../../site/site-variable.ts'
import { notFound } from '../problem.ts'
import { collectionRuleFields, requireSoundRules } from './collection-routes.ts'
import { collectionId, deviceId, label, listQuery, listView, pageOf, siteVariableView } from './fields.ts'
import { type ApiRoute, defineRoute } from './route.ts'

const reasonView = z
  .discriminatedUnion('rule', [
    z.object({ rule: z.enum(['built-in', 'direct']) }),
    z.object({ rule: z.literal('include'), collectionId: z.string() }),
    z.object({ rule: z.literal('query'), query: z.string() }),
  ])
  .meta({ id: 'MemberReason' })

const memberView = z
  .discriminatedUnion('kind', [
    z.object({ kind: z.literal('device'), id: z.string(), name: z.string(), because: z.array(reasonView) }),
    z.object({
      kind: z.literal('unknown-computer'),
      architecture: z.enum(bootArchitectures),
      name: z.string(),
      because: z.array(reasonView),
    }),
  ])
  .meta({ id: 'Member' })

const membershipView = z
  .object({ id: z.string(), name: z.string(), variablePriority: z.number().int(), because: z.array(reasonView) })
  .meta({ id: 'Membership' })

const originView = z
  .discriminatedUnion('kind', [
    z.object({ kind: z.literal('device') }),
    z.object({
      kind: z.literal('collection'),
      collectionId: z.string(),
      name: z.string(),
      priority: z.number().int(),
    }),
  ])
  .meta({ id: 'VariableOrigin' })

const explainedView = siteVariableView
  .extend({
    from: originView,
    overrides: z.array(z.object({ value: z.string(), secret: z.boolean(), from: originView })).meta({
      description: 'Values that it took the place of, the strongest first',
    }),
  })
  .meta({ id: 'EffectiveVariable' })

const previewDraft = z
  .strictObject({
    ...collectionRuleFields,
    name: label(255).default('Preview').meta({ description: 'For messages only' }),
    collectionId: collectionId.exactOptional().meta({ description: 'The collection whose rules these would be' }),
  })
  .meta({ id: 'CollectionPreview' })

export function membershipRoutes(store: Store): readonly ApiRoute[] {
  return [
    defineRoute({
      method: 'get',
      path: '/collections/{id}/members',
      summary: 'List the members of a collection, each with the rules that make it one',
      params: z.object({ id: collectionId }),
      query: listQuery,
      answers: { 200: listView(memberView) },
      answer: async ({ params, query }) => {
        const page = await store.members(params.id, query)
        if (page === undefined) throw notFound(`collection ${params.id}`)
        return { status: 200, body: { items: page.items.map(showMember), total: page.total } }
      },
    }),
    defineRoute({
      method: 'post',
      path: '/collections/preview',
      summary: 'Who would be in a collection with these rules? Nothing is saved',
      query: listQuery,
      body: previewDraft,
      answers: { 200: listView(memberView) },
      answer: async ({ body, query }) => {
        const { collectionId: id, ...sent } = body
        const edited = id === undefined ? undefined : (await store.collectionRules()).find((one) => one.id === id)
        if (id !== undefined && edited === undefined) throw notFound(`collection ${id}`)
        const rules = {
          ...sent,
          kind: edited?.kind ?? 'user',
          description: '',
          variablePriority: 1,
          ...(id === undefined ? {} : { id }),
        } as const
        await requireSoundRules(store, rules)
        const page = await store.previewMembers(rules, query)
        return { status: 200, body: { items: page.items.map(showMember), total: page.total } }
      },
    }),
    ...deviceMembershipRoutes(store),
    unknownComputerRoute(store),
  ]
}

function deviceMembershipRoutes(store: Store): readonly ApiRoute[] {
  const params = z.object({ id: deviceId })
  return [
    defineRoute({
      method: 'get',
      path: '/devices/{id}/collections',
      summary: 'List the collections that a device is in, each with the rules that take it',
      params,
      query: listQuery,
      answers: { 200: listView(membershipView) },
      answer: async ({ params: { id }, query }) => {
        const found = await store.collectionsOfDevice(id)
        if (found === undefined) throw notFound(`device ${id}`)
        return { status: 200, body: pageOf(found.memberships.map(showMembership), query) }
      },
    }),
    defineRoute({
      method: 'get',
      path: '/devices/{id}/effective-variables',
      summary: 'List the variables that a device starts with, where each comes from, and what it overrode',
      params,
      answers: { 200: listView(explainedView) },
      answer: async ({ params: { id } }) => {
        const found = await store.collectionsOfDevice(id)
        if (found === undefined) throw notFound(`device ${id}`)
        return { status: 200, body: showVariables(found.memberships, found.device.variables) }
      },
    }),
  ]
}

function unknownComputerRoute(store: Store): ApiRoute {
  return defineRoute({
    method: 'get',
    path: '/unknown-computers/{id}/effective-variables',
    summary:
      'List the variables that an unknown computer of an architecture starts with: those of its collections alone',
    params: z.object({ id: z.enum(bootArchitectures) }),
    answers: { 200: listView(explainedView) },
    answer: async ({ params: { id } }) => {
      const computer = unknownComputers.find(({ architecture }): boolean => architecture === id)
      if (computer === undefined) throw notFound()
      return { status: 200, body: showVariables(await store.collectionsOfUnknownComputer(computer), undefined) }
    },
  })
}

function showMember({ machine, because }: Member): z.output<typeof memberView> {
  const reasons = because.map(showReason)
  return isUnknownComputer(machine)
    ? { kind: machine.kind, architecture: machine.architecture, name: machine.name, because: reasons }
    : { kind: 'device', id: machine.id, name: machine.name, because: reasons }
}

function showReason(reason: MemberReason): z.output<typeof reasonView> {
  return { ...reason }
}

function showMembership({ collection, because }: Membership): z.output<typeof membershipView> {
  const { id, name, variablePriority } = collection
  return { id, name, variablePriority, because: because.map(showReason) }
}

function showVariables(
  memberships: readonly Membership[],
  ofDevice: readonly SiteVariable[] | undefined,
): z.output<ReturnType<typeof listView<typeof explainedView>>> {
  const collections = memberships.map(({ collection }) => collection)
  const items = explainVariables(collections, ofDevice && { variables: ofDevice }).map(
    ({ variable, from, overrides }) => ({
      ...masked(variable),
      from: showOrigin(from),
      overrides: overrides.map((one) => {
        const { value, secret } = masked(one.variable)
        return { value, secret, from: showOrigin(one.from) }
      }),
    }),
  )
  return { items, total: items.length }
}

function masked(variable: SiteVariable): SiteVariable {
  return variable.secret ? { ...variable, value: maskedValue } : variable
}

function showOrigin(origin: VariableOrigin): z.output<typeof originView> {
  return { ...origin }
}
