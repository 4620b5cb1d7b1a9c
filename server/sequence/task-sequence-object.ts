/** A task sequence as the site keeps it: the document, and the settings around it. */

import type { PackageId } from '../address/identifiers.ts'
import type { TaskSequence } from './task-sequence.ts'

export interface TaskSequenceObject {
  readonly id: PackageId
  /** "Use a boot image": needed for PXE and media (S1-080). */
  readonly bootImageId?: PackageId
  /** False is "Disable this task sequence on computers where it is deployed" (S1-077). */
  readonly enabled: boolean
  readonly sequence: TaskSequence
  /** Each edit makes a revision; a run keeps the one it started with. */
  readonly revision: number
}
