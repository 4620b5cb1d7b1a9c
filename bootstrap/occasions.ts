/**
 * What happens on the machine of a client while no process of it is there (S5-019, S5-023): its system has started, people have
 * logged on and off. Noted by a service of its own, which systemd starts before the client and whenever sessions come and go
 * (client-files.ts), so that only one looks at a time. Each occasion is a file until a server has answered; then it is told.
 *
 * What happens from a restart that a run asked for until that run has ended is no occasion: the run itself has restarted the
 * machine and ended its sessions, and would otherwise start anew for ever.
 */

import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { type Occasion, occasions } from '../server/site/client-schedule.ts'
import { pause } from './back-off.ts'
import { readBootId } from './boot-id.ts'
import { runCommand } from './command.ts'
import { isFields } from './decode-answer.ts'
import { makeOwnerOnlyFolder, readOwnFile, replaceFile } from './durable-file.ts'

/** Below the root of the installed system. */
export const occasionsFolder = 'var/lib/reveille/occasions'

/** What a look found. */
export interface Seen {
  /** Another one with each start of the system. */
  readonly bootId: string
  /** Of people, as logind names them: never twice the same during one start. */
  readonly sessions: readonly string[]
}

export interface Happened {
  readonly occasion: Occasion
  /** What makes it another one than all others of its kind. */
  readonly mark: string
}

/** However much happened between two looks, each session counts that one of them has seen. */
export function whatHappened(before: Seen | undefined, now: Seen): readonly Happened[] {
  const isSameStart = before?.bootId === now.bootId
  const known = before?.sessions ?? []
  const gone = known.filter((session) => !isSameStart || !now.sessions.includes(session))
  const come = now.sessions.filter((session) => !isSameStart || !known.includes(session))
  return [
    ...(isSameStart ? [] : [{ occasion: 'start-up', mark: now.bootId } as const]),
    ...gone.map((session) => ({ occasion: 'log-off', mark: `${before?.bootId}.${session}` }) as const),
    ...come.map((session) => ({ occasion: 'log-on', mark: `${now.bootId}.${session}` }) as const),
  ]
}

const seenFile = 'seen.json'
const seenBytesMax = 1_048_576
/** Sessions rarely come alone; systemd may not tell of one that comes while a look is under way. */
const secondLookMs = 1_000

/** True: something has happened. */
export async function noteOccasions(folder: string): Promise<boolean> {
  const first = await look(folder)
  await pause(secondLookMs)
  return (await look(folder)) || first
}

async function look(folder: string): Promise<boolean> {
  makeOwnerOnlyFolder(folder)
  const before = readSeen(folder)
  const bootId = readBootId()
  const sessions = (await sessionsOfPeople()) ?? (before?.bootId === bootId ? before.sessions : [])
  const now: Seen = { bootId, sessions }
  const happened = whatHappened(before, now)
  // A kill in between notes the same once more, under the same names.
  for (const { occasion, mark } of happened) replaceFile(join(folder, `${occasion}.${mark}`), '')
  if (happened.length > 0) replaceFile(join(folder, seenFile), JSON.stringify(now))
  return happened.length > 0
}

function readSeen(folder: string): Seen | undefined {
  try {
    const value: unknown = JSON.parse(readOwnFile(join(folder, seenFile), seenBytesMax)?.toString('utf8') ?? '')
    if (!isFields(value) || typeof value['bootId'] !== 'string' || !Array.isArray(value['sessions'])) return undefined
    return { bootId: value['bootId'], sessions: value['sessions'].map(String) }
  } catch {
    return undefined
  }
}

/** Undefined: logind cannot be asked. Of class `user`: no greeters, no timers, and no session whose person has left. */
async function sessionsOfPeople(): Promise<readonly string[] | undefined> {
  const list = await runCommand({ program: 'loginctl', arguments: ['list-sessions', '--no-legend'] })
  if (list.exitCode !== 0) return undefined
  const ids = list.stdout.split('\n').flatMap((line) => /^\s*([0-9A-Za-z]+)\s/.exec(line)?.[1] ?? [])
  const kept = await Promise.all(ids.map(async (id) => ((await isOfPerson(id)) ? [id] : [])))
  return kept.flat()
}

/** One that is gone by now has none of these. */
async function isOfPerson(id: string): Promise<boolean> {
  const properties = ['--property=Class', '--property=State']
  const { stdout } = await runCommand({ program: 'loginctl', arguments: ['show-session', id, ...properties] })
  const lines = stdout.split('\n')
  return lines.includes('Class=user') && !lines.includes('State=closing')
}

export interface Pending {
  readonly occasions: readonly Occasion[]
  /** They were told. */
  readonly forget: () => void
}

/** What no server has answered yet. Those that are noted from now on are not forgotten with these. */
export function pendingOccasions(folder: string): Pending {
  makeOwnerOnlyFolder(folder)
  const files = readdirSync(folder).filter((name) => occasions.some((occasion) => name.startsWith(`${occasion}.`)))
  return {
    occasions: occasions.filter((occasion) => files.some((name) => name.startsWith(`${occasion}.`))),
    forget: () => {
      for (const name of files) rmSync(join(folder, name), { force: true })
    },
  }
}
