/**
 * The rows of the step tree: every node of the sequence from the start, filled with what the run has told so far. Without
 * the sequence (the question to the server failed) the rows are the steps that were heard of. Pure.
 */

import { pathKey, type RunStory, type StepState } from './run-story.ts'

/** A node of the run's own copy of the sequence, as `GET /runs/{id}` tells it. */
export interface PlannedStep {
  readonly path: readonly number[]
  readonly name: string
  readonly isGroup: boolean
  /** False when it or a group above it is disabled. */
  readonly enabled: boolean
}

export interface StepRow {
  readonly key: string
  readonly depth: number
  readonly name: string
  readonly isGroup: boolean
  readonly state: StepState['state'] | 'ahead' | 'not-reached'
  readonly stateText: string
  readonly exitCode?: number
  readonly message: string
  readonly startedAtMs?: number
  readonly tookMs?: number
}

const stateTexts = {
  ahead: 'not yet',
  running: 'runs',
  succeeded: 'succeeded',
  failed: 'failed',
  'failed-continued': 'failed, went on',
  skipped: 'skipped',
  'not-reached': 'not reached',
} as const satisfies Record<StepRow['state'], string>

const skipTexts = {
  disabled: 'disabled',
  'condition-false': 'its condition was false',
  'parent-failed': 'an earlier step failed',
} as const satisfies Record<NonNullable<StepState['skippedBecause']>, string>

export function stepRows(planned: readonly PlannedStep[], story: RunStory): readonly StepRow[] {
  const known = new Map(planned.map((step) => [pathKey(step.path), step]))
  const paths = [...known.values()].map((step) => step.path)
  for (const key of story.steps.keys()) if (!known.has(key)) paths.push(key.split('.').map(Number))
  return paths.toSorted(comparePaths).map((path) => rowOf(path, known.get(pathKey(path)), story))
}

function rowOf(path: readonly number[], planned: PlannedStep | undefined, story: RunStory): StepRow {
  const key = pathKey(path)
  const told = story.steps.get(key) ?? skippedWithGroup(path, story)
  const { state, text } = stateOf(told, planned, story.hasEnded)
  return {
    key,
    depth: path.length - 1,
    // The run's own word first: a name may hold variables that are replaced when it runs.
    name: told?.name ?? planned?.name ?? `Step ${path.map((index) => index + 1).join('.')}`,
    isGroup: planned?.isGroup ?? told?.isGroup ?? false,
    state,
    stateText: text,
    ...(told?.exitCode === undefined ? {} : { exitCode: told.exitCode }),
    message: told?.message ?? '',
    ...(told?.startedAtMs === undefined ? {} : { startedAtMs: told.startedAtMs }),
    ...(told?.tookMs === undefined ? {} : { tookMs: told.tookMs }),
  }
}

function stateOf(
  told: StepState | undefined,
  planned: PlannedStep | undefined,
  hasEnded: boolean,
): { readonly state: StepRow['state']; readonly text: string } {
  if (told?.skippedBecause !== undefined)
    return { state: 'skipped', text: `skipped: ${skipTexts[told.skippedBecause]}` }
  if (told !== undefined) {
    const again = told.state === 'running' && told.attempt > 1 ? `, attempt ${told.attempt}` : ''
    return { state: told.state, text: `${stateTexts[told.state]}${again}` }
  }
  if (planned?.enabled === false) return { state: 'skipped', text: `skipped: ${skipTexts.disabled}` }
  const state = hasEnded ? 'not-reached' : 'ahead'
  return { state, text: stateTexts[state] }
}

/** The report names the topmost node that is passed over; what is below goes with it. */
function skippedWithGroup(path: readonly number[], story: RunStory): StepState | undefined {
  for (let length = path.length - 1; length > 0; length--) {
    const above = story.steps.get(pathKey(path.slice(0, length)))
    if (above?.state === 'skipped') {
      const { name: _, ...skipped } = above
      return skipped
    }
  }
  return undefined
}

function comparePaths(left: readonly number[], right: readonly number[]): number {
  for (let index = 0; index < Math.max(left.length, right.length); index++) {
    const difference = (left[index] ?? -1) - (right[index] ?? -1)
    if (difference !== 0) return difference
  }
  return 0
}
