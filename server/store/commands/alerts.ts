/** Raises and clears alerts, and notes who has seen one: each in one transaction, so that none is raised twice for its cause. */

import type { DeploymentId } from '../../address/identifiers.ts'
import { assert } from '../../assert.ts'
import type { Alert, AlertCondition } from '../../site/alert.ts'
import type { AlertChanges } from '../alert-port.ts'
import type { Edit } from '../ports.ts'
import { readAlert, readLiveAlerts } from '../rows/alert-rows.ts'
import { audit } from './audit.ts'
import { takeNumbers } from './counters.ts'
import type { Writing } from './writing.ts'

export interface SettleAlerts {
  /** Everything that there is cause for now. */
  readonly conditions: readonly AlertCondition[]
  /** Success alerts whose instant has come. */
  readonly judged: readonly { readonly deploymentId: DeploymentId; readonly cause: string }[]
}

export async function settleAlerts(writing: Writing, { conditions, judged }: SettleAlerts): Promise<AlertChanges> {
  const live = await readLiveAlerts(writing.tx)
  const raised: Alert[] = []
  const changed: Alert[] = []
  for (const condition of conditions) {
    const known = live.find(({ cause }) => cause === condition.cause)
    if (known === undefined) raised.push(await raise(writing, condition))
    else if (known.text !== condition.text) changed.push(await change(writing, known, condition))
  }
  const holding = new Set(conditions.map(({ cause }) => cause))
  const over = live.filter(({ cause }) => !holding.has(cause))
  for (const { id } of over) {
    await writing.tx.updateTable('alerts').set({ cleared_at_ms: writing.nowMs }).where('id', '=', id).execute()
  }
  for (const one of judged) await noteJudged(writing, one)
  await forgetOldAlerts(writing)
  return { raised, changed, cleared: over.map((alert) => ({ ...alert, clearedAtMs: writing.nowMs })) }
}

async function raise(writing: Writing, condition: AlertCondition): Promise<Alert> {
  const { kind, cause, severity, text, deploymentId } = condition
  const id = await takeNumbers(writing, 'alert', 1)
  const row = { id, kind, cause, severity, text, deployment_id: deploymentId ?? null, raised_at_ms: writing.nowMs }
  const open = { cleared_at_ms: null, acknowledged_at_ms: null, acknowledged_by: null }
  await writing.tx
    .insertInto('alerts')
    .values({ ...row, ...open })
    .execute()
  return { ...condition, id, raisedAtMs: writing.nowMs }
}

/** It goes on, with other numbers, and stays acknowledged if it was. */
async function change({ tx }: Writing, alert: Alert, { text }: AlertCondition): Promise<Alert> {
  await tx.updateTable('alerts').set({ text }).where('id', '=', alert.id).execute()
  return { ...alert, text }
}

/** A deployment that was removed meanwhile is judged no more. */
async function noteJudged({ tx }: Writing, { deploymentId, cause }: SettleAlerts['judged'][number]): Promise<void> {
  const deployment = await tx.selectFrom('deployments').select('id').where('id', '=', deploymentId).executeTakeFirst()
  if (deployment === undefined) return
  await tx
    .insertInto('judged_success_alerts')
    .values({ deployment_id: deploymentId, cause })
    .onConflict((conflict) => conflict.column('deployment_id').doUpdateSet({ cause }))
    .execute()
}

/** As long as the audit keeps who acknowledged them. */
const clearedKeptMs = 800 * 24 * 3_600_000

async function forgetOldAlerts({ tx, nowMs }: Writing): Promise<void> {
  await tx
    .deleteFrom('alerts')
    .where('cleared_at_ms', '<', nowMs - clearedKeptMs)
    .execute()
}

export async function acknowledgeAlert(writing: Writing, id: number): Promise<Edit<Alert>> {
  const alert = await readAlert(writing.tx, id)
  if (alert === undefined) return { kind: 'not-found' }
  if (alert.acknowledged !== undefined) return { kind: 'saved', value: alert }
  const by = writing.actor?.name ?? 'The server'
  await writing.tx
    .updateTable('alerts')
    .set({ acknowledged_at_ms: writing.nowMs, acknowledged_by: by })
    .where('id', '=', id)
    .execute()
  const acknowledged = await readAlert(writing.tx, id)
  assert(acknowledged !== undefined, `alert ${id} is there`)
  await audit(writing, { action: 'acknowledge', kind: 'alert', id: String(id), name: alert.text })
  return { kind: 'saved', value: acknowledged }
}
