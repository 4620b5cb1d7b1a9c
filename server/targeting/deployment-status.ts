/**
 * The state of a deployment on one of its machines, in the five states of the source system (S10-001), with its message state
 * (S10-004). What counts is the last run of the deployment there; without one, why it does not start, as far as the site knows.
 */

export const deploymentStates = {
  success: 1,
  'in-progress': 2,
  // Of the published numbers this one is not: it is what is left of one to five.
  'requirements-not-met': 3,
  unknown: 4,
  error: 5,
} as const
export type DeploymentState = keyof typeof deploymentStates
export const deploymentStateNames = Object.keys(deploymentStates) as readonly DeploymentState[]

/** S10-004. Downloads are steps of a run here, retries are the step's own, and nobody cancels a run from outside. */
export const messageStates = {
  'Accepted – No further status': -1,
  'No Status': 0,
  Rejected: 2,
  Expired: 3,
  'Will Not Rerun': 4,
  Waiting: 8,
  Running: 9,
  Failed: 11,
  'Reboot Pending': 12,
  Succeeded: 13,
} as const
export type MessageState = keyof typeof messageStates

export interface MachineFacts {
  /** Of this deployment on this machine. */
  readonly lastRun?: { readonly state: 'running' | 'succeeded' | 'failed' | 'abandoned'; readonly restarts?: boolean }
  /** It has started there, and nobody has cleared it. */
  readonly isMarked?: boolean
  /** Why it cannot run there, as its agent told of the machine. */
  readonly unfit?: string | undefined
  /** Which maintenance window it waits for. */
  readonly waits?: string | undefined
  /** Why it starts nowhere now. */
  readonly notOffered?: { readonly isExpired: boolean; readonly reason: string } | undefined
  readonly isHeard: boolean
}

export interface MachineStatus {
  readonly state: DeploymentState
  readonly messageState: MessageState
  /** Absent: the last run says it all. */
  readonly reason?: string
}

export function machineStatus({ lastRun, ...facts }: MachineFacts): MachineStatus {
  return lastRun === undefined ? withoutRun(facts) : ofRun(lastRun)
}

function ofRun({ state, restarts = false }: NonNullable<MachineFacts['lastRun']>): MachineStatus {
  switch (state) {
    case 'running':
      return { state: 'in-progress', messageState: restarts ? 'Reboot Pending' : 'Running' }
    case 'succeeded':
      return { state: 'success', messageState: 'Succeeded' }
    case 'failed':
      return { state: 'error', messageState: 'Failed' }
    case 'abandoned':
      return { state: 'error', messageState: 'Failed', reason: 'the site has given up its run' }
    default:
      return state satisfies never
  }
}

function withoutRun({ isMarked, unfit, waits, notOffered, isHeard }: Omit<MachineFacts, 'lastRun'>): MachineStatus {
  if (isMarked === true) {
    const reason = 'it has started on this machine before it was this device; clear its mark to run it again'
    return { state: 'unknown', messageState: 'Will Not Rerun', reason }
  }
  if (notOffered !== undefined) {
    const messageState = notOffered.isExpired ? 'Expired' : 'No Status'
    return { state: 'unknown', messageState, reason: notOffered.reason }
  }
  if (unfit !== undefined) return { state: 'requirements-not-met', messageState: 'Rejected', reason: unfit }
  if (waits !== undefined) return { state: 'in-progress', messageState: 'Waiting', reason: waits }
  if (!isHeard) return { state: 'unknown', messageState: 'No Status', reason: 'its agent was never heard' }
  const reason = 'its agent was heard, and has not started it'
  return { state: 'unknown', messageState: 'Accepted – No further status', reason }
}

/** How many in a hundred; undefined: of nobody there is no share. */
export function percentOf(count: number, all: number): number | undefined {
  return all === 0 ? undefined : Math.round((count / all) * 1_000) / 10
}
