/** Schedules as the API takes and shows them: maintenance windows (S9-014), and when clients run what is required (S5-019). */

import { z } from 'zod'
import { assignmentsMax, type ClientSchedule, occasions, rerunBehaviours } from '../../site/client-schedule.ts'
import { type MaintenanceWindow, windowMinutesMax } from '../../site/maintenance-window.ts'
import type { Recurring } from '../../site/recurrence.ts'
import { label } from './fields.ts'

const weekday = z.union([0, 1, 2, 3, 4, 5, 6].map((day) => z.literal(day as 0 | 1 | 2 | 3 | 4 | 5 | 6))).meta({
  description: '0 is Sunday',
})
const everyMonths = z.number().int().min(1).max(60).default(1)

const recurrence = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('once') }),
  z.strictObject({
    kind: z.literal('interval'),
    minutes: z.number().int().min(15).max(527_040).meta({ description: 'A day has 1,440' }),
  }),
  z.strictObject({
    kind: z.literal('weekly'),
    everyWeeks: z.number().int().min(1).max(52).default(1),
    weekdays: z.array(weekday).min(1).max(7),
  }),
  z.strictObject({
    kind: z.literal('monthly-by-date'),
    everyMonths,
    day: z.union([z.number().int().min(1).max(31), z.literal('last')]),
  }),
  z.strictObject({
    kind: z.literal('monthly-by-weekday'),
    everyMonths,
    week: z.union([z.literal(1), z.literal(2), z.literal(3), z.literal(4), z.literal('last')]),
    weekday,
  }),
])

/** A clock on the wall has no zone. */
const wallClock = z
  .string()
  .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d$/)
  .refine((text) => text >= '1970' && text < '2200' && printWall(readWall(text)) === text, 'names no day and time')
  .meta({ description: 'The first time by the clock on the wall, such as 2026-11-24T02:00' })

const times = {
  start: wallClock,
  clock: z.enum(['utc', 'local']).default('local').meta({ description: 'Of UTC, or of the machine itself' }),
  recurrence,
}
const shownTimes = { ...times, start: z.string() }

const rerun = z.enum(rerunBehaviours).default('always')
const noneMeans = { description: 'Neither these nor occasions: once, as soon as possible' }

export const clientScheduleDraft = z
  .strictObject({
    assignments: z.array(z.strictObject(times).transform(fromWall)).max(assignmentsMax).default([]).meta(noneMeans),
    occasions: z
      .array(z.enum(occasions))
      .max(occasions.length)
      .transform((given) => occasions.filter((occasion) => given.includes(occasion)))
      .exactOptional()
      .meta({
        description: 'Each time the client’s system starts, or somebody logs on or off there; absent: at times alone',
      }),
    rerun,
  })
  .meta({ id: 'ClientScheduleDraft' })

export const clientScheduleView = z
  .object({ assignments: z.array(z.object(shownTimes)), occasions: z.array(z.enum(occasions)).optional(), rerun })
  .meta({ id: 'ClientSchedule' })

export function showClientSchedule(schedule: ClientSchedule): z.output<typeof clientScheduleView> {
  const { assignments, occasions: awaited = [], rerun: again } = schedule
  return {
    assignments: assignments.map(toWall),
    ...(awaited.length === 0 ? {} : { occasions: [...awaited] }),
    rerun: again,
  }
}

const windowFields = {
  name: label(255).min(1),
  enabled: z.boolean().default(true),
  appliesTo: z.enum(['any-deployment', 'task-sequences', 'software-updates']).default('any-deployment'),
  durationMinutes: z.number().int().min(5).max(windowMinutesMax),
} as const

export const maintenanceWindowDraft = z
  .strictObject({ ...windowFields, ...times })
  .transform(fromWall)
  .meta({ id: 'MaintenanceWindowDraft' })

export const maintenanceWindowView = z.object({ ...windowFields, ...shownTimes }).meta({ id: 'MaintenanceWindow' })

export function showWindow(window: MaintenanceWindow): z.output<typeof maintenanceWindowView> {
  return toWall(window)
}

function fromWall<T extends { readonly start: string }>({ start, ...rest }: T) {
  return { ...rest, startWallMs: readWall(start) }
}

/** Recurrences are shown whole; what is kept is never changed. */
function toWall<T extends Recurring>({ startWallMs, recurrence: again, ...rest }: T) {
  return { ...rest, start: printWall(startWallMs), recurrence: structuredClone(again) as z.output<typeof recurrence> }
}

function readWall(text: string): number {
  return Date.parse(`${text}:00Z`)
}

function printWall(wallMs: number): string {
  return Number.isNaN(wallMs) ? '' : new Date(wallMs).toISOString().slice(0, 16)
}
