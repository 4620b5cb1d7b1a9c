/**
 * The writer's thread: opens the database, brings it up to date, and runs the commands it is given in group commits, so that
 * waiting for the disk never holds up a packet. Reads happen elsewhere (sqlite-store.ts).
 */

import { parentPort, workerData } from 'node:worker_threads'
import type { Kysely } from 'kysely'
import { assert } from '../assert.ts'
import { commands } from './commands/command-table.ts'
import type { Writing } from './commands/writing.ts'
import { commitGroup } from './group-commit.ts'
import type { GroupMember } from './group-commit.ts'
import { migrate } from './migrate.ts'
import type { Schema } from './schema.ts'
import { openForWriting } from './sqlite-connection.ts'
import { messageOf } from '../caught-error.ts'
import type { CommandResult, FromWriter, GivenCommand, ToWriter, WriterSettings } from './writer-messages.ts'

type AnyCommand = (writing: Writing, input: unknown) => Promise<unknown>

const settings = workerData as WriterSettings
const port = parentPort
assert(port !== null, 'the writer runs in a thread of its own')

function tell(message: FromWriter): void {
  port?.postMessage(message)
}

function toMember({ name, input, nowMs }: GivenCommand): GroupMember {
  const command = new Map<string, unknown>(Object.entries(commands)).get(name)
  assert(typeof command === 'function', `no command ${name}`)
  return { nowMs, run: (writing) => (command as AnyCommand)(writing, input) }
}

/** Errors are cloned to the other thread; anything in them that cannot be cloned is not needed there. */
function sendable(result: CommandResult): CommandResult {
  return result.kind === 'done' ? result : { kind: 'failed', error: new Error(messageOf(result.error)) }
}

async function runAll(db: Kysely<Schema>, given: readonly GivenCommand[]): Promise<void> {
  let members = given.map(toMember)
  while (members.length > 0) {
    const taken = { count: 0 }
    try {
      const commit = await commitGroup({ db, siteCode: settings.siteCode, members, taken })
      tell({ kind: 'committed', ...commit, results: commit.results.map(sendable) })
    } catch (error) {
      // When not even the transaction could begin, the first command still has to be answered.
      taken.count = Math.max(1, taken.count)
      tell({ kind: 'not-written', count: taken.count, message: messageOf(error) })
    }
    members = members.slice(taken.count)
  }
}

async function open(): Promise<Kysely<Schema> | undefined> {
  try {
    const db = openForWriting(settings.databaseFile)
    await migrate(db, settings.siteCode)
    return db
  } catch (error) {
    tell({ kind: 'cannot-open', message: messageOf(error) })
    return undefined
  }
}

const db = await open()
if (db === undefined) {
  port.close()
} else {
  let running = Promise.resolve()
  port.on('message', (message: ToWriter) => {
    running = running.then(() => (message.kind === 'run' ? runAll(db, message.commands) : close(db)))
  })
  tell({ kind: 'ready' })
}

async function close(database: Kysely<Schema>): Promise<void> {
  await database.destroy()
  port?.close()
}
