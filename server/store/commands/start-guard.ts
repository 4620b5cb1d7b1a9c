/** Edits of what holds back starts, and whether a run is held back: asked in the transaction that starts it. */

import type { StartGuard } from '../../site/start-guard.ts'
import { countedMs, whyNoTurn, whyStopped } from '../../targeting/start-guard.ts'
import type { NewRun } from '../ports.ts'
import { countUnattendedStarts, readStartGuard, writeStartGuard } from '../rows/start-guard-rows.ts'
import type { StartLimits, StartRefusal } from '../start-guard-port.ts'
import { audit } from './audit.ts'
import type { Writing } from './writing.ts'

export async function stopStarts(writing: Writing, reason: string): Promise<StartGuard> {
  const stopped = { reason, by: writing.actor?.name ?? 'The server', atMs: writing.nowMs }
  return edit(writing, (guard) => ({ ...guard, stopped }))
}

export async function allowStarts(writing: Writing, _: undefined): Promise<StartGuard> {
  return edit(writing, ({ stopped: _stopped, ...guard }) => guard)
}

export async function limitStarts(writing: Writing, { maximumStartsPerHour }: StartLimits): Promise<StartGuard> {
  return edit(writing, ({ maximumStartsPerHour: before, ...guard }) => {
    const maximum = maximumStartsPerHour === undefined ? before : (maximumStartsPerHour ?? undefined)
    return { ...guard, ...(maximum === undefined ? {} : { maximumStartsPerHour: maximum }) }
  })
}

async function edit(writing: Writing, change: (guard: StartGuard) => StartGuard): Promise<StartGuard> {
  const before = await readStartGuard(writing.tx)
  const after = change(before)
  await writeStartGuard(writing.tx, after)
  await audit(writing, { action: 'change', kind: 'start-guard', id: 'site', name: 'Starts of runs', before, after })
  return after
}

/** Undefined: it may start. A run that is there already, and whose agent asks for it once more, is not asked about. */
export async function whyHeldBack({ tx }: Writing, { run, required }: NewRun): Promise<StartRefusal | undefined> {
  const guard = await readStartGuard(tx)
  if (whyStopped(guard) !== undefined) return 'starts-stopped'
  if (!required || guard.maximumStartsPerHour === undefined) return undefined
  const begun = await countUnattendedStarts(tx, run.startedAtMs - countedMs)
  return whyNoTurn(guard, begun) === undefined ? undefined : 'no-turn'
}
