/**
 * The writer's thread: opens a database, brings it up to date, and runs the commands it is given in group commits, so that
 * waiting for the disk never holds up a packet. Reads happen elsewhere (sqlite-store.ts).
 */

import { type MessagePort, parentPort } from 'node:worker_threads'
import type { Kysely } from 'kysely'
import type { SiteCode } from '../address/identifiers.ts'
import { assert } from '../assert.ts'
import { commands } from './commands/command-table.ts'
import type { Writing } from './commands/writing.ts'
import { commitGroup } from './group-commit.ts'
import type { GroupMember } from './group-commit.ts'
import { migrate } from './migrate.ts'
import type { Schema } from './schema.ts'
import { openForWriting } from './sqlite-connection.ts'
import { messageOf } from '../caught-error.ts'
import type {
  CommandResult,
  FromWriter,
  GivenCommand,
  OpenDatabase,
  ToWriter,
  WriterSettings,
} from './writer-messages.ts'

type AnyCommand = (writing: Writing, input: unknown) => Promise<unknown>

function toMember({ name, input, nowMs, actor }: GivenCommand): GroupMember {
  const command = new Map<string, unknown>(Object.entries(commands)).get(name)
  assert(typeof command === 'function', `no command ${name}`)
  return { nowMs, actor, run: (writing) => (command as AnyCommand)(writing, input) }
}

/** Errors are cloned to the other thread; anything in them that cannot be cloned is not needed there. */
function sendable(result: CommandResult): CommandResult {
  return result.kind === 'done' ? result : { kind: 'failed', error: new Error(messageOf(result.error)) }
}

interface Opened {
  readonly db: Kysely<Schema>
  readonly siteCode: SiteCode
  readonly tell: (message: FromWriter) => void
}

async function runAll({ db, siteCode, tell }: Opened, given: readonly GivenCommand[]): Promise<void> {
  let members = given.map(toMember)
  while (members.length > 0) {
    const taken = { count: 0 }
    try {
      const commit = await commitGroup({ db, siteCode, members, taken })
      tell({ kind: 'committed', ...commit, results: commit.results.map(sendable) })
    } catch (error) {
      // When not even the transaction could begin, the first command still has to be answered.
      taken.count = Math.max(1, taken.count)
      tell({ kind: 'not-written', count: taken.count, message: messageOf(error) })
    }
    members = members.slice(taken.count)
  }
}

async function openDatabase({ databaseFile, siteCode }: WriterSettings): Promise<Kysely<Schema>> {
  const db = openForWriting(databaseFile)
  try {
    await migrate(db, siteCode)
  } catch (error) {
    // The thread lives on for other stores.
    await db.destroy()
    throw error
  }
  return db
}

async function serve({ settings, port }: OpenDatabase): Promise<void> {
  const tell = (message: FromWriter): void => sendTo(port, message)
  try {
    const opened: Opened = { db: await openDatabase(settings), siteCode: settings.siteCode, tell }
    let running = Promise.resolve()
    port.on('message', (message: ToWriter) => {
      running = running.then(() => (message.kind === 'run' ? runAll(opened, message.commands) : close(opened, port)))
    })
    tell({ kind: 'ready' })
  } catch (error) {
    tell({ kind: 'cannot-open', message: messageOf(error) })
    port.close()
  }
}

function sendTo(port: MessagePort, message: FromWriter): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
  port.postMessage(message)
}

async function close({ db }: Opened, port: MessagePort): Promise<void> {
  await db.destroy()
  port.close()
}

assert(parentPort !== null, 'the writer runs in a thread of its own')
parentPort.on('message', (message: OpenDatabase) => void serve(message))
