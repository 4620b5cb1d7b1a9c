/**
 * What a person who chose a deployment is asked for (S1-068, S6-051): each variable of the site that has no value, by its
 * name. Enter leaves it empty. Secret ones are typed without an echo. What no value can be is asked for again: a control
 * character is a key that was meant for something else, and travels into scripts and files otherwise.
 */

import type { EmptyVariable, PolicyVariable } from '../server/contract/agent.ts'
import { variableValueCharactersMax } from '../server/sequence/environment.ts'

export interface AskParts {
  readonly say: (text: string) => void
  /** One typed line, or undefined when the time is over. */
  readonly readLine: (timeoutMs: number | undefined, isHidden?: boolean) => Promise<string | undefined>
  /** 0 waits for ever. */
  readonly chooseSeconds: number
}

/** Those that were given a value; undefined when nobody types any more. */
export async function askForVariables(
  asked: readonly EmptyVariable[],
  parts: AskParts,
): Promise<readonly PolicyVariable[] | undefined> {
  if (asked.length > 0) parts.say('Variables without a value follow. Type one and Enter; Enter alone leaves it empty.')
  const given: PolicyVariable[] = []
  for (const { name, secret } of asked) {
    const value = await askFor({ name, secret }, parts)
    if (value === undefined) return undefined
    if (value !== '') given.push({ name, value, secret })
  }
  return given
}

async function askFor({ name, secret }: EmptyVariable, parts: AskParts): Promise<string | undefined> {
  const timeoutMs = parts.chooseSeconds === 0 ? undefined : parts.chooseSeconds * 1_000
  for (;;) {
    // The keyboard is read before anybody is asked to type: until then a terminal echoes.
    const typed = parts.readLine(timeoutMs, secret)
    parts.say(secret ? `${name} (what you type is not shown):` : `${name}:`)
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
