/** Schedules as the API takes and shows them: maintenance windows (S9-014), and when clients run what is required (S5-019). */

import { z } from 'zod'
import { assignmentsMax, rerunBehaviours } from '../../site/client-schedule.ts'
import { windowMinutesMax } from '../../site/maintenance-window.ts'
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

const times = {
  startWallMs: z
    .number()
    .int()
    .min(0)
    .max(Date.UTC(2200, 0))
    .meta({ description: 'The first time by the clock on the wall, in milliseconds as if it stood in UTC' }),
  clock: z.enum(['utc', 'local']).default('local').meta({ description: 'Of UTC, or of the machine itself' }),
  recurrence,
}

export const clientSchedule = z
  .strictObject({
    assignments: z
      .array(z.strictObject(times))
      .max(assignmentsMax)
      .default([])
      .meta({ description: 'None: once, as soon as possible' }),
    rerun: z.enum(rerunBehaviours).default('always'),
  })
  .meta({ id: 'ClientSchedule' })

export const maintenanceWindow = z
  .strictObject({
    name: label(255).min(1),
    enabled: z.boolean().default(true),
    appliesTo: z.enum(['any-deployment', 'task-sequences', 'software-updates']).default('any-deployment'),
    durationMinutes: z.number().int().min(5).max(windowMinutesMax),
    ...times,
  })
  .meta({ id: 'MaintenanceWindow' })
