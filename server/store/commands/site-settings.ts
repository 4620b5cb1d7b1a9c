/** Edits of the settings of the site. */

import type { SiteSettings } from '../../site/site-settings.ts'
import type { Edit } from '../ports.ts'
import { readCollectionRules } from '../rows/collection-rows.ts'
import { readSiteSettings, writeSiteSettings } from '../rows/site-settings-rows.ts'
import { audit } from './audit.ts'
import { refused } from './edit-object.ts'
import type { Writing } from './writing.ts'

/** What is absent stays as it is. */
export async function changeSiteSettings(writing: Writing, change: Partial<SiteSettings>): Promise<Edit<SiteSettings>> {
  const { tx } = writing
  const before = await readSiteSettings(tx)
  const after = { ...before, ...change }
  const rules = await readCollectionRules(tx)
  for (const id of after.provisionIntoCollections) {
    const collection = rules.find((one) => one.id === id)
    if (collection === undefined) return refused(`there is no collection ${id}`)
    if (collection.kind !== 'user') return refused(`${collection.name} is built in, and lists nobody by name`)
  }
  await writeSiteSettings(tx, after)
  await audit(writing, {
    action: 'change',
    kind: 'site-settings',
    id: 'site',
    name: 'Settings of the site',
    before,
    after,
  })
  return { kind: 'saved', value: after }
}
