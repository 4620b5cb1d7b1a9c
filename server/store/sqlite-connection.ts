/**
 * A Kysely database over `node:sqlite`: the one place that knows SQLite. A PostgreSQL connection stands beside this file
 * when it comes; commands and reads do not change.
 */

import { chmodSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import type { StatementSync, SQLInputValue } from 'node:sqlite'
import { Kysely, SqliteAdapter, SqliteDialect } from 'kysely'
import type { SqliteDatabase, SqliteStatement } from 'kysely'
import type { Schema } from './schema.ts'

/** A reader or a second writer (a backup tool) may hold the file this long before a statement fails. */
const busyTimeoutMs = 5_000
/** Statements are few and fixed; the limit only keeps lists of generated lengths from piling up. */
const preparedStatementsMax = 500

/** Every commit is on the disk when it returns: WAL with a synced log (I1). */
export function openForWriting(databaseFile: string): Kysely<Schema> {
  const database = new DatabaseSync(databaseFile, { timeout: busyTimeoutMs, enableForeignKeyConstraints: true })
  // It holds hashes of passwords and tokens; the log beside it is made with the same mode.
  chmodSync(databaseFile, 0o600)
  database.exec('pragma journal_mode = wal')
  database.exec('pragma synchronous = full')
  return overSqlite(database)
}

export function openForReading(databaseFile: string): Kysely<Schema> {
  return overSqlite(new DatabaseSync(databaseFile, { timeout: busyTimeoutMs, readOnly: true }))
}

function overSqlite(database: DatabaseSync): Kysely<Schema> {
  const prepared = new Map<string, SqliteStatement>()
  const adapter: SqliteDatabase = {
    close: () => database.close(),
    prepare: (text) => {
      const known = prepared.get(text)
      if (known !== undefined) return known
      if (prepared.size >= preparedStatementsMax) prepared.clear()
      const made = adaptStatement(database.prepare(text))
      prepared.set(text, made)
      return made
    },
  }
  const dialect = new SqliteDialect({ database: adapter })
  return new Kysely<Schema>({
    dialect: {
      createAdapter: () => new TransactionalSchemaAdapter(),
      createDriver: () => dialect.createDriver(),
      createIntrospector: (db) => dialect.createIntrospector(db),
      createQueryCompiler: () => dialect.createQueryCompiler(),
    },
  })
}

/**
 * SQLite changes tables inside transactions, which Kysely does not count on. Without this a server that is killed while it
 * brings its database up to date would leave half a schema, which no later start could finish.
 */
class TransactionalSchemaAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true
  }
}

function adaptStatement(statement: StatementSync): SqliteStatement {
  return {
    reader: statement.columns().length > 0,
    all: (parameters) => statement.all(...bound(parameters)),
    run: (parameters) => statement.run(...bound(parameters)),
    iterate: (parameters) => statement.iterate(...bound(parameters)),
  }
}

/** Kysely types parameters as unknown; the schema has only text, numbers and null. */
function bound(parameters: readonly unknown[]): SQLInputValue[] {
  return parameters as SQLInputValue[]
}
