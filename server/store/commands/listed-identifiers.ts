/** Edits of the lists of duplicate identifiers and ignored addresses: somebody puts one there or takes it off. */

import { IdentifierList, type ListedIdentifier } from '../../site/listed-identifier.ts'
import type { AuditedKind } from '../audit-port.ts'
import type { Edit } from '../ports.ts'
import {
  readListedIdentifier,
  removeListedIdentifier,
  writeListedIdentifier,
  writeUnmarked,
} from '../rows/listed-identifier-rows.ts'
import { audit } from './audit.ts'
import type { Writing } from './writing.ts'

export type NamedIdentifier = Pick<ListedIdentifier, 'list' | 'identifier'>

export async function listIdentifier(
  writing: Writing,
  wanted: NamedIdentifier & { readonly comment: string },
): Promise<Edit<ListedIdentifier>> {
  const old = await readListedIdentifier(writing.tx, wanted)
  const listed: ListedIdentifier = {
    list: wanted.list,
    identifier: old?.identifier ?? wanted.identifier,
    comment: wanted.comment,
    from: 'administrator',
    by: writing.actor?.name ?? 'The server',
    listedAtMs: writing.nowMs,
  }
  await writeListedIdentifier(writing.tx, listed)
  if (wanted.list === IdentifierList.duplicate) await writeUnmarked(writing.tx, listed.identifier, false)
  const [before, after] = [old && { comment: old.comment }, { comment: listed.comment }]
  await audit(writing, { ...entryOf(listed), action: old === undefined ? 'create' : 'change', before, after })
  return { kind: 'saved', value: listed }
}

/** Whoever takes a duplicate off the list knows better than the site, which does not put it there by itself again. */
export async function unlistIdentifier(writing: Writing, named: NamedIdentifier): Promise<Edit<ListedIdentifier>> {
  const old = await readListedIdentifier(writing.tx, named)
  if (old === undefined) return { kind: 'not-found' }
  await removeListedIdentifier(writing.tx, old)
  if (old.list === IdentifierList.duplicate) await writeUnmarked(writing.tx, old.identifier, true)
  await audit(writing, { ...entryOf(old), action: 'remove', before: { comment: old.comment } })
  return { kind: 'saved', value: old }
}

const auditedKinds = {
  duplicate: 'duplicate-hardware-identifier',
  ignored: 'ignored-mac-address',
} as const satisfies Record<IdentifierList, AuditedKind>

export function entryOf({ list, identifier }: NamedIdentifier) {
  return { kind: auditedKinds[list], id: identifier, name: identifier }
}
