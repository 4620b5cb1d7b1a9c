/**
 * From the server's word on this machine to the deployment that starts (S6-040 to S6-051). A preferred or required one
 * starts without a question; several available ones are listed by number, and when nobody chooses in time the machine
 * goes on to its next boot device, as it does when nobody presses F12 (S6-020). Who chose is asked for variables too. While there is nothing to run, or an
 * administrator has to approve, it says so, asks again by itself, and at once when somebody wants it (S6-054).
 */

import type { Choice, HelloAnswer, MachineStanding, PolicyVariable, Selection } from '../server/contract/agent.ts'
import type { IsAwaited } from './management-point.ts'
import { askChoice } from './wizard/choose-page.ts'
import { type PageEnd, type PageParts, printPage } from './wizard/page.ts'
import { askForVariables } from './wizard/variables-page.ts'

export interface ChooseParts extends PageParts {
  /** Undefined: somebody did not want to wait for the site any more. */
  readonly hello: (isAwaited: IsAwaited) => Promise<HelloAnswer | undefined>
  /** The pages of a medium come before: Previous leads back to them. */
  readonly hasPrevious?: boolean
  /** Nobody may be asked to choose (S6-056). */
  readonly isUnattended?: boolean
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
  | { readonly kind: 'previous' }

export async function chooseDeployment(parts: ChooseParts): Promise<Chosen> {
  let lastSaid = ''
  for (;;) {
    const answer = await parts.hello((ms) => isSiteAwaited(ms, parts))
    if (answer === undefined) return { kind: 'previous' }
    const { session, code, machine } = answer
    if (machine.kind === 'armed') {
      const { selection, name: machineName } = machine
      if (selection.kind === 'start') {
        parts.say(`${machineName}: starting "${selection.choice.taskSequenceName}" (${selection.because} deployment)`)
        // Nobody may sit before a machine that starts by itself.
        return { kind: 'start', choice: selection.choice, session, machineName, wasAsked: false, variables: [] }
      }
      const chosen =
        parts.isUnattended === true ? ({ kind: 'waited' } as const) : await choose(selection, machineName, parts)
      if (chosen.kind === 'next') return { kind: 'start', session, machineName, wasAsked: true, ...chosen.value }
      if (chosen.kind === 'nobody') return { kind: 'nobody-chose' }
      if (chosen.kind === 'previous' && parts.hasPrevious === true) return chosen
      if (chosen.kind !== 'waited') continue
    }
    const text = standingText(machine, { code, hasPrevious: parts.hasPrevious === true })
    if (text !== lastSaid) parts.say(text)
    lastSaid = text
    const askAgainSeconds = machine.kind === 'armed' ? unattendedAskAgainSeconds : machine.askAgainSeconds
    if ((await waitOrRetry(askAgainSeconds, parts)) === 'previous') return { kind: 'previous' }
  }
}

/** What was typed on the page before may be wrong: a card, an address, a VLAN. */
async function isSiteAwaited(ms: number, parts: ChooseParts): Promise<boolean> {
  if (parts.hasPrevious === true) parts.say('The site does not answer. Enter = try again now, p = Previous')
  return (await waitOrRetry(ms / 1_000, parts)) === 'again'
}

/** A site that offers a list to whoever cannot choose has not deployed what the medium prefers, yet. */
const unattendedAskAgainSeconds = 60

type ListEnd =
  | PageEnd<{ readonly choice: Choice; readonly variables: readonly PolicyVariable[] }>
  | { readonly kind: 'search-again' }

async function choose(
  { choices }: Extract<Selection, { kind: 'choose' }>,
  machineName: string,
  parts: ChooseParts,
): Promise<ListEnd> {
  for (;;) {
    const choice = await askChoice(machineName, choices, parts)
    if (choice.kind !== 'next') return choice
    const variables = await askForVariables(choice.value.emptyVariables ?? [], parts)
    if (variables.kind === 'nobody') return variables
    if (variables.kind === 'next') {
      return { kind: 'next', value: { choice: choice.value, variables: variables.value } }
    }
  }
}

function standingText(
  machine: MachineStanding,
  { code, hasPrevious }: { readonly code: string; readonly hasPrevious: boolean },
): string {
  const keys = `Enter = search again now${hasPrevious ? ', p = Previous' : ''}`
  if (machine.kind === 'waiting-for-approval') {
    const lines = [`Its code is ${code}: the console must show the same.`]
    return printPage({ heading: 'Waiting for an administrator to approve this machine.', lines, keys })
  }
  if (machine.kind === 'armed') {
    const lines = ['The site has task sequences to choose from, and this medium may start its preferred one only.']
    return printPage({ heading: 'Nothing to run on this machine', lines, keys })
  }
  const lines = [machine.reason, '', 'No task sequence is available. It is searched for again and again.']
  return printPage({ heading: 'Nothing to run on this machine', lines, keys })
}

/** Ends early only for keys that mean it: others must not make the machine ask without pause. */
async function waitOrRetry(seconds: number, parts: ChooseParts): Promise<'again' | 'previous'> {
  const endMs = performance.now() + Math.max(seconds, 1) * 1_000
  for (let leftMs = endMs - performance.now(); leftMs > 0; leftMs = endMs - performance.now()) {
    const line = (await parts.readLine(leftMs))?.trim().toLowerCase()
    if (line === 'p' && parts.hasPrevious === true) return 'previous'
    if (line === undefined || line === '' || line === 'r' || line === 'p') return 'again'
  }
  return 'again'
}
