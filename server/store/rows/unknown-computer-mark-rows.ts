/** Marks of unknown computers and their rows: the mark, and the addresses of the computer's cards. */

import type { Kysely } from 'kysely'
import type { RunId } from '../../address/identifiers.ts'
import { swapSmbiosGuid } from '../../address/smbios-guid.ts'
import { type ComputerIdentity, isMarkOf, type UnknownComputerMark } from '../../site/unknown-computer-mark.ts'
import type { Schema } from '../schema.ts'

/** Newest first. */
export async function readMarksOf(
  db: Kysely<Schema>,
  computer: ComputerIdentity,
): Promise<readonly UnknownComputerMark[]> {
  const marks = await readMarks(db, await runIdsLike(db, computer))
  return marks.filter((mark) => isMarkOf(mark, computer))
}

/** In no order but their own. Undefined: all of them. */
export async function readMarks(db: Kysely<Schema>, ids?: readonly RunId[]): Promise<readonly UnknownComputerMark[]> {
  if (ids?.length === 0) return []
  const all = db.selectFrom('unknown_computer_marks').selectAll().orderBy('started_at_ms', 'desc').orderBy('run_id')
  const rows = await (ids === undefined ? all : all.where('run_id', 'in', ids)).execute()
  const cards = db.selectFrom('unknown_computer_addresses').selectAll().orderBy('mac_address')
  const addresses = await (ids === undefined ? cards : cards.where('run_id', 'in', ids)).execute()
  const addressesOf = Map.groupBy(addresses, (row) => row.run_id)
  return rows.map((row) => ({
    runId: row.run_id,
    deploymentId: row.deployment_id,
    architecture: row.architecture,
    startedAtMs: row.started_at_ms,
    macAddresses: (addressesOf.get(row.run_id) ?? []).map((card) => card.mac_address),
    ...(row.smbios_guid === null ? {} : { smbiosGuid: row.smbios_guid }),
  }))
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
  for (const { runId } of marks) await db.deleteFrom('unknown_computer_marks').where('run_id', '=', runId).execute()
}

/** Of marks that share an identifier with the computer. */
async function runIdsLike(
  db: Kysely<Schema>,
  { macAddresses, smbiosGuid }: ComputerIdentity,
): Promise<readonly RunId[]> {
  const byAddress =
    macAddresses.length === 0
      ? []
      : await db
          .selectFrom('unknown_computer_addresses')
          .select('run_id')
          .where('mac_address', 'in', macAddresses)
          .execute()
  const byGuid =
    smbiosGuid === undefined
      ? []
      : await db
          .selectFrom('unknown_computer_marks')
          .select('run_id')
          .where('smbios_guid', 'in', [smbiosGuid, swapSmbiosGuid(smbiosGuid)])
          .execute()
  return [...new Set([...byAddress, ...byGuid].map((row) => row.run_id))]
}
