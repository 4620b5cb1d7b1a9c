/** Settings of the site itself, edited while it runs; those of the server are its flags. */

import type { CollectionId } from '../address/identifiers.ts'

export interface SiteSettings {
  /** An unknown computer on which a task sequence succeeded becomes a device of the site. */
  readonly provisionUnknown: boolean
  /** Collections that list such a device by name. */
  readonly provisionIntoCollections: readonly CollectionId[]
}

/** The name of a device that nobody named: what its machine calls itself, where that is a name, else its first address. */
export function nameOfProvisioned(computerName: string | undefined, lane: string, charactersMax: number): string {
  const name = (computerName ?? '').trim()
  const isName = name !== '' && !/\p{Cc}/u.test(name) && !name.startsWith(unknownComputerPrefix)
  return isName ? name.slice(0, charactersMax) : `Computer ${lane}`
}

/** What a machine without a record is called on the page. */
export const unknownComputerPrefix = 'Unknown computer '
