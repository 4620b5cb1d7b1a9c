/**
 * Which alerts a deployment has cause for (S5-036, S9-016, S10-015). Percentages are of its machines at this moment, each by the state
 * that it is in (deployment-status.ts); of no machines there are none. The success percentage is judged once, at its instant or as soon
 * afterwards as the server is there; what was raised then is over when enough have succeeded after all.
 */

import type { AlertCondition } from '../site/alert.ts'
import type { Deployment } from '../site/deployment.ts'
import type { SuccessAlert } from '../site/deployment-options.ts'
import { type CanaryMember, canaryStanding } from './canary.ts'

export interface DeploymentFacts {
  readonly deployment: Pick<Deployment, 'id' | 'enabled' | 'successAlert' | 'failureAlert' | 'canary'>
  readonly taskSequenceName: string
  readonly nowMs: number
  /** Members, and unknown computers that ran it. */
  readonly machines: { readonly all: number; readonly success: number; readonly error: number }
  /** Devices for which no maintenance window will ever be long enough; `name` is of one of them. */
  readonly waitsForever?: { readonly count: number; readonly name: string; readonly minutes: number }
  readonly canaryRing: readonly (CanaryMember & { readonly runId: string })[]
  /** The cause of the success alert that was judged last; absent: none was. */
  readonly judged?: string
  /** Causes of alerts that were raised and are not over. */
  readonly raised: ReadonlySet<string>
}

export interface Judgement {
  readonly conditions: readonly AlertCondition[]
  /** A success alert whose instant has come: it is not judged again. */
  readonly judged?: string
}

export function judgeDeployment(facts: DeploymentFacts): Judgement {
  const success = judgeSuccess(facts)
  const others = [failureCondition(facts), canaryCondition(facts), windowCondition(facts)]
  return { ...success, conditions: [...success.conditions, ...others.filter((one) => one !== undefined)] }
}

/** When it is to be judged next; absent: it was, or there is nothing to judge. */
export function nextInstant({
  deployment,
  judged,
}: Pick<DeploymentFacts, 'deployment' | 'judged'>): number | undefined {
  const { successAlert } = deployment
  return successAlert === undefined || judged === successCause(deployment.id, successAlert)
    ? undefined
    : successAlert.atMs
}

function judgeSuccess(facts: DeploymentFacts): Judgement {
  const { deployment, nowMs, machines, judged, raised } = facts
  const { successAlert } = deployment
  if (successAlert === undefined) return { conditions: [] }
  const cause = successCause(deployment.id, successAlert)
  const wasJudged = judged === cause
  if (!wasJudged && nowMs < successAlert.atMs) return { conditions: [] }
  const isLow = isBelow(machines.success, machines.all, successAlert.belowPercent)
  const condition: AlertCondition = {
    kind: 'success-below-threshold',
    cause,
    severity: 'warning',
    deploymentId: deployment.id,
    text: `${titleOf(facts)}: ${machines.success} of ${machines.all} machines have succeeded, and ${successAlert.belowPercent} % were to by its time. ${whatFailed(facts)}`,
  }
  // What was judged and found well is not raised any more, whatever becomes of it.
  const holds = isLow && (!wasJudged || raised.has(cause))
  return { conditions: holds ? [condition] : [], ...(wasJudged ? {} : { judged: cause }) }
}

function successCause(id: string, { belowPercent, atMs }: SuccessAlert): string {
  return `success-below-threshold ${id} ${belowPercent}@${atMs}`
}

function isBelow(count: number, all: number, percent: number): boolean {
  return all > 0 && count * 100 < percent * all
}

function failureCondition(facts: DeploymentFacts): AlertCondition | undefined {
  const { deployment, machines } = facts
  const { id, failureAlert } = deployment
  if (failureAlert === undefined || machines.all === 0) return undefined
  if (machines.error * 100 <= failureAlert.abovePercent * machines.all) return undefined
  return {
    kind: 'failure-above-threshold',
    cause: `failure-above-threshold ${id} ${failureAlert.abovePercent}`,
    severity: 'critical',
    deploymentId: id,
    text: `${titleOf(facts)}: ${machines.error} of ${machines.all} machines have failed, and ${failureAlert.abovePercent} % may. ${whatFailed(facts)} If the fault is its own, suspend it: ./reveille deployment edit ${id} --enabled false`,
  }
}

function canaryCondition(facts: DeploymentFacts): AlertCondition | undefined {
  const { deployment, canaryRing } = facts
  const { id, canary, enabled } = deployment
  if (!enabled || canary === undefined || canaryStanding(canary, canaryRing) !== 'stopped') return undefined
  return {
    kind: 'canary-ring-stopped',
    // Nobody joins a ring that has stopped: its runs tell it from the next one, which stops for a reason of its own.
    cause: `canary-ring-stopped ${id} ${canaryRing
      .map(({ runId }) => runId)
      .toSorted()
      .join()}`,
    severity: 'critical',
    deploymentId: id,
    text: `${titleOf(facts)}: more machines of its canary ring have failed than may, so it starts nowhere. See which (./reveille deployment canary ${id}). When the fault is found, let a new ring start: ./reveille deployment resume-canary ${id}`,
  }
}

function windowCondition(facts: DeploymentFacts): AlertCondition | undefined {
  const { deployment, waitsForever } = facts
  const { id, enabled } = deployment
  if (!enabled || waitsForever === undefined || waitsForever.count === 0) return undefined
  const { count, name, minutes } = waitsForever
  const where = count === 1 ? `on ${name}` : `on ${count} devices, ${name} among them,`
  return {
    kind: 'no-maintenance-window',
    cause: `no-maintenance-window ${id}`,
    severity: 'warning',
    deploymentId: id,
    text: `${titleOf(facts)}: ${where} it waits for a maintenance window that will never come, because it may take ${minutes} minutes. Lengthen a window of their collections, lower the maximum run time of its task sequence, or let it start outside: ./reveille deployment edit ${id} --software-installation-outside-window true`,
  }
}

/** `count` of them are kept, and there is room for `countMax`. */
export function marksCondition(count: number, countMax: number): AlertCondition | undefined {
  if (count < countMax) return undefined
  return {
    kind: 'unknown-computer-marks',
    cause: 'unknown-computer-marks',
    severity: 'critical',
    text: `${count} marks of unknown computers are kept, and there is room for no more: nothing that is required starts on another unknown computer. Clear those of computers that are done: ./reveille unknown-computer clear-required-pxe-deployments --mac ADDRESS, or of a whole collection: ./reveille collection clear-required-pxe-deployments ID`,
  }
}

function titleOf({ deployment, taskSequenceName }: DeploymentFacts): string {
  return `${deployment.id} (${taskSequenceName})`
}

function whatFailed({ deployment }: DeploymentFacts): string {
  return `See what failed (./reveille deployment status ${deployment.id} --devices --status error).`
}
