/**
 * Hardware identifiers that mean something else than "this machine": those that several machines have, which are left out when
 * one is looked up (S6-011), and MAC addresses that are never served (S6-010). They are objects of the site, edited while it runs.
 */

import { parseMacAddress } from '../address/mac-address.ts'
import { parseSmbiosGuid, swapSmbiosGuid } from '../address/smbios-guid.ts'

export const IdentifierList = { duplicate: 'duplicate', ignored: 'ignored' } as const
export type IdentifierList = (typeof IdentifierList)[keyof typeof IdentifierList]

export interface ListedIdentifier {
  readonly list: IdentifierList
  /** Printed as its type is: a MAC address or, on the list of duplicates alone, an SMBIOS GUID. */
  readonly identifier: string
  readonly comment: string
  /** `setting`: a preset of the server, which only its settings take away; `site`: it found out by itself. */
  readonly from: 'administrator' | 'site' | 'setting'
  readonly by?: string
  /** Milliseconds since the epoch; absent: of a setting. */
  readonly listedAtMs?: number
}

/** Both lists as a look-up needs them: never changed, a new pair takes its place. */
export interface IdentifierLists {
  readonly duplicateIdentifiers: ReadonlySet<string>
  readonly ignoredMacAddresses: ReadonlySet<string>
}

export const nothingListed: IdentifierLists = { duplicateIdentifiers: new Set(), ignoredMacAddresses: new Set() }

/** Some machines swap the first three fields between firmware and loader, so both spellings are listed as one (peers.md D10). */
export function spellingsOf(identifier: string): readonly string[] {
  const guid = parseSmbiosGuid(identifier)
  return guid === undefined ? [identifier] : [guid, swapSmbiosGuid(guid)]
}

/** A MAC address or an SMBIOS GUID in any spelling, printed as the site does. */
export function parseHardwareIdentifier(text: string): string | undefined {
  return parseMacAddress(text) ?? parseSmbiosGuid(text)
}
