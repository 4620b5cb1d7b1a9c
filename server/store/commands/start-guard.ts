/** Edits of what holds back starts, and whether a run is held back: asked in the transaction that starts it. */

import type { DeviceId } from '../../address/identifiers.ts'
import type { Occasion } from '../../site/client-schedule.ts'
import type { StartGuard } from '../../site/start-guard.ts'
import { countedMs, whyNoTurn, whyStopped } from '../../targeting/start-guard.ts'
import type { NewRun } from '../ports.ts'
import { writeClientHeard } from '../rows/client-rows.ts'
import { writeOccasions } from '../rows/occasion-rows.ts'
import { countUnattendedStarts, readStartGuard, writeStartGuard } from '../rows/start-guard-rows.ts'
import type { StartLimits, StartRefusal } from '../start-guard-port.ts'
import { audit } from './audit.ts'
import { isHeldByRing } from './canary-rings.ts'
import type { Writing } from './writing.ts'

export interface TurnSwitch {
  /** Why all starts are stopped; absent: they are allowed. */
  readonly stopBecause?: string
}

export async function turnStartSwitch(writing: Writing, { stopBecause: reason }: TurnSwitch): Promise<StartGuard> {
  const by = writing.actor?.name ?? 'The server'
  return edit(writing, (before) => {
    const { stopped: _, ...guard } = before
    return reason === undefined ? guard : { ...guard, stopped: { reason, by, atMs: writing.nowMs } }
  })
}

export async function limitStarts(writing: Writing, limits: StartLimits): Promise<StartGuard> {
  return edit(writing, (before) => {
    const { maximumStartsPerHour: maximumBefore, ...guard } = before
    const { maximumStartsPerHour = maximumBefore ?? null, ...others } = limits
    return { ...guard, ...others, ...(maximumStartsPerHour === null ? {} : { maximumStartsPerHour }) }
  })
}

export interface ClientHeard {
  readonly id: DeviceId
  readonly atMs: number
}

/** A device that was removed meanwhile has no client. */
export async function noteClientHeard({ tx }: Writing, { id, atMs }: ClientHeard): Promise<void> {
  const device = await tx.selectFrom('devices').select('id').where('id', '=', id).executeTakeFirst()
  if (device !== undefined) await writeClientHeard(tx, id, atMs)
}

export interface ToldOccasions {
  readonly id: DeviceId
  readonly told: readonly Occasion[]
  readonly atMs: number
}

/** Not of a device that was removed meanwhile. */
export async function noteOccasions({ tx }: Writing, occasions: ToldOccasions): Promise<void> {
  const device = await tx.selectFrom('devices').select('id').where('id', '=', occasions.id).executeTakeFirst()
  if (device !== undefined) await writeOccasions(tx, occasions)
}

async function edit(writing: Writing, change: (guard: StartGuard) => StartGuard): Promise<StartGuard> {
  const before = await readStartGuard(writing.tx)
  const after = change(before)
  await writeStartGuard(writing.tx, after)
  await audit(writing, { action: 'change', kind: 'start-guard', id: 'site', name: 'Starts of runs', before, after })
  return after
}

export function isUnattended({ required, startedByPerson = false }: NewRun): boolean {
  return required && !startedByPerson
}

/** Undefined: it may start. A run that is there already, and whose agent asks for it once more, is not asked about. */
export async function whyHeldBack(writing: Writing, start: NewRun): Promise<StartRefusal | undefined> {
  const guard = await readStartGuard(writing.tx)
  if (whyStopped(guard) !== undefined) return 'starts-stopped'
  const { run } = start
  if (isUnattended(start) && guard.maximumStartsPerHour !== undefined) {
    const begun = await countUnattendedStarts(writing.tx, run.startedAtMs - countedMs)
    if (whyNoTurn(guard, begun) !== undefined) return 'no-turn'
  }
  return (await isHeldByRing(writing, run)) ? 'held-by-ring' : undefined
}
