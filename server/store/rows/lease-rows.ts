/** A DHCP lease and its row. */

import type { CompiledQuery, Kysely } from 'kysely'
import type { Lease } from '../../dhcp/lease.ts'
import type { Schema } from '../schema.ts'

export async function readLeases(db: Kysely<Schema>): Promise<Lease[]> {
  const rows = await db.selectFrom('leases').selectAll().orderBy('address').execute()
  return rows.map((row) => ({
    address: row.address,
    clientKey: row.client_key,
    ...(row.mac_address === null ? {} : { macAddress: row.mac_address }),
    ...(row.relay_information === null ? {} : { relayInformation: row.relay_information }),
    ...(row.host_name === null ? {} : { hostName: row.host_name }),
    state: row.state,
    expiresAtMs: row.expires_at_ms,
  }))
}

export async function writeLeases(db: Kysely<Schema>, leases: readonly Lease[]): Promise<void> {
  for (const lease of leases) await writeLease(db, lease)
}

async function writeLease(db: Kysely<Schema>, lease: Lease): Promise<void> {
  const row = {
    address: lease.address,
    client_key: lease.clientKey,
    mac_address: lease.macAddress ?? null,
    relay_information: lease.relayInformation ?? null,
    host_name: lease.hostName ?? null,
    state: lease.state,
    expires_at_ms: lease.expiresAtMs,
  }
  const query = (upserting ??= db
    .insertInto('leases')
    .values(row)
    .onConflict((conflict) =>
      conflict.column('address').doUpdateSet((given) => ({
        client_key: given.ref('excluded.client_key'),
        mac_address: given.ref('excluded.mac_address'),
        relay_information: given.ref('excluded.relay_information'),
        host_name: given.ref('excluded.host_name'),
        state: given.ref('excluded.state'),
        expires_at_ms: given.ref('excluded.expires_at_ms'),
      })),
    )
    .compile())
  await db.executeQuery({ ...query, parameters: Object.values(row) })
}

/** Compiled once: a hall of machines has thousands of leases, and building the statement anew takes longer than running it. */
let upserting: CompiledQuery | undefined
