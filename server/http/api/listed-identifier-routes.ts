/** `/duplicate-hardware-identifiers` and `/ignored-mac-addresses`: identifiers that name no one machine (S6-011), and machines that are never served (S6-010). */

import { z } from 'zod'
import { IdentifierList, type ListedIdentifier, parseHardwareIdentifier } from '../../site/listed-identifier.ts'
import type { Store } from '../../store/ports.ts'
import { notFound } from '../problem.ts'
import { editedValue } from './edit-answer.ts'
import { label, listQuery, listView, macAddress, pageOf, readBy } from './fields.ts'
import { type ApiRoute, defineRoute } from './route.ts'

const listedView = z
  .object({
    identifier: z.string(),
    comment: z.string(),
    from: z
      .enum(['administrator', 'site', 'setting'])
      .meta({ description: 'Who put it there; a setting of the server only its settings take away' }),
    by: z.string().optional(),
    listedAtMs: z.number().optional(),
  })
  .meta({ id: 'ListedIdentifier' })

const hardwareIdentifier = readBy(parseHardwareIdentifier, 'a MAC address or an SMBIOS GUID')

interface Listing {
  readonly path: string
  readonly list: IdentifierList
  readonly what: string
  readonly id: z.ZodType<string, string>
}

const listings: readonly Listing[] = [
  {
    path: '/duplicate-hardware-identifiers',
    list: IdentifierList.duplicate,
    what: 'MAC addresses and SMBIOS GUIDs that several machines have, left out when one is looked up',
    id: hardwareIdentifier,
  },
  {
    path: '/ignored-mac-addresses',
    list: IdentifierList.ignored,
    what: 'MAC addresses that are never served',
    id: macAddress,
  },
]

export function listedIdentifierRoutes(store: Store): readonly ApiRoute[] {
  return listings.flatMap((listing) => [listRoute(store, listing), ...entryRoutes(store, listing)])
}

function listRoute(store: Store, { path, list, what }: Listing): ApiRoute {
  return defineRoute({
    method: 'get',
    path,
    summary: `List the ${what}`,
    query: listQuery,
    answers: { 200: listView(listedView) },
    answer: async ({ query }) => {
      const { items, total } = pageOf(await store.listedIdentifiers(list), query)
      return { status: 200, body: { items: items.map(show), total } }
    },
  })
}

function entryRoutes(store: Store, { path, list, what, id }: Listing): readonly ApiRoute[] {
  const params = z.object({ id })
  return [
    defineRoute({
      method: 'get',
      path: `${path}/{id}`,
      summary: `Show one of the ${what}`,
      params,
      answers: { 200: listedView },
      answer: async ({ params: { id: identifier } }) => {
        const listed = (await store.listedIdentifiers(list)).find((one) => one.identifier === identifier)
        if (listed === undefined) throw notFound(identifier)
        return { status: 200, body: show(listed) }
      },
    }),
    defineRoute({
      method: 'put',
      path: `${path}/{id}`,
      summary: `Put one among the ${what}, from the next packet on, or change its comment`,
      params,
      body: z.strictObject({ comment: label(512).default('') }),
      answers: { 200: listedView },
      answer: async ({ params: { id: identifier }, body }) => {
        const edit = await store.listIdentifier({ list, identifier, comment: body.comment })
        return { status: 200, body: show(editedValue(edit)) }
      },
    }),
    defineRoute({
      method: 'delete',
      path: `${path}/{id}`,
      summary: `Take one off the ${what}`,
      params,
      answers: { 204: 'none' },
      answer: async ({ params: { id: identifier } }) => {
        editedValue(await store.unlistIdentifier({ list, identifier }))
        return { status: 204 }
      },
    }),
  ]
}

function show(listed: ListedIdentifier): z.output<typeof listedView> {
  const { list: _, ...shown } = listed
  return shown
}
