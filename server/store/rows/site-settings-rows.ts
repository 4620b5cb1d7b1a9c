/** The settings of the site, and their one row. */

import type { Kysely } from 'kysely'
import type { SiteSettings } from '../../site/site-settings.ts'
import { decodeJson, encodeJson } from '../json-text.ts'
import type { Schema } from '../schema.ts'

export async function readSiteSettings(db: Kysely<Schema>): Promise<SiteSettings> {
  const row = await db.selectFrom('site_settings').selectAll().executeTakeFirstOrThrow()
  return { provisionUnknown: row.provision_unknown === 1, provisionIntoCollections: decodeJson(row.provision_into) }
}

export async function writeSiteSettings(db: Kysely<Schema>, settings: SiteSettings): Promise<void> {
  const { provisionUnknown, provisionIntoCollections } = settings
  const row = {
    provision_unknown: provisionUnknown ? 1 : 0,
    provision_into: encodeJson(provisionIntoCollections),
  } as const
  await db.updateTable('site_settings').set(row).execute()
}
