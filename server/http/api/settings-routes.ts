/** `/settings`: those the server runs with, which its flags give, and those of the site, which are edited here. */

import { z } from 'zod'
import type { HttpDependencies } from '../dependencies.ts'
import { editedValue } from './edit-answer.ts'
import { collectionId } from './fields.ts'
import { type ApiRoute, defineRoute } from './route.ts'

const settingsView = z
  .looseObject({
    siteCode: z.string(),
    provisionUnknown: z.boolean(),
    provisionIntoCollections: z.array(z.string()),
  })
  .meta({ id: 'Settings' })

export function settingsRoutes({ store, site }: HttpDependencies): readonly ApiRoute[] {
  return [
    defineRoute({
      method: 'get',
      path: '/settings',
      summary: 'Settings the server runs with, and those of the site',
      answers: { 200: settingsView },
      answer: async () => ({
        status: 200,
        body: { ...site.shown, siteCode: site.siteCode, ...(await store.siteSettings()) },
      }),
    }),
    defineRoute({
      method: 'put',
      path: '/settings',
      summary: 'Change settings of the site; what is left out stays as it is',
      body: z.strictObject({
        provisionUnknown: z.boolean().exactOptional().meta({
          description: 'An unknown computer on which a task sequence succeeded becomes a device',
        }),
        provisionIntoCollections: z
          .array(collectionId)
          .max(20)
          .exactOptional()
          .meta({ description: 'Collections that list such a device by name' }),
      }),
      answers: { 200: settingsView },
      answer: async ({ body }) => {
        const settings = editedValue(await store.changeSiteSettings(body))
        return { status: 200, body: { ...site.shown, siteCode: site.siteCode, ...settings } }
      },
    }),
  ]
}
