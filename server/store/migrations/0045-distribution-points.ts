/** Distribution points, their groups, what was distributed to them and what they say they have. */

import { sql } from 'kysely'
import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

export const distributionPoints: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db)
  },
}

const statements = [
  `create table distribution_points (id text not null primary key, name text not null, name_folded text not null unique,
    description text not null, base_url text not null, networks text not null, is_default bigint not null,
    revision bigint not null)`,
  `create table distribution_point_groups (id text not null primary key, name text not null,
    name_folded text not null unique, description text not null, members text not null, revision bigint not null)`,
  `create table distribution_point_tokens (point_id text not null primary key, token_sha256 text not null unique)`,
  `create table content_of_points (content_id text not null, point_id text not null,
    primary key (content_id, point_id))`,
  `create table content_of_groups (content_id text not null, group_id text not null,
    primary key (content_id, group_id))`,
  `create table content_validations (content_id text not null, point_id text not null, number bigint not null,
    primary key (content_id, point_id))`,
  `create table point_reports (point_id text not null primary key, heard_at_ms bigint not null)`,
  `create table reported_content (point_id text not null, content_id text not null, version bigint not null,
    state text not null, reason text, validation bigint not null, verified_at_ms bigint,
    primary key (point_id, content_id))`,
  `alter table collections add column default_distribution_point_groups text not null default '[]'`,
  `insert into counters (name, next) values ('distribution-point', 1), ('distribution-point-group', 1)`,
]
