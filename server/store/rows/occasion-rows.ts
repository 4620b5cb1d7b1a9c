/** When each occasion was told of a device, and its row (S5-019). */

import type { Kysely } from 'kysely'
import type { DeviceId } from '../../address/identifiers.ts'
import type { Occasion } from '../../site/client-schedule.ts'
import type { Schema } from '../schema.ts'

export async function readOccasions(db: Kysely<Schema>, id: DeviceId): Promise<ReadonlyMap<Occasion, number>> {
  const rows = await db
    .selectFrom('occasions')
    .select(['occasion', 'at_ms'])
    .where('device_id', '=', id)
    .orderBy('occasion')
    .execute()
  return new Map(rows.map(({ occasion, at_ms }) => [occasion, at_ms]))
}

export async function writeOccasions(
  db: Kysely<Schema>,
  { id, told, atMs }: { readonly id: DeviceId; readonly told: readonly Occasion[]; readonly atMs: number },
): Promise<void> {
  for (const occasion of told) {
    await db
      .insertInto('occasions')
      .values({ device_id: id, occasion, at_ms: atMs })
      .onConflict((conflict) => conflict.columns(['device_id', 'occasion']).doUpdateSet({ at_ms: atMs }))
      .execute()
  }
}
