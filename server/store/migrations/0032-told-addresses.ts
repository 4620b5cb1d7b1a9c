/** Which agents told which MAC addresses, of the inventories that are kept: an address that two machines tell is a shared adapter's. */

import { sql } from 'kysely'
import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'
import { z } from 'zod'
import { parseMacAddress } from '../../address/mac-address.ts'

const kept = z.looseObject({ macAddresses: z.array(z.string()) })

export const toldAddresses: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db)
    const { rows } = await sql<{ device_id: string; inventory: string }>`
      select device_id, inventory from device_inventories`.execute(db)
    for (const { device_id, inventory } of rows) {
      const { macAddresses } = kept.parse(JSON.parse(inventory))
      for (const address of new Set(macAddresses.flatMap((text) => parseMacAddress(text) ?? []))) {
        await sql`insert into told_addresses (mac_address, device_id) values (${address}, ${device_id})`.execute(db)
      }
    }
  },
}

const statements = [
  `create table told_addresses (mac_address text not null, device_id text not null references devices (id) on delete cascade,
    primary key (mac_address, device_id))`,
  `create index told_addresses_by_device on told_addresses (device_id)`,
]
