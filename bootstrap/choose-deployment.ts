/**
 * From the server's word on this machine to the deployment that starts (S6-040 to S6-050). A preferred or required one
 * starts without a question; several available ones are listed by number, and when nobody chooses in time the machine
 * goes on to its next boot device, as it does when nobody presses F12 (S6-020). Who chose is asked for variables too. While there is nothing to run, or an
 * administrator has to approve, it says so, asks again by itself, and at once when somebody types `r`.
 */

import type { Choice, HelloAnswer, MachineStanding, PolicyVariable, Selection } from '../server/contract/agent.ts'
import { type AskParts, askForVariables } from './ask-for-variables.ts'

export interface ChooseParts extends AskParts {
  readonly hello: () => Promise<HelloAnswer>
}

export type Chosen =
  | {
      readonly kind: 'start'
      readonly choice: Choice
      readonly session: string
      readonly machineName: string
      /** True when a person chose it from a list. */
      readonly wasAsked: boolean
      /** What that person gave for variables of the site without a value. */
      readonly variables: readonly PolicyVariable[]
    }
  | { readonly kind: 'nobody-chose' }

export async function chooseDeployment(parts: ChooseParts): Promise<Chosen> {
  let lastSaid = ''
  for (;;) {
    const { session, code, machine } = await parts.hello()
    if (machine.kind === 'armed') {
      const choice = await choose(machine.selection, machine.name, parts)
      if (choice === undefined) return { kind: 'nobody-chose' }
      const wasAsked = machine.selection.kind === 'choose'
      // Nobody may sit before a machine that starts by itself.
      const variables = await askForVariables(wasAsked ? (choice.emptyVariables ?? []) : [], parts)
      if (variables === undefined) return { kind: 'nobody-chose' }
      return { kind: 'start', choice, session, machineName: machine.name, wasAsked, variables }
    }
    const text = standingText(machine, code)
    if (text !== lastSaid) parts.say(text)
    lastSaid = text
    await waitOrRetry(machine.askAgainSeconds, parts)
  }
}

function standingText(machine: Exclude<MachineStanding, { kind: 'armed' }>, code: string): string {
  if (machine.kind === 'waiting-for-approval') {
    return `Waiting for an administrator to approve this machine. Its code is ${code}: the console must show the same.`
  }
  return `Nothing to run on this machine: ${machine.reason}\nType r and Enter to ask again now.`
}

/** The number a person typed, as the choice it stands for. */
function parseChoice(line: string, choices: readonly Choice[]): Choice | undefined {
  const text = line.trim()
  return /^[1-9][0-9]{0,3}$/.test(text) ? choices[Number(text) - 1] : undefined
}

async function choose(selection: Selection, name: string, parts: ChooseParts): Promise<Choice | undefined> {
  if (selection.kind === 'start') {
    parts.say(`${name}: starting "${selection.choice.taskSequenceName}" (${selection.because} deployment)`)
    return selection.choice
  }
  const { choices } = selection
  const list = choices.map(({ taskSequenceName, description }, index) => {
    return `  ${index + 1}  ${taskSequenceName}${description === '' ? '' : ` - ${description}`}`
  })
  parts.say([`${name}: choose a task sequence by its number`, ...list].join('\n'))
  const timeoutMs = parts.chooseSeconds === 0 ? undefined : parts.chooseSeconds * 1_000
  if (timeoutMs !== undefined) parts.say(`Without a choice this machine restarts in ${parts.chooseSeconds} seconds.`)
  for (;;) {
    const line = await parts.readLine(timeoutMs)
    if (line === undefined) return undefined
    const choice = parseChoice(line, choices)
    if (choice !== undefined) return choice
    parts.say(`Type a number from 1 to ${choices.length}.`)
  }
}

/** Ends early only for `r`: other keys must not make the machine ask without pause. */
async function waitOrRetry(seconds: number, parts: ChooseParts): Promise<void> {
  const endMs = performance.now() + Math.max(seconds, 1) * 1_000
  for (let leftMs = endMs - performance.now(); leftMs > 0; leftMs = endMs - performance.now()) {
    const line = await parts.readLine(leftMs)
    if (line === undefined || line.trim().toLowerCase() === 'r') return
  }
}
