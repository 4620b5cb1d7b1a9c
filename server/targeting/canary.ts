/**
 * The canary ring of a deployment: the first machines that start it go ahead, nobody else starts it until all of them have ended,
 * and when too many of them failed it starts nowhere any more. A choice of this site; the source system has none. A run that was
 * given up counts as failed: whether its machine is well, nobody knows. What counts of a machine is the last run that it started.
 */

import type { Canary } from '../site/deployment.ts'
import type { Guarded } from './start-guard.ts'

export interface CanaryMember {
  /** See `canaryMachine`. */
  readonly machine: string
  readonly state: 'running' | 'succeeded' | 'failed' | 'abandoned'
}

/** `open`: it has room for another machine; `closed`: those in it are awaited. */
export type CanaryStanding = 'open' | 'closed' | 'passed' | 'stopped'

export function canaryStanding({ machines, failuresMax }: Canary, ring: readonly CanaryMember[]): CanaryStanding {
  if (failuresOf(ring) > failuresMax) return 'stopped'
  if (ring.length < machines) return 'open'
  return ring.every(({ state }) => state !== 'running') ? 'passed' : 'closed'
}

/** As the ring knows a machine: a device of the site, or the address an unknown computer runs under. */
export function canaryMachine({ deviceId, lane }: { readonly deviceId?: string; readonly lane: string }): string {
  return deviceId === undefined ? lane : `device ${deviceId}`
}

/** Whether a machine that starts now becomes, or stays, one of the ring. A ring that has passed is not changed any more. */
export function joinsRing(canary: Canary, ring: readonly CanaryMember[], machine: string): boolean {
  const standing = canaryStanding(canary, ring)
  return standing === 'open' || (standing === 'closed' && isIn(ring, machine))
}

export interface HeldByRing extends Guarded {
  /** It will be let through, or not, without anybody doing anything. */
  readonly waits: boolean
}

/** Undefined: it may start here. Without a machine: might it start on any? */
export function whyRingHolds(
  canary: Canary | undefined,
  ring: readonly CanaryMember[],
  machine: string | undefined,
): HeldByRing | undefined {
  if (canary === undefined) return undefined
  const standing = canaryStanding(canary, ring)
  switch (standing) {
    case 'open':
    case 'passed':
      return undefined
    case 'closed': {
      if (machine === undefined || isIn(ring, machine)) return undefined
      const left = ring.filter(({ state }) => state === 'running').length
      return {
        waits: true,
        publicText: 'This machine waits for its turn and starts by itself.',
        reason: `it waits for the canary ring: ${left} of its ${ring.length} machines have not ended`,
      }
    }
    case 'stopped':
      return {
        waits: false,
        publicText: 'No task sequence is available to this machine.',
        reason: `its canary ring has stopped it: ${failuresOf(ring)} of its machines failed, and ${canary.failuresMax} may; resume it to let a new ring start`,
      }
    default:
      return standing satisfies never
  }
}

function failuresOf(ring: readonly CanaryMember[]): number {
  return ring.filter(({ state }) => state === 'failed' || state === 'abandoned').length
}

function isIn(ring: readonly CanaryMember[], machine: string): boolean {
  return ring.some((member) => member.machine === machine)
}
