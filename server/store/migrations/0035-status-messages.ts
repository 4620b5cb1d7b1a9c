/**
 * Which events of runs are status messages, so that those of a deployment or a device are found without reading every event. Filled
 * for the runs that are there; for those that the site had given up before, nothing tells it but their state.
 */

import { sql } from 'kysely'
import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

export const statusMessages: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db)
  },
}

/** A quotation mark inside a text has a backslash before it, so these words are the event's own. */
const kind = (name: string): string => `event like '%"body":{"kind":"${name}"%'`
const has = (field: string, value: string): string => `event like '%"${field}":"${value}"%'`

const messageId = `case
  when ${kind('output')} or ${kind('step-progress')} or ${kind('step-started')} or ${kind('variables-changed')} then null
  when ${kind('sequence-started')} then case when runs.policy like '%"userStarted":%' then 11140 else 11144 end
  when ${kind('resumed')} then 11140
  when ${kind('restarting')} then 11142
  when ${kind('group-started')} then 11124
  when ${kind('group-ended')} then case when ${has('outcome', 'succeeded')} then 11127 else 11122 end
  when ${kind('step-ended')} then case when ${has('outcome', 'succeeded')} then 11134
    when ${has('outcome', 'failed')} then 11135 else 11138 end
  when ${kind('node-skipped')} then case when ${has('reason', 'disabled')} then 11128
    when ${has('reason', 'condition-false')} then 11130 end
  when ${kind('sequence-ended')} then case when ${has('kind', 'succeeded')} then 11143 else 11141 end
  end`

const columns = 'seq, message_id, run_id, deployment_id, device_id, at_ms'

const statements = [
  `create table status_messages (seq bigint not null, message_id integer not null,
    run_id text not null references runs (id) on delete cascade, deployment_id text not null, device_id text,
    at_ms bigint not null, primary key (seq, message_id))`,
  `insert into status_messages (${columns}) select ${columns} from (select seq, ${messageId} as message_id, run_id,
    deployment_id, device_id, received_at_ms as at_ms from run_events inner join runs on runs.id = run_events.run_id) as told
    where message_id is not null`,
  // The manager tells the end of a run, too.
  `insert into status_messages (${columns}) select seq, case message_id when 11143 then 11171 else 11170 end, run_id,
    deployment_id, device_id, at_ms from status_messages where message_id in (11141, 11143)`,
  `create index status_messages_by_deployment on status_messages (deployment_id, seq, message_id)`,
  `create index status_messages_by_device on status_messages (device_id, seq, message_id)`,
  `create index status_messages_by_run on status_messages (run_id, seq, message_id)`,
  `create index status_messages_by_message on status_messages (message_id, seq)`,
]
