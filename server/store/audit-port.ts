/** The audit: who changed what of the site, when, and from what to what. Entries are written with the change, or not at all. */

import type { FieldChange } from '../site/describe-change.ts'

export const auditedKinds = [
  'device',
  'collection',
  'deployment',
  'deployment-template',
  'task-sequence',
  'task-sequence-folder',
  'boot-image',
  'operating-system-image',
  'operating-system-upgrade-package',
  'package',
  'driver-package',
  'application',
  'distribution-point',
  'distribution-point-group',
  'administrator',
  'token',
  'machine',
  'start-guard',
  'site-settings',
  'duplicate-hardware-identifier',
  'ignored-mac-address',
  'alert',
  'medium',
] as const
export type AuditedKind = (typeof auditedKinds)[number]

export const auditActions = [
  'create',
  'change',
  'remove',
  'clear-marks',
  'approve',
  'resume-canary',
  'merge',
  'split',
  'acknowledge',
  'distribute',
  'remove-content',
  'revoke',
  'publish',
  'unpublish',
] as const
export type AuditAction = (typeof auditActions)[number]

export interface AuditEntry {
  /** Grows with each entry. */
  readonly number: number
  readonly atMs: number
  /** Absent: the server itself, or whoever had the set-up code. */
  readonly by?: string
  readonly action: AuditAction
  readonly kind: AuditedKind
  readonly id: string
  readonly name: string
  readonly changes: readonly FieldChange[]
}

export interface AuditQuery {
  readonly kind?: AuditedKind | undefined
  readonly id?: string | undefined
  /** Only entries with a lower number. */
  readonly before?: number | undefined
  readonly limit: number
}

export interface Audit {
  /** The newest first. */
  auditEntries(query: AuditQuery): Promise<readonly AuditEntry[]>
}
