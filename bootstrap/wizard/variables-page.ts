/**
 * What a person who chose a deployment is asked for (S1-068, S6-051): each variable of the site that has no value, by its
 * name, and then all of them to look over and change. Enter leaves one empty. Secret ones are typed without an echo, and shown as
 * stars. What no value can be is asked for again: a control character is a key that was meant for something else, and travels
 * into scripts and files otherwise.
 */

import type { EmptyVariable, PolicyVariable } from '../../server/contract/agent.ts'
import { variableValueCharactersMax } from '../../server/sequence/environment.ts'
import { shorten } from './choose-page.ts'
import { ask, type PageEnd, pageRoom, type PageParts } from './page.ts'

const heading = 'Task sequence variables'

/** Those that were given a value. */
export async function askForVariables(
  asked: readonly EmptyVariable[],
  parts: PageParts,
): Promise<PageEnd<readonly PolicyVariable[]>> {
  const values = new Map<string, string>()
  for (const variable of asked) {
    const value = await askFor(variable, parts)
    if (value === undefined) return { kind: 'nobody' }
    values.set(variable.name, value)
  }
  if (asked.length === 0) return { kind: 'next', value: [] }
  for (let first = 0; ; ) {
    const keys = `Enter = go on, a number = change that one${asked.length > rows ? ', m = more' : ''}, p = Previous`
    const lines = asked.map((variable, index) => lineOf(variable, index, values)).slice(first, first + rows)
    const typed = await ask({ heading, lines, keys }, parts)
    if (typed.kind !== 'next') return typed
    if (typed.value === '') return { kind: 'next', value: given(asked, values) }
    if (typed.value.toLowerCase() === 'm') first = first + rows < asked.length ? first + rows : 0
    const changed = /^[1-9][0-9]{0,2}$/.test(typed.value) ? asked[Number(typed.value) - 1] : undefined
    if (changed === undefined) continue
    const value = await askFor(changed, parts)
    if (value === undefined) return { kind: 'nobody' }
    values.set(changed.name, value)
  }
}

const rows = pageRoom({ heading, keys: '' })

function given(asked: readonly EmptyVariable[], values: ReadonlyMap<string, string>): readonly PolicyVariable[] {
  return asked.flatMap(({ name, secret }) => {
    const value = values.get(name) ?? ''
    return value === '' ? [] : [{ name, value, secret }]
  })
}

function lineOf({ name, secret }: EmptyVariable, index: number, values: ReadonlyMap<string, string>): string {
  const value = values.get(name) ?? ''
  const shown = value === '' ? '(empty)' : secret ? '***' : value
  return shorten(`  ${index + 1}  ${name} = ${shown}`)
}

async function askFor({ name, secret }: EmptyVariable, parts: PageParts): Promise<string | undefined> {
  const timeoutMs = parts.chooseSeconds === 0 ? undefined : parts.chooseSeconds * 1_000
  for (;;) {
    // The keyboard is read before anybody is asked to type: until then a terminal echoes.
    const typed = parts.readLine(timeoutMs, secret)
    parts.say(`Value of ${shorten(name, 40)}${secret ? ' (what you type is not shown)' : ''}, Enter alone = empty:`)
    const value = await typed
    const fault = value === undefined ? undefined : faultOf(value)
    if (fault === undefined) return value
    // Never the line itself: it may be a secret, and does what it does to the screen.
    parts.say(fault)
  }
}

function faultOf(value: string): string | undefined {
  // oxlint-disable-next-line no-control-regex
  if (/[\u0000-\u001f\u007f-\u009f]/.test(value)) {
    return 'That has characters that are no text, as arrow keys send them. Type it again.'
  }
  if (value.includes('\ufffd')) return 'That is no text in UTF-8. Type it again.'
  const tooLong = value.length > variableValueCharactersMax
  return tooLong ? `A value has up to ${variableValueCharactersMax} characters. Type a shorter one.` : undefined
}
