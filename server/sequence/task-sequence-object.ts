/** A task sequence as the site keeps it: the document, the settings around it, and what it was before. */

import type { PackageId, TaskSequenceFolderId } from '../address/identifiers.ts'
import type { TaskSequence } from './task-sequence.ts'
import type { TaskSequenceSettings } from './task-sequence-settings.ts'

export interface TaskSequenceObject {
  readonly id: PackageId
  /** "Use a boot image": needed for PXE and media (S1-080). */
  readonly bootImageId?: PackageId
  /** False is "Disable this task sequence on computers where it is deployed" (S1-077). */
  readonly enabled: boolean
  /** Absent: in the root folder. */
  readonly folderId?: TaskSequenceFolderId
  readonly settings: TaskSequenceSettings
  readonly sequence: TaskSequence
  /** Each edit makes a revision; a run keeps the one it started with. */
  readonly revision: number
}

/** What one edit made; it never changes. */
export interface TaskSequenceRevision {
  readonly revision: number
  /** Absent: it was made before revisions were kept. */
  readonly changedAtMs?: number
  /** Absent: likewise, or the server itself. */
  readonly changedBy?: string
  /** Empty: nobody gave one. */
  readonly comment: string
}

/** With the object as it was then. */
export interface KeptTaskSequence extends TaskSequenceRevision {
  readonly object: TaskSequenceObject
}

/** Ours: the newest are kept, and those that runs were started with. */
export const revisionsKeptMax = 100
export const revisionCommentCharactersMax = 255
