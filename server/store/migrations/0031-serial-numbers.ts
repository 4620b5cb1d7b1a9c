/** Devices are found by their serial numbers, too: as they are compared, so that an index finds them. */

import { sql } from 'kysely'
import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'
import { foldSerialNumber } from '../../address/serial-number.ts'

export const serialNumbers: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql.raw('alter table devices add column serial_number_folded text').execute(db)
    const { rows } = await sql<{ id: string; serial_number: string }>`
      select id, serial_number from devices where serial_number is not null`.execute(db)
    for (const { id, serial_number } of rows) {
      await sql`update devices set serial_number_folded = ${foldSerialNumber(serial_number)} where id = ${id}`.execute(
        db,
      )
    }
    await sql.raw('create index devices_by_serial_number on devices (serial_number_folded)').execute(db)
  },
}
