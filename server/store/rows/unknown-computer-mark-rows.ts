/** Marks of unknown computers and their rows: the mark, and the addresses of the computer's cards. */

import type { Kysely, Selectable } from 'kysely'
import type { RunId } from '../../address/identifiers.ts'
import { swapSmbiosGuid } from '../../address/smbios-guid.ts'
import { type ComputerIdentity, isMarkOf, type UnknownComputerMark } from '../../site/unknown-computer-mark.ts'
import type { Schema } from '../schema.ts'

export async function readMarksOf(
  db: Kysely<Schema>,
  computer: ComputerIdentity,
): Promise<readonly UnknownComputerMark[]> {
  const marks: UnknownComputerMark[] = []
  for (const ids of inParts(await runIdsLike(db, computer))) marks.push(...(await readMarks(db, ids)))
  return marks.filter((mark) => isMarkOf(mark, computer))
}

export async function readAllMarks(db: Kysely<Schema>): Promise<readonly UnknownComputerMark[]> {
  const rows = await db.selectFrom('unknown_computer_marks').selectAll().execute()
  return toMarks(rows, await db.selectFrom('unknown_computer_addresses').selectAll().execute())
}

async function readMarks(db: Kysely<Schema>, ids: readonly RunId[]): Promise<readonly UnknownComputerMark[]> {
  const rows = await db.selectFrom('unknown_computer_marks').selectAll().where('run_id', 'in', ids).execute()
  const cards = db.selectFrom('unknown_computer_addresses').selectAll().where('run_id', 'in', ids)
  return toMarks(rows, await cards.execute())
}

/** Newest first. */
function toMarks(
  rows: readonly Selectable<Schema['unknown_computer_marks']>[],
  addresses: readonly Selectable<Schema['unknown_computer_addresses']>[],
): readonly UnknownComputerMark[] {
  const addressesOf = Map.groupBy(addresses, (row) => row.run_id)
  const marks = rows.map((row) => ({
    runId: row.run_id,
    deploymentId: row.deployment_id,
    architecture: row.architecture,
    startedAtMs: row.started_at_ms,
    macAddresses: (addressesOf.get(row.run_id) ?? []).map((card) => card.mac_address),
    ...(row.smbios_guid === null ? {} : { smbiosGuid: row.smbios_guid }),
  }))
  return marks.toSorted((a, b) => b.startedAtMs - a.startedAtMs || (a.runId < b.runId ? -1 : 1))
}

export async function writeMark(db: Kysely<Schema>, mark: UnknownComputerMark): Promise<void> {
  const { runId, deploymentId, architecture, startedAtMs, smbiosGuid = null } = mark
  const row = {
    run_id: runId,
    deployment_id: deploymentId,
    architecture,
    smbios_guid: smbiosGuid,
    started_at_ms: startedAtMs,
  }
  await db.insertInto('unknown_computer_marks').values(row).execute()
  for (const mac_address of new Set(mark.macAddresses)) {
    await db.insertInto('unknown_computer_addresses').values({ run_id: runId, mac_address }).execute()
  }
}

export async function removeMarks(db: Kysely<Schema>, marks: readonly UnknownComputerMark[]): Promise<void> {
  for (const ids of inParts(marks.map(({ runId }) => runId))) {
    await db.deleteFrom('unknown_computer_marks').where('run_id', 'in', ids).execute()
  }
}

/**
 * Of marks that share an identifier with the computer. Who tells its GUID gets no mark that another GUID set over the same
 * adapter: there may be thousands of those.
 */
async function runIdsLike(
  db: Kysely<Schema>,
  { macAddresses, smbiosGuid }: ComputerIdentity,
): Promise<readonly RunId[]> {
  const guids = smbiosGuid === undefined ? [] : [smbiosGuid, swapSmbiosGuid(smbiosGuid)]
  const byAddress = db
    .selectFrom('unknown_computer_addresses')
    .innerJoin('unknown_computer_marks as mark', 'mark.run_id', 'unknown_computer_addresses.run_id')
    .select('mark.run_id')
    .where('mac_address', 'in', macAddresses)
    .$if(guids.length > 0, (query) => query.where('mark.smbios_guid', 'is', null))
  const byGuid = db.selectFrom('unknown_computer_marks').select('run_id').where('smbios_guid', 'in', guids)
  const found = [
    ...(macAddresses.length === 0 ? [] : await byAddress.execute()),
    ...(guids.length === 0 ? [] : await byGuid.execute()),
  ]
  return [...new Set(found.map((row) => row.run_id))]
}

/** A statement names so many; SQLite takes 32,766. */
const idsPerStatement = 1_000

function inParts(ids: readonly RunId[]): readonly (readonly RunId[])[] {
  const parts = Math.ceil(ids.length / idsPerStatement)
  return Array.from({ length: parts }, (_, part) => ids.slice(part * idsPerStatement, (part + 1) * idsPerStatement))
}
