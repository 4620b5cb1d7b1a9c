/** The questions about duplicate hardware identifiers and ignored MAC addresses (site/listed-identifier.ts). */

import type { IdentifierList, ListedIdentifier } from '../site/listed-identifier.ts'
import type { Edit } from './ports.ts'

export interface IdentifierListing {
  /** With the presets of the server's settings, in the order of the identifiers. */
  listedIdentifiers(list: IdentifierList): Promise<readonly ListedIdentifier[]>
  /** One that is there gets the comment, and whoever asks is who put it there. */
  listIdentifier(wanted: Pick<ListedIdentifier, 'list' | 'identifier' | 'comment'>): Promise<Edit<ListedIdentifier>>
  unlistIdentifier(named: Pick<ListedIdentifier, 'list' | 'identifier'>): Promise<Edit<ListedIdentifier>>
}
