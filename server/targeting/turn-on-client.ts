/**
 * When a required deployment starts by itself on a client in its installed system: when its schedule says so and its rerun
 * behaviour allows it (S5-019, S5-024), in a maintenance window (S9-016) unless it may start outside,
 * and not over a metered connection unless that is allowed (S5-017). What only waits may be started by a person before,
 * where the deployment lets people run it independently of its assignments (S5-008, S5-028): who does takes no notice of
 * windows (S9-017).
 */

import type { DeploymentId } from '../address/identifiers.ts'
import { type Due, isDue, type Occasion } from '../site/client-schedule.ts'
import type { Deployment } from '../site/deployment.ts'
import type { RequiredPxeMark } from '../site/device.ts'
import type { MaintenanceWindow } from '../site/maintenance-window.ts'
import { minuteMs } from '../site/recurrence.ts'
import type { CandidateDeployment } from './candidate-deployment.ts'
import { printDuration } from './deployments-in-effect.ts'
import { waitForWindow } from './maintenance-wait.ts'

/** What counts on a client; of a machine in the boot image the marks alone. */
export interface OnClient {
  readonly nowMs: number
  /** Of the device, or of the unknown computer. */
  readonly marks: readonly RequiredPxeMark[]
  /** How its last runs ended, by deployment. */
  readonly outcomes?: ReadonlyMap<DeploymentId, 'succeeded' | 'failed'>
  /** When each occasion was told last. */
  readonly happened?: ReadonlyMap<Occasion, number>
  /** What goes over its connection costs money. */
  readonly meteredConnection?: boolean | undefined
  readonly maintenance?: { readonly windows: readonly MaintenanceWindow[]; readonly utcOffsetMinutes: number }
}

/**
 * S5-018: where its times are of the client's own clock, the instants that they are there. A client that does not tell what its
 * clock shows is taken to show UTC. A boot image is never asked: there the same texts are UTC.
 */
export function inItsOwnTime(deployment: Deployment, utcOffsetMinutes = 0): Deployment {
  if (!deployment.timesByClientClock) return deployment
  const offsetMs = utcOffsetMinutes * minuteMs
  const { availableAtMs, expiresAtMs } = deployment
  const end = expiresAtMs === undefined ? {} : { expiresAtMs: expiresAtMs - offsetMs }
  return { ...deployment, availableAtMs: availableAtMs - offsetMs, ...end }
}

export type ClientTurn =
  | { readonly kind: 'now' }
  /** `atMs` absent: it depends on more than the clock. */
  | { readonly kind: 'later'; readonly reason: string; readonly atMs?: number }
  | { readonly kind: 'never'; readonly reason: string }

export function turnOnClient(candidate: CandidateDeployment, client: OnClient): ClientTurn {
  const scheduled = scheduledTurn(candidate, client)
  if (scheduled.kind !== 'now') return scheduled
  if (client.meteredConnection === true && !candidate.deployment.allowMeteredConnection) return metered
  return mayStartOutsideWindow(candidate) ? scheduled : windowTurn(candidate, client)
}

/** The way into a boot image is a restart, and a machine that starts from the network finds it with the next one, whoever makes it. */
function mayStartOutsideWindow({ deployment, bootImage }: CandidateDeployment): boolean {
  const { softwareInstallationOutsideWindow, systemRestartOutsideWindow } = deployment
  return softwareInstallationOutsideWindow && (systemRestartOutsideWindow || bootImage === undefined)
}

/** S5-017. Who starts it has seen what it costs. */
const metered: ClientTurn = {
  kind: 'later',
  reason: 'the connection of its client is metered, and it waits for another',
}

/** A mark is when it started last; an administrator who clears it has it run as if it never had. */
function scheduledTurn({ deployment }: CandidateDeployment, client: OnClient): ClientTurn {
  const { nowMs, marks, outcomes, happened, maintenance } = client
  const { id, availableAtMs, clientSchedule } = deployment
  const mark = marks.find(({ deploymentId }) => deploymentId === id)
  const outcome = outcomes?.get(id)
  const lastRun =
    mark === undefined ? undefined : { startedAtMs: mark.startedAtMs, ...(outcome === undefined ? {} : { outcome }) }
  const utcOffsetMinutes = maintenance?.utcOffsetMinutes ?? 0
  const due = isDue(clientSchedule, { nowMs, utcOffsetMinutes, availableAtMs, happened, lastRun })
  switch (due.kind) {
    case 'due':
      return { kind: 'now' }
    case 'not-yet':
      return { kind: 'later', reason: whyNotYet(due, nowMs), ...(due.atMs === undefined ? {} : { atMs: due.atMs }) }
    case 'no-more':
      return { kind: 'never', reason: due.reason }
    default:
      return due satisfies never
  }
}

function whyNotYet({ atMs, occasions }: Extract<Due, { kind: 'not-yet' }>, nowMs: number): string {
  const time = atMs === undefined ? [] : [`in ${printDuration(atMs - nowMs)}`]
  return `it is scheduled, ${[...time, ...occasions.map((occasion) => occasionTexts[occasion])].join(', or ')}`
}

const occasionTexts = {
  'start-up': 'when the system starts',
  'log-on': 'when somebody logs on',
  'log-off': 'when somebody logs off',
} as const satisfies Record<Occasion, string>

/** S9-016: a required one starts only while all the time that it may take fits into a window. */
function windowTurn({ maximumRunMinutes }: CandidateDeployment, { nowMs, maintenance }: OnClient): ClientTurn {
  const { windows, utcOffsetMinutes } = maintenance ?? { windows: [], utcOffsetMinutes: 0 }
  const wait = waitForWindow({ windows, utcOffsetMinutes, nowMs, maximumRunMinutes })
  return wait === undefined ? { kind: 'now' } : { kind: 'later', ...wait }
}
