/**
 * Whether a machine is to be woken for a deployment, and since when it is due there (S5-016). It is woken once for each time, and
 * only for what would start on it: what has run, what waits for a window, a canary ring or an approval, and everything while starts are
 * stopped, wakes nobody until that is over.
 */

import { dueSince } from '../site/client-schedule.ts'
import { type Deployment, isForClients, isForMediaAndPxe, type MakeAvailableTo, Purpose } from '../site/deployment.ts'
import type { Door } from '../site/door.ts'
import type { CandidateDeployment } from './candidate-deployment.ts'
import { whyOutsideSchedule } from './deployments-in-effect.ts'
import { eligibleDeployments, type Situation } from './eligible-deployments.ts'
import { inItsOwnTime } from './turn-on-client.ts'

export function wakesMachines({ enabled, purpose, sendWakeUpPackets }: Deployment): boolean {
  return enabled && purpose === Purpose.required && sendWakeUpPackets
}

/** The time that machines of this clock are to be woken for, unless they were; undefined: none. */
export function wakeUpTime(
  written: Deployment,
  { nowMs, utcOffsetMinutes }: { readonly nowMs: number; readonly utcOffsetMinutes: number },
): number | undefined {
  const forClients = isForClients(written.makeAvailableTo)
  const deployment = forClients ? inItsOwnTime(written, utcOffsetMinutes) : written
  if (!wakesMachines(deployment) || whyOutsideSchedule(deployment, nowMs) !== undefined) return undefined
  const { availableAtMs, clientSchedule } = deployment
  const dueAtMs = dueSince(clientSchedule, { nowMs, utcOffsetMinutes, availableAtMs })
  return dueAtMs === undefined || dueAtMs > nowMs ? undefined : dueAtMs
}

/** What was noted for a time to come is void: the server's clock was wrong when it was. */
export function isWoken(wokenForMs: number | undefined, dueAtMs: number, nowMs: number): boolean {
  return wokenForMs !== undefined && wokenForMs <= nowMs && wokenForMs >= dueAtMs
}

/** What it comes up to decides: its client, or its firmware when that asks the network first. */
export function wouldStart(
  { id, makeAvailableTo }: Deployment,
  candidates: readonly CandidateDeployment[],
  situation: Omit<Situation, 'door'>,
): boolean {
  return doorsOf(makeAvailableTo).some((door) => {
    const eligible = eligibleDeployments(candidates, { ...situation, door })
    if (eligible.kind === 'preferred') return eligible.candidate.deployment.id === id
    return eligible.kind === 'open' && eligible.required.some(({ deployment }) => deployment.id === id)
  })
}

function doorsOf(makeAvailableTo: MakeAvailableTo): readonly Door[] {
  return [
    ...(isForClients(makeAvailableTo) ? (['client'] as const) : []),
    ...(isForMediaAndPxe(makeAvailableTo) ? (['pxe'] as const) : []),
  ]
}
