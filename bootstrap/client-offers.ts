/**
 * What the client of an installed system may start: a required deployment by itself, an available one, or a required one before its
 * time, when somebody at the machine asked for it. Who asks, and who is told, is the command `reveille-client` (client-files.ts), over two files:
 * it reads the offers as text, and leaves the identifier of the one that is wished.
 */

import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Choice, HelloAnswer, MachineStanding } from '../server/contract/agent.ts'
import { Purpose } from '../server/site/deployment.ts'
import { printDuration } from '../server/targeting/deployments-in-effect.ts'
import { printable } from './console.ts'
import { makeOwnerOnlyFolder } from './durable-file.ts'

/** Both in the agent's folder below `/run`, which is root's alone. */
export const offersFile = 'offers'
export const wishFile = 'wish'

export function writeOffers(folder: string, answer: HelloAnswer): void {
  makeOwnerOnlyFolder(folder)
  writeFileSync(join(folder, offersFile), printOffers(answer), { mode: 0o600 })
}

export function printOffers({ machine, code, serverTimeMs }: HelloAnswer): string {
  const head = `Asked ${new Date(serverTimeMs).toISOString()}.`
  return `${[head, ...describe(machine, { code, serverTimeMs })].map(printable).join('\n')}\n`
}

function describe(machine: MachineStanding, { code, serverTimeMs }: Pick<HelloAnswer, 'code' | 'serverTimeMs'>) {
  switch (machine.kind) {
    case 'nothing-to-run':
      return [machine.reason]
    case 'waiting-for-approval':
      return [`An administrator has to approve this machine. Its code is ${code}.`]
    case 'armed':
      return machine.selection.kind === 'start'
        ? [`Starting by itself: ${machine.selection.choice.taskSequenceName}`]
        : machine.selection.choices.map((choice) => printChoice(choice, serverTimeMs))
    default:
      return machine satisfies never
  }
}

function printChoice(choice: Choice, nowMs: number): string {
  const { deploymentId, taskSequenceName, description, purpose, startsAtMs } = choice
  const starts = startsAtMs === undefined ? '' : `, in ${printDuration(startsAtMs - nowMs)}`
  const required = purpose === Purpose.required ? ` (required${starts})` : ''
  return `${deploymentId}  ${taskSequenceName}${required}${description === '' ? '' : ` - ${description}`}`
}

/** The wish of somebody at the machine, once. */
export function takeWish(folder: string): string | undefined {
  const path = join(folder, wishFile)
  try {
    return readFileSync(path, 'utf8').trim().toUpperCase()
  } catch {
    return undefined
  } finally {
    rmSync(path, { force: true })
  }
}

/** What comes by itself is first; a wish waits until then. */
export function chooseForClient(
  machine: MachineStanding,
  wish: () => string | undefined,
  say: (text: string) => void,
): Choice | undefined {
  if (machine.kind === 'armed' && machine.selection.kind === 'start') return machine.selection.choice
  const wished = wish()
  if (machine.kind === 'waiting-for-approval') say('An administrator has to approve this machine first.')
  if (wished === undefined) return undefined
  const choices = machine.kind === 'armed' && machine.selection.kind === 'choose' ? machine.selection.choices : []
  const choice = choices.find(({ deploymentId }) => deploymentId === wished)
  if (choice === undefined) say(`${wished} cannot be started: it is not available to this machine now.`)
  return choice
}
