/**
 * Alerts, joined from what is judged of each deployment's machines (judge-machines.ts), the rule (targeting/alert-conditions.ts) and
 * the writer. A turn costs nothing while the site is not edited, no run begins or ends, and no instant has come.
 */

import type { AlertCondition } from '../site/alert.ts'
import { type Deployment, isForClients, Purpose } from '../site/deployment.ts'
import { type DeploymentFacts, judgeDeployment, marksCondition, nextInstant } from '../targeting/alert-conditions.ts'
import type { AlertChanges, Alerts } from './alert-port.ts'
import type { SettleAlerts } from './commands/alerts.ts'
import type { CommandOutput } from './commands/command-table.ts'
import { judgeMachines, type StatusSources } from './judge-machines.ts'
import type { ProgressChange } from './ports.ts'
import { countRaisedAlerts, readAlerts, readLiveAlerts } from './rows/alert-rows.ts'
import { readCanaryMembers } from './rows/canary-rows.ts'
import { readDeployments } from './rows/deployment-rows.ts'
import { readNamesOfDeployments } from './rows/names-of-deployments.ts'
import type { DoneCommand, Writer } from './writer.ts'

export interface AlertSources extends StatusSources {
  readonly writer: Writer
  /** Told of each command after its commit. */
  readonly commands: Set<(done: DoneCommand) => void>
  /** Told of what watchers are told. */
  readonly listeners: Set<(change: ProgressChange) => void>
  readonly unknownComputerMarksMax: number
}

/** Maintenance windows run out though nobody edits anything. */
const judgeAgainMs = 3_600_000
const nothing: AlertChanges = { raised: [], cleared: [], changed: [] }

export function alerts(sources: AlertSources): Alerts {
  const { db, writer, commands } = sources
  const listeners = new Set<() => void>()
  commands.add(({ name, value }) => {
    if (name === 'acknowledgeAlert' || (name === 'settleAlerts' && isChange(value)))
      for (const tell of listeners) tell()
  })
  const runsEnded = countEnds(sources)
  let last: Turn | undefined
  return {
    alerts: (query) => readAlerts(db, query),
    openAlertCount: () => countRaisedAlerts(db),
    acknowledgeAlert: (id) => writer.run('acknowledgeAlert', id),
    async judgeAlerts() {
      const atMs = sources.nowMs()
      const stamp = `${writer.edits} ${runsEnded()}`
      if (last !== undefined && last.stamp === stamp && last.atMs <= atMs && atMs < last.untilMs) return nothing
      const { settle, nextMs } = await judgeSite(sources, atMs)
      const changes = await writer.run('settleAlerts', settle)
      last = { stamp, atMs, untilMs: Math.min(nextMs, atMs + judgeAgainMs) }
      return changes
    },
    onAlerts(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}

interface Turn {
  readonly stamp: string
  readonly atMs: number
  /** What was found holds so long, as far as time goes. */
  readonly untilMs: number
}

function isChange(value: unknown): boolean {
  const { raised, cleared, changed } = value as AlertChanges
  return raised.length + cleared.length + changed.length > 0
}

/** An end is no edit: an event tells it, or the command that gives a run up. */
function countEnds({ commands, listeners }: AlertSources): () => number {
  let ended = 0
  listeners.add(({ events }) => {
    if (events.some(({ event }) => event.body.kind === 'sequence-ended')) ended += 1
  })
  commands.add(({ name, value }) => {
    if (name === 'abandonSilentRuns') ended += (value as CommandOutput<'abandonSilentRuns'>).length
    if (name === 'endOverdueRuns') ended += (value as CommandOutput<'endOverdueRuns'>).stopped.length
  })
  return () => ended
}

async function judgeSite(
  sources: AlertSources,
  nowMs: number,
): Promise<{ readonly settle: SettleAlerts; readonly nextMs: number }> {
  const { db } = sources
  const conditions: AlertCondition[] = []
  const judged: SettleAlerts['judged'][number][] = []
  let nextMs = Number.POSITIVE_INFINITY
  for (const facts of await gather(sources, nowMs)) {
    const judgement = judgeDeployment(facts)
    conditions.push(...judgement.conditions)
    const { id } = facts.deployment
    if (judgement.judged !== undefined) judged.push({ deploymentId: id, cause: judgement.judged })
    else nextMs = Math.min(nextMs, nextInstant(facts) ?? nextMs)
  }
  const marks = await db
    .selectFrom('unknown_computer_marks')
    .select((mark) => mark.fn.countAll<number>().as('count'))
    .executeTakeFirst()
  const full = marksCondition(marks?.count ?? 0, sources.unknownComputerMarksMax)
  return { settle: { conditions: full === undefined ? conditions : [...conditions, full], judged }, nextMs }
}

/** Of deployments that may have an alert. */
async function gather(sources: AlertSources, nowMs: number): Promise<readonly DeploymentFacts[]> {
  const { db, plans } = sources
  const hasWindows = (await plans.now()).steps.some(({ collection }) => collection.maintenanceWindows.length > 0)
  const deployments = (await readDeployments(db)).filter((one) => mayHaveAlert(one, hasWindows))
  const ids = deployments.map(({ id }) => id)
  const names = await readNamesOfDeployments(db, ids)
  const rings = Map.groupBy(await readCanaryMembers(db, ids), ({ deploymentId }) => deploymentId)
  const judged = new Map(
    (await db.selectFrom('judged_success_alerts').selectAll().execute()).map((row) => [row.deployment_id, row.cause]),
  )
  const raised = new Set((await readLiveAlerts(db)).map(({ cause }) => cause))
  const facts: DeploymentFacts[] = []
  for (const deployment of deployments) {
    const { id } = deployment
    const name = names.get(id)
    const cause = judged.get(id)
    facts.push({
      deployment,
      taskSequenceName: name?.taskSequence ?? deployment.taskSequenceId,
      nowMs,
      canaryRing: rings.get(id) ?? [],
      raised,
      ...(await countMachines(sources, deployment, name?.maximumRunMinutes ?? 0)),
      ...(cause === undefined ? {} : { judged: cause }),
    })
  }
  return facts
}

function mayHaveAlert(deployment: Deployment, hasWindows: boolean): boolean {
  const { successAlert, failureAlert, canary, purpose, makeAvailableTo } = deployment
  const mayWait = hasWindows && purpose === Purpose.required && isForClients(makeAvailableTo)
  return successAlert !== undefined || failureAlert !== undefined || canary !== undefined || mayWait
}

async function countMachines(
  sources: AlertSources,
  deployment: Deployment,
  minutes: number,
): Promise<Pick<DeploymentFacts, 'machines' | 'waitsForever'>> {
  const judged = (await judgeMachines(sources, deployment)).filter(({ kind }) => kind !== 'former-member')
  const waiting = judged.filter(({ waitsForever }) => waitsForever)
  const [first] = waiting
  return {
    machines: {
      all: judged.length,
      success: judged.filter(({ state }) => state === 'success').length,
      error: judged.filter(({ state }) => state === 'error').length,
    },
    ...(first === undefined ? {} : { waitsForever: { count: waiting.length, name: first.name, minutes } }),
  }
}
