/**
 * A page of the wizard: a heading, text, and one line that says which keys do what. Plain lines, because they go to screens,
 * serial lines and logs alike; at most 78 columns and 22 lines, whatever names are, so that 80x25 holds it with the line that
 * is typed.
 */

export interface Page {
  readonly heading: string
  readonly lines: readonly string[]
  /** Such as `Enter = go on, p = Previous`. */
  readonly keys: string
}

export interface PageParts {
  readonly say: (text: string) => void
  /** One typed line, or undefined when the time is over or there is no keyboard. */
  readonly readLine: (timeoutMs: number | undefined, isHidden?: boolean) => Promise<string | undefined>
  /** How long a page waits for somebody; 0 waits for ever. */
  readonly chooseSeconds: number
}

/** What a page ends with. `nobody`: its time is over. */
export type PageEnd<T> =
  | { readonly kind: 'next'; readonly value: T }
  | { readonly kind: 'previous' }
  | { readonly kind: 'nobody' }

export const pageColumnsMax = 78
export const pageLinesMax = 22
/** A blank line before and after the heading, and before the keys. */
const blankLines = 3

export function printPage({ heading, lines, keys }: Page): string {
  const top = wrap(heading).slice(0, 2)
  const bottom = wrap(keys).slice(0, 3)
  const room = pageLinesMax - blankLines - top.length - bottom.length
  const body = lines.flatMap((line) => wrap(line))
  const shown =
    body.length <= room ? body : [...body.slice(0, room - 1), `... and ${body.length - room + 1} lines more`]
  return ['', ...top, '', ...shown, '', ...bottom].join('\n')
}

/** How many lines of text a page with these two has room for. */
export function pageRoom({ heading, keys }: Pick<Page, 'heading' | 'keys'>): number {
  return pageLinesMax - blankLines - Math.min(wrap(heading).length, 2) - Math.min(wrap(keys).length, 3)
}

/** Shows the page and reads a line; `p` goes back. Keys are letters of any case. */
export async function ask(page: Page, parts: PageParts, isHidden = false): Promise<PageEnd<string>> {
  const timeoutMs = parts.chooseSeconds === 0 ? undefined : parts.chooseSeconds * 1_000
  // The keyboard is read before anybody is asked to type: until then a terminal echoes.
  const typed = parts.readLine(timeoutMs, isHidden)
  parts.say(printPage(page))
  const line = await typed
  if (line === undefined) return { kind: 'nobody' }
  // What is hidden may be any text.
  if (!isHidden && line.trim().toLowerCase() === 'p') return { kind: 'previous' }
  return { kind: 'next', value: isHidden ? line : line.trim() }
}

/** Lines of at most so many columns; a text that begins with spaces keeps them on every line. */
export function wrap(text: string, columns = pageColumnsMax): readonly string[] {
  return text.split('\n').flatMap((line) => wrapLine(line, columns))
}

function wrapLine(text: string, columns: number): readonly string[] {
  const clean = text.replaceAll('\t', ' ').trimEnd()
  const indent = /^ {0,8}/.exec(clean)?.[0] ?? ''
  const lines: string[] = []
  let line = indent
  let used = indent.length
  const end = (): void => {
    lines.push(line.trimEnd())
    line = indent
    used = indent.length
  }
  for (const word of clean.slice(indent.length).split(/(?<= )/)) {
    if (used + columnsOf(word.trimEnd()) > columns && used > indent.length) end()
    for (const character of word) {
      const width = columnsOf(character)
      // A blank at the end of a line takes no room.
      if (used + width > columns && character !== ' ') end()
      line += character
      used += width
    }
  }
  end()
  return lines
}

/** Ideographs and their like take two columns (Unicode Standard Annex 11). */
const wide =
  /[\p{Script=Han}\p{Script=Hangul}\p{Script=Hiragana}\p{Script=Katakana}\p{Emoji_Presentation}\uff01-\uff60\u3000-\u303f]/u

export function columnsOf(text: string): number {
  return Array.from(text).reduce((columns, character) => columns + (wide.test(character) ? 2 : 1), 0)
}
