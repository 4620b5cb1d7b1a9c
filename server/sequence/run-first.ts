/**
 * "Run another program first" (S1-075): whether the program runs before this run of the task sequence. It belongs to the client
 * in the installed system; after PXE or from media it is passed over. If it fails, the sequence does not run.
 */

import type { RunFirst, TaskSequenceSettings } from './task-sequence-settings.ts'

export interface FirstRun {
  readonly startedFrom: 'pxe' | 'media' | 'client'
  /** On this computer, by any earlier run of the sequence: it is not run again then. */
  readonly succeededBefore: boolean
}

export function programToRunFirst(
  { runFirst }: Pick<TaskSequenceSettings, 'runFirst'>,
  { startedFrom, succeededBefore }: FirstRun,
): RunFirst | undefined {
  return startedFrom === 'client' && !succeededBefore ? runFirst : undefined
}
