/** Writes entries of the audit in the transaction of the change itself. */

import { describeChange } from '../../site/describe-change.ts'
import type { AuditAction, AuditedKind } from '../audit-port.ts'
import { encodeJson } from '../json-text.ts'
import { takeNumbers } from './counters.ts'
import type { Writing } from './writing.ts'

export interface Audited {
  readonly action: AuditAction
  readonly kind: AuditedKind
  readonly id: string
  readonly name: string
  readonly before?: object | undefined
  readonly after?: object | undefined
}

/** A change that changes nothing is none. */
export async function audit(writing: Writing, { action, kind, id, name, before, after }: Audited): Promise<void> {
  const changes = describeChange(before, after)
  if (action === 'change' && changes.length === 0) return
  await writing.tx
    .insertInto('audit_entries')
    .values({
      number: await takeNumbers(writing, 'audit', 1),
      at_ms: writing.nowMs,
      by_name: writing.actor?.name ?? null,
      action,
      object_kind: kind,
      object_id: id,
      object_name: name,
      changes: encodeJson(changes),
    })
    .execute()
}

/** Long enough for whoever asks after a year. */
const auditKeptMs = 800 * 24 * 3_600_000

export async function forgetOldAudit({ tx, nowMs }: Pick<Writing, 'tx' | 'nowMs'>): Promise<void> {
  await tx
    .deleteFrom('audit_entries')
    .where('at_ms', '<', nowMs - auditKeptMs)
    .execute()
}
