/**
 * Settings, folders, revisions and edit locks of task sequences, and how long runs are monitored. Task sequences that are there
 * get the default settings and their present state as first kept revision; runs learn which revision they were started with.
 */

import { sql } from 'kysely'
import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

export const taskSequenceSettings: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db)
    await keepPresentRevisions(db)
    await nameRevisionsOfRuns(db)
    await sql`insert into counters (name, next) values ('task-sequence-folder', ${firstFolderId})`.execute(db)
  },
}

/** Where the field's numbers of folders begin. */
const firstFolderId = 16_777_217

/** As they were when this migration was written: later defaults do not change what was there before. */
const settingsOfOldSequences =
  '{"softwareCenter":{"restartRequired":false},"maximumRunMinutes":120,"highImpact":false,"suppressNotifications":false,"highPerformancePowerPlan":false}'

const statements = [
  `create table task_sequence_folders (id text not null primary key, name text not null, name_folded text not null,
    parent_id text references task_sequence_folders (id), revision bigint not null)`,
  `create index task_sequence_folders_by_parent on task_sequence_folders (parent_id)`,
  `alter table task_sequences add column settings text not null default '${settingsOfOldSequences}'`,
  `alter table task_sequences add column folder_id text references task_sequence_folders (id)`,
  `create index task_sequences_by_folder on task_sequences (folder_id)`,
  `create table task_sequence_revisions (task_sequence_id text not null references task_sequences (id) on delete cascade,
    revision bigint not null, changed_at_ms bigint, changed_by text, comment text not null, object text not null,
    primary key (task_sequence_id, revision))`,
  `create table task_sequence_locks (task_sequence_id text not null primary key references task_sequences (id) on delete cascade,
    holder_key text not null, holder_name text not null, token_sha256 text not null, taken_at_ms bigint not null,
    expires_at_ms bigint not null)`,
  `alter table runs add column task_sequence_id text`,
  `alter table runs add column task_sequence_revision bigint`,
  `alter table runs add column run_time_ends_ms bigint`,
  `alter table runs add column when_time_is_up text`,
  `alter table runs add column monitoring_ended_ms bigint`,
  `create index runs_by_task_sequence on runs (task_sequence_id, task_sequence_revision)`,
  `create index runs_by_run_time on runs (state, run_time_ends_ms)`,
]

interface OldSequence {
  readonly id: string
  readonly boot_image_id: string | null
  readonly enabled: number
  readonly sequence: string
  readonly settings: string
  readonly revision: number
}

async function keepPresentRevisions(db: Kysely<unknown>): Promise<void> {
  const { rows } = await sql<OldSequence>`select * from task_sequences`.execute(db)
  for (const row of rows) {
    const object = JSON.stringify({
      id: row.id,
      ...(row.boot_image_id === null ? {} : { bootImageId: row.boot_image_id }),
      enabled: row.enabled === 1,
      settings: JSON.parse(row.settings),
      sequence: JSON.parse(row.sequence),
      revision: row.revision,
    })
    await sql`insert into task_sequence_revisions (task_sequence_id, revision, comment, object)
      values (${row.id}, ${row.revision}, '', ${object})`.execute(db)
  }
}

/** One run at a time: policies are large, and a site may have had many runs. */
async function nameRevisionsOfRuns(db: Kysely<unknown>): Promise<void> {
  const { rows } = await sql<{ readonly id: string }>`select id from runs`.execute(db)
  for (const { id } of rows) {
    const run = await sql<{ readonly policy: string }>`select policy from runs where id = ${id}`.execute(db)
    const policy: { taskSequenceId: string; taskSequenceRevision: number } = JSON.parse(run.rows[0]?.policy ?? '{}')
    await sql`update runs set task_sequence_id = ${policy.taskSequenceId},
      task_sequence_revision = ${policy.taskSequenceRevision} where id = ${id}`.execute(db)
  }
}
