/** The audit as it is asked for: a page of the newest entries, of everything or of one object. */

import type { Kysely } from 'kysely'
import type { AuditEntry, AuditQuery } from '../audit-port.ts'
import { decodeJson } from '../json-text.ts'
import type { Schema } from '../schema.ts'

export async function readAudit(
  db: Kysely<Schema>,
  { kind, id, before, limit }: AuditQuery,
): Promise<readonly AuditEntry[]> {
  let entries = db.selectFrom('audit_entries').selectAll().orderBy('number', 'desc').limit(limit)
  if (kind !== undefined) entries = entries.where('object_kind', '=', kind)
  if (id !== undefined) entries = entries.where('object_id', '=', id)
  if (before !== undefined) entries = entries.where('number', '<', before)
  return (await entries.execute()).map((row) => ({
    number: row.number,
    atMs: row.at_ms,
    ...(row.by_name === null ? {} : { by: row.by_name }),
    action: row.action,
    kind: row.object_kind,
    id: row.object_id,
    name: row.object_name,
    changes: decodeJson(row.changes),
  }))
}
