/**
 * The task sequences that the site offers this machine (S6-050), by number; hidden ones are not among them. `r` searches again, and
 * so does Previous where there is no page before (S6-054).
 */

import type { Choice } from '../../server/contract/agent.ts'
import { ask, columnsOf, pageColumnsMax, type PageEnd, pageRoom, type PageParts } from './page.ts'

export type ChosenNumber = PageEnd<Choice> | { readonly kind: 'search-again' }

export async function askChoice(
  machineName: string,
  choices: readonly Choice[],
  parts: PageParts,
): Promise<ChosenNumber> {
  const heading = `${machineName}: choose a task sequence by its number`
  const left =
    parts.chooseSeconds === 0 ? [] : [`Without a choice this machine restarts in ${parts.chooseSeconds} seconds.`]
  const keys = 'A number = run that one, r = search again, m = more, p = Previous'
  const rows = pageRoom({ heading, keys }) - left.length - 1
  for (let first = 0, said: readonly string[] = []; ; ) {
    const list = choices.slice(first, first + rows).map((choice, index) => lineOf(choice, first + index))
    const shown = choices.length > rows ? keys : keys.replace(' m = more,', '')
    const typed = await ask({ heading, lines: [...list, ...left, ...said], keys: shown }, parts)
    if (typed.kind !== 'next') return typed
    const key = typed.value.toLowerCase()
    if (key === 'r') return { kind: 'search-again' }
    if (key === 'm') first = first + rows < choices.length ? first + rows : 0
    const choice = /^[1-9][0-9]{0,3}$/.test(key) ? choices[Number(key) - 1] : undefined
    if (choice !== undefined) return { kind: 'next', value: choice }
    said = key === 'm' ? [] : [`Type a number from 1 to ${choices.length}.`]
  }
}

function lineOf({ taskSequenceName, description }: Choice, index: number): string {
  return shorten(`  ${index + 1}  ${taskSequenceName}${description === '' ? '' : ` - ${description}`}`)
}

/** One line of a list, whatever names are. */
export function shorten(text: string, columns = pageColumnsMax): string {
  const line = text.replaceAll(/[\r\n\t]+/g, ' ').trimEnd()
  if (columnsOf(line) <= columns) return line
  let short = ''
  let used = 0
  for (const character of line) {
    used += columnsOf(character)
    if (used > columns - 3) break
    short += character
  }
  return `${short}...`
}
