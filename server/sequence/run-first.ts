/**
 * "Run another program first" (S1-075): whether the program runs before this run of the task sequence. It belongs to the client
 * in the installed system; after PXE or from media it is passed over. It is the first step of such a run, so that a failure
 * ends the run before anything else has happened, and everybody sees why.
 */

import type { TaskSequence } from './task-sequence.ts'
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

export const programFirstStepName = 'Run another program first'

/** The sequence as it runs: one that has steps of its own begins with the program. */
export function withProgramFirst(sequence: TaskSequence, { packageId, programName }: RunFirst): TaskSequence {
  const step = {
    kind: 'step',
    name: programFirstStepName,
    description: '',
    disabled: false,
    continueOnError: false,
    action: { type: 'install-package', packageId, programName, continueOnFailure: false },
  } as const
  return { ...sequence, children: [step, ...sequence.children] }
}
