/** Joins the questions of provisioning-port.ts to their row and their command. */

import type { Kysely } from 'kysely'
import type { SiteSettingsStore } from './provisioning-port.ts'
import { readSiteSettings } from './rows/site-settings-rows.ts'
import type { Schema } from './schema.ts'
import type { Writer } from './writer.ts'

export function siteSettings(db: Kysely<Schema>, writer: Writer): SiteSettingsStore {
  return {
    siteSettings: () => readSiteSettings(db),
    changeSiteSettings: (change) => writer.run('changeSiteSettings', change),
  }
}
