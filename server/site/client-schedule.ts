/**
 * When a required task sequence runs on a client in its installed system, and whether it runs there again (S5-019, S5-024,
 * S5-025). It belongs to clients alone: in the boot image a mark decides, and no schedule counts (S5-022, S5-027).
 */

import { dayMs, lookAheadMs, minuteMs, occurrencesBetween, type Recurring } from './recurrence.ts'

/** The clock on the wall is UTC's, or the machine's own. */
export interface Assignment extends Recurring {
  readonly clock: 'utc' | 'local'
}

/** Never again once it has run; whenever it is scheduled; or then only after a failure, or only after a success. */
export const rerunBehaviours = ['never', 'always', 'if-failed', 'if-succeeded'] as const
export type RerunBehaviour = (typeof rerunBehaviours)[number]

/** What happens on a client at no time that anybody knows: its system starts, somebody logs on or off there (S5-019, S5-023). */
export const occasions = ['start-up', 'log-on', 'log-off'] as const
export type Occasion = (typeof occasions)[number]

export interface ClientSchedule {
  /** None, and no occasions: once, as soon as possible. */
  readonly assignments: readonly Assignment[]
  /** Each time one of these happens; absent: at times alone. */
  readonly occasions?: readonly Occasion[]
  readonly rerun: RerunBehaviour
}

/** S5-025. */
export const defaultClientSchedule: ClientSchedule = { assignments: [], rerun: 'always' }

/** Ours, of one deployment. */
export const assignmentsMax = 20

export interface LastRun {
  readonly startedAtMs: number
  /** Absent: it goes on, or nobody knows. */
  readonly outcome?: 'succeeded' | 'failed'
}

export interface ClientNow {
  readonly nowMs: number
  readonly utcOffsetMinutes: number
  /** From then on it is offered at all. */
  readonly availableAtMs: number
  /** When each occasion was told last. */
  readonly happened?: ReadonlyMap<Occasion, number> | undefined
  /** Of this deployment on this machine; absent: none, or the administrator has cleared it. */
  readonly lastRun?: LastRun | undefined
}

export type Due =
  | { readonly kind: 'due' }
  /** By the clock, if there is a time still to come, or when one of these happens. */
  | { readonly kind: 'not-yet'; readonly atMs?: number; readonly occasions: readonly Occasion[] }
  /** Nothing is scheduled any more, or its rerun behaviour keeps it from running. */
  | { readonly kind: 'no-more'; readonly reason: string }

/** A year is far enough back: what was missed that long ago is not made good. */
const lookBackMs = 400 * dayMs

/** An occasion is a time like any other, but that nobody knows it before. */
export function isDue(schedule: ClientSchedule, now: ClientNow): Due {
  const { assignments, occasions: awaited = [], rerun } = schedule
  const { nowMs, lastRun } = now
  // As soon as possible is once, also when the deployment becomes available later than it was.
  const isOnce = isOnceOnly(schedule)
  const times = lastTimes(assignments, now)
  const happenedAtMs = lastHappened(awaited, now)
  const dueAtMs = isOnce ? now.availableAtMs : latest(...times.map(({ atMs }) => atMs), happenedAtMs)
  const ranSince = lastRun !== undefined && (isOnce || isAnswered(lastRun, times, happenedAtMs))
  const kept = lastRun === undefined ? undefined : whyNotAgain(rerun, lastRun)
  if (kept !== undefined) return noMore(kept)
  if (dueAtMs === undefined || dueAtMs > nowMs || ranSince) {
    const next = dueAtMs !== undefined && dueAtMs > nowMs ? dueAtMs : nextAfter(assignments, now)
    if (next !== undefined) return { kind: 'not-yet', atMs: next, occasions: awaited }
    if (awaited.length > 0) return { kind: 'not-yet', occasions: awaited }
    return noMore(ranSince ? startedBefore : 'it is scheduled no more')
  }
  return { kind: 'due' }
}

/**
 * The last time it was scheduled for by the clock, which may be to come when there is but one; undefined: none was yet, or it
 * waits for occasions alone.
 */
export function dueSince(schedule: Omit<ClientSchedule, 'rerun'>, now: DueAsked): number | undefined {
  if (isOnceOnly(schedule)) return now.availableAtMs
  return latest(...lastTimes(schedule.assignments, now).map(({ atMs }) => atMs))
}

/** Whether all that was due had its run; nothing was due: no. */
function isAnswered(
  { startedAtMs }: LastRun,
  times: ReturnType<typeof lastTimes>,
  happenedAtMs: number | undefined,
): boolean {
  const since = times.map(({ assignment, atMs }) => {
    const before = latest(...times.map((time) => time.atMs).filter((otherMs) => otherMs < atMs))
    // What ran for the time before has not run for this one.
    const apartMs = before === undefined ? Number.POSITIVE_INFINITY : atMs - before
    return atMs - Math.min(clockChangeMs(assignment), apartMs / 2)
  })
  const all = happenedAtMs === undefined ? since : [...since, happenedAtMs]
  return all.length > 0 && all.every((atMs) => startedAtMs >= atMs)
}

/**
 * When the clocks are put back, and when somebody travels west, a time of the machine's own clock that has had its run lies
 * after that run. What may replace a system runs rather once too few than once too many, so a run that started this much earlier
 * counts: for a single time in any zone of the Earth, and for others where zones put clocks back.
 */
function clockChangeMs({ clock, recurrence }: Assignment): number {
  if (clock === 'utc') return 0
  if (recurrence.kind === 'once') return 26 * hourMs
  return recurrence.kind === 'interval' ? Math.min(3 * hourMs, (recurrence.minutes * minuteMs) / 2) : 3 * hourMs
}

const hourMs = 60 * minuteMs

function isOnceOnly({ assignments, occasions = [] }: Omit<ClientSchedule, 'rerun'>): boolean {
  return assignments.length === 0 && occasions.length === 0
}

type DueAsked = Pick<ClientNow, 'nowMs' | 'utcOffsetMinutes' | 'availableAtMs'>

/** S5-024. What a person started counts as any other run: a time that comes later is answered by the rerun behaviour alone. */
function whyNotAgain(rerun: RerunBehaviour, { outcome }: LastRun): string | undefined {
  if (rerun === 'never') return 'it has run on this device, and is never run again'
  if (rerun === 'if-failed' && outcome !== 'failed') return 'it runs again only after a failure'
  if (rerun === 'if-succeeded' && outcome !== 'succeeded') return 'it runs again only after a success'
  return undefined
}

const startedBefore = 'it has started on this device before; clear required PXE deployments to run it again'

function noMore(reason: string): Due {
  return { kind: 'no-more', reason }
}

/** What was told before it was available is not made good. */
function lastHappened(awaited: readonly Occasion[], { happened, nowMs, availableAtMs }: ClientNow) {
  const times = awaited.flatMap((occasion) => happened?.get(occasion) ?? [])
  return latest(...times.filter((atMs) => atMs >= availableAtMs && atMs <= nowMs))
}

function latest(...times: readonly (number | undefined)[]): number | undefined {
  const known = times.filter((atMs) => atMs !== undefined)
  return known.length === 0 ? undefined : Math.max(...known)
}

/** Looked at one after the other, because most schedules have a time in the nearest, and some one each quarter of an hour. */
const nearbyMs = [2 * dayMs, 40 * dayMs] as const

/** So far from each other two times have nothing to do with each other, whatever was done to the clock in between. */
const unrelatedMs = 3 * dayMs

/** The last time of each; those that are much older than the latest are left out. */
function lastTimes(assignments: readonly Assignment[], { nowMs, utcOffsetMinutes, availableAtMs }: DueAsked) {
  const earliest = Math.max(nowMs - lookBackMs, availableAtMs)
  const since = (fromMs: number) =>
    assignments.flatMap((assignment) => {
      const span = { from: Math.max(fromMs, earliest), to: nowMs + 1 }
      const atMs = timesOf(assignment, utcOffsetMinutes, span).at(-1)
      return atMs === undefined ? [] : [{ assignment, atMs }]
    })
  for (const backMs of nearbyMs) {
    const found = since(nowMs - backMs - unrelatedMs)
    if (found.some(({ atMs }) => atMs >= nowMs - backMs)) return found
  }
  return since(earliest)
}

function nextAfter(assignments: readonly Assignment[], { nowMs, utcOffsetMinutes, availableAtMs }: DueAsked) {
  const soonest = Math.max(nowMs + 1, availableAtMs)
  const firsts = assignments.map((assignment) => {
    // It may begin in years only.
    const from = Math.max(soonest, assignment.startWallMs - dayMs)
    for (const aheadMs of [...nearbyMs, lookAheadMs]) {
      const [first] = timesOf(assignment, utcOffsetMinutes, { from, to: from + aheadMs })
      if (first !== undefined) return first
    }
    return undefined
  })
  const known = firsts.filter((atMs) => atMs !== undefined)
  return known.length === 0 ? undefined : Math.min(...known)
}

function timesOf(
  assignment: Assignment,
  utcOffsetMinutes: number,
  { from, to }: { readonly from: number; readonly to: number },
): readonly number[] {
  const offsetMs = assignment.clock === 'local' ? utcOffsetMinutes * minuteMs : 0
  return occurrencesBetween(assignment, from + offsetMs, to + offsetMs).map((atMs) => atMs - offsetMs)
}
