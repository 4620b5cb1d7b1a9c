/**
 * Whoever works at the machine learns that a required task sequence is about to start by itself (S1-081, S1-083): a message
 * on every terminal, and time to save what is open when it is of high impact. Nobody is there: nothing is said, nothing waits.
 */

import type { Choice } from '../server/contract/agent.ts'
import { pause } from './back-off.ts'
import { runCommand } from './command.ts'
import type { MachineConsole } from './console.ts'

export async function notifyUsers({ notification }: Choice, console: MachineConsole): Promise<void> {
  if (notification === undefined || !(await isSomebodyThere())) return
  const { lines, waitSeconds } = notification
  const text = [...lines, ...(waitSeconds === 0 ? [] : [`It starts in ${printWait(waitSeconds)}.`])].join('\n')
  const told = await runCommand({ program: 'wall', arguments: [], input: `${text}\n` })
  console.say(text)
  if (told.exitCode !== 0) console.say(`Who is at work here was not told: ${told.tail}`)
  await pause(waitSeconds * 1_000)
}

function printWait(seconds: number): string {
  return seconds % 60 === 0 ? `${seconds / 60} min` : `${seconds} s`
}

/** Terminals of users, graphical sessions among them. */
async function isSomebodyThere(): Promise<boolean> {
  const [sessions, terminals] = await Promise.all([
    runCommand({ program: 'loginctl', arguments: ['list-sessions', '--no-legend'] }),
    runCommand({ program: 'who', arguments: [] }),
  ])
  return [sessions, terminals].some(({ exitCode, stdout }) => exitCode === 0 && stdout.trim() !== '')
}
