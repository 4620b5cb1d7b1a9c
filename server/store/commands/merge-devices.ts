/** One record goes into another: everything that is kept of the one belongs to the other afterwards, in one transaction. */

import type { CollectionId, DeviceId } from '../../address/identifiers.ts'
import type { Device } from '../../site/device.ts'
import { mergeDevices as merged } from '../../site/merge-devices.ts'
import { canaryMachine } from '../../targeting/canary.ts'
import type { DeviceMerge, RecordsAnswer } from '../device-records-port.ts'
import { readDirectMemberships } from '../rows/collection-rows.ts'
import { readDevice, toInventoryRow } from '../rows/device-rows.ts'
import { audit } from './audit.ts'
import { deviceKind, setRequiredPxeMark } from './device-edits.ts'
import { changeDirectMembers, reasonOf } from './direct-members.ts'
import { removing, replacing } from './edit-object.ts'
import { rewriteLanes } from './lanes.ts'
import type { Writing } from './writing.ts'

/** What is not kept is answered with: a refusal undoes whatever a command wrote. */
export interface UndoneRecords {
  readonly kind: 'refused'
  readonly answer: RecordsAnswer
}

export async function mergeDevices(writing: Writing, wanted: DeviceMerge): Promise<RecordsAnswer | UndoneRecords> {
  const { tx } = writing
  const [kept, from] = [await readDevice(tx, wanted.id), await readDevice(tx, wanted.from)]
  if (kept === undefined || from === undefined) return { kind: 'not-found' }
  if (kept.id === from.id) return notPossible('a record is not merged with itself')
  const busy = await refuseRunning(writing, from)
  if (busy !== undefined) return notPossible(busy)
  const result = merged(kept, from, wanted.force)
  if (typeof result === 'string') return notPossible(result)
  const collections = await collectionsOf(writing, from.id)
  for (const id of collections) {
    const swap = (members: readonly DeviceId[]) => members.map((member) => (member === from.id ? kept.id : member))
    const reason = await changeDirectMembers(writing, id, swap)
    if (reason !== undefined) return notPossible(`collection ${id}: ${reason}`)
  }
  const runs = await moveRows(writing, kept, from)
  const removed = await removing(deviceKind)(writing, { id: from.id, revision: undefined })
  if (removed.kind !== 'saved') return notPossible(reasonOf(removed))
  const edit = await replacing(deviceKind)(writing, { id: kept.id, draft: result, revision: undefined })
  if (edit.kind !== 'saved') return notPossible(reasonOf(edit))
  for (const mark of result.requiredPxeMarks) await setRequiredPxeMark(writing, { deviceId: kept.id, ...mark })
  await rewriteLanes(writing, from.id, (lane) => ({ ...lane, deviceId: kept.id, name: kept.name }))
  const after = { from: `${from.name} (${from.id})`, collections, runs, marks: result.requiredPxeMarks }
  await audit(writing, { action: 'merge', kind: 'device', id: kept.id, name: kept.name, after })
  const device = (await readDevice(tx, kept.id)) ?? edit.value
  return ended({ kind: wanted.isPreview ? 'previewed' : 'done', device, other: from, collections, runs })
}

export function notPossible(reason: string): UndoneRecords {
  return { kind: 'refused', answer: { kind: 'not-possible', reason } }
}

export function ended(answer: RecordsAnswer): RecordsAnswer | UndoneRecords {
  return answer.kind === 'previewed' ? { kind: 'refused', answer } : answer
}

export async function refuseRunning({ tx }: Writing, { id, name }: Device): Promise<string | undefined> {
  const run = await tx
    .selectFrom('runs')
    .select('id')
    .where('device_id', '=', id)
    .where('state', '=', 'running')
    .executeTakeFirst()
  return run && `run ${run.id} goes on on ${name} (${id}); wait for its end`
}

export async function collectionsOf({ tx }: Writing, id: DeviceId): Promise<readonly CollectionId[]> {
  return [...((await readDirectMemberships(tx, [id])).get(id) ?? [])].sort()
}

/** How many runs there were. Consent to install anew is not moved: it was given for what was seen of one record. */
async function moveRows(writing: Writing, kept: Device, from: Device): Promise<number> {
  const { tx } = writing
  const device_id = kept.id
  const { numUpdatedRows } = await tx
    .updateTable('runs')
    .set({ device_id })
    .where('device_id', '=', from.id)
    .executeTakeFirstOrThrow()
  await tx.updateTable('agent_sessions').set({ device_id }).where('device_id', '=', from.id).execute()
  await tx.updateTable('state_stores').set({ device_id }).where('device_id', '=', from.id).execute()
  await moveCanaryMembers(writing, kept, from)
  await keepLastHeard(writing, kept, from)
  await keepNewerInventory(writing, kept, from)
  return Number(numUpdatedRows)
}

/** Where both are in one ring, the run that began later counts, as it does of one machine. */
async function moveCanaryMembers({ tx }: Writing, kept: Device, from: Device): Promise<void> {
  const [machine, old] = [kept, from].map(({ id }) => canaryMachine({ deviceId: id, lane: '' }))
  const rows = await tx
    .selectFrom('canary_members')
    .innerJoin('runs', 'runs.id', 'canary_members.run_id')
    .select(['canary_members.deployment_id', 'canary_members.machine', 'canary_members.run_id', 'runs.started_at_ms'])
    .where('canary_members.machine', 'in', [machine ?? '', old ?? ''])
    .execute()
  for (const [deployment_id, members] of Map.groupBy(rows, (row) => row.deployment_id)) {
    const [last] = members.toSorted((a, b) => b.started_at_ms - a.started_at_ms)
    if (last === undefined || machine === undefined) continue
    await tx
      .deleteFrom('canary_members')
      .where('deployment_id', '=', deployment_id)
      .where(
        'machine',
        'in',
        members.map((member) => member.machine),
      )
      .execute()
    await tx.insertInto('canary_members').values({ deployment_id, machine, run_id: last.run_id }).execute()
  }
}

async function keepLastHeard({ tx }: Writing, kept: Device, from: Device): Promise<void> {
  const rows = await tx.selectFrom('clients_heard').selectAll().where('device_id', 'in', [kept.id, from.id]).execute()
  if (rows.length === 0) return
  const row = { device_id: kept.id, at_ms: Math.max(...rows.map(({ at_ms }) => at_ms)) }
  await tx
    .insertInto('clients_heard')
    .values(row)
    .onConflict((conflict) => conflict.column('device_id').doUpdateSet(row))
    .execute()
}

async function keepNewerInventory({ tx }: Writing, kept: Device, from: Device): Promise<void> {
  const [mine, other] = [kept.inventory, from.inventory]
  if (other === undefined || (mine !== undefined && mine.heardAtMs >= other.heardAtMs)) return
  const row = toInventoryRow(kept.id, other)
  await tx
    .insertInto('device_inventories')
    .values(row)
    .onConflict((conflict) => conflict.column('device_id').doUpdateSet(row))
    .execute()
  await tx.deleteFrom('told_addresses').where('device_id', '=', kept.id).execute()
  await tx.updateTable('told_addresses').set({ device_id: kept.id }).where('device_id', '=', from.id).execute()
}
