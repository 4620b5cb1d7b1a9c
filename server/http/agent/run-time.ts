/** How long a run is monitored, and what happens then (S1-078): settled when it starts, so that a later edit does not change it. */

import type { Hello } from '../../contract/agent.ts'
import type { TaskSequenceSettings } from '../../sequence/task-sequence-settings.ts'
import type { Door } from '../../site/door.ts'
import { monitoredMinutes, whenRunTimeIsUp } from '../../site/maximum-run-time.ts'
import type { RunRecord } from '../../store/ports.ts'
import type { Machine } from './machine-standing.ts'

export const doors = {
  'boot-image': 'pxe',
  media: 'media',
  'installed-system': 'client',
} as const satisfies Record<Hello['startedFrom'], Door>

export interface StartedRun {
  readonly selection: Machine['selection']
  readonly startedFrom: Hello['startedFrom']
  /** Of a run that waits with its restart for a window: when that opens. */
  readonly startedAtMs: number
}

export function runTimeOf(
  { maximumRunMinutes }: Pick<TaskSequenceSettings, 'maximumRunMinutes'>,
  { selection, startedFrom, startedAtMs }: StartedRun,
): NonNullable<RunRecord['runTime']> {
  // What starts without asking is required, or preferred and acts so; what was chosen has a person in front of it.
  const required = selection.kind === 'start'
  return {
    endsAtMs: startedAtMs + monitoredMinutes(maximumRunMinutes) * 60_000,
    whenUp: whenRunTimeIsUp({ required, userInteracts: !required, startedFrom: doors[startedFrom] }),
  }
}
