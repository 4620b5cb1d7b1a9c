/**
 * Masks the values of secret variables in everything that leaves the agent: console, output lines, messages
 * (security 6.6, A08). It knows each value raw and in the spellings that programs print: base64 in its three
 * alignments, hexadecimal, URL, JSON and shell quoting. A stream is masked across its chunks: the end of a chunk that
 * could be the beginning of a secret is held back until the next one tells.
 */

import { secretCharactersMin } from '../server/site/site-variable.ts'

export const mask = '***'

export class Redactor {
  #patterns: readonly string[] = []
  readonly #values = new Set<string>()

  /** From now on this value is masked. False when it is too short to be. */
  learn(value: string): boolean {
    if (this.#values.has(value)) return true
    if (value.length < secretCharactersMin) return false
    const lines = value.split(/\r?\n/).filter((line) => line.length >= secretCharactersMin)
    for (const text of [value, ...lines]) this.#values.add(text)
    const spellings = new Set([...this.#values].flatMap(spellingsOf))
    // The longest first, so that a spelling which contains another is masked whole.
    this.#patterns = [...spellings].sort((one, other) => other.length - one.length)
    return true
  }

  redact(text: string): string {
    return this.#patterns.reduce((masked, pattern) => masked.replaceAll(pattern, mask), text)
  }

  stream(): RedactorStream {
    return new RedactorStream(
      (text) => this.redact(text),
      (text) => this.#openEnd(text),
    )
  }

  /** How many characters at the end may be the beginning of a secret. */
  #openEnd(text: string): number {
    let longest = 0
    for (const pattern of this.#patterns) {
      for (let length = Math.min(pattern.length - 1, text.length); length > longest; length -= 1) {
        if (text[text.length - length] !== pattern[0]) continue
        if (pattern.startsWith(text.slice(-length))) longest = length
      }
    }
    return longest
  }
}

export class RedactorStream {
  readonly #redact: (text: string) => string
  readonly #openEnd: (text: string) => number
  #held = ''

  constructor(redact: (text: string) => string, openEnd: (text: string) => number) {
    this.#redact = redact
    this.#openEnd = openEnd
  }

  write(chunk: string): string {
    const text = this.#redact(this.#held + chunk)
    const open = this.#openEnd(text)
    this.#held = text.slice(text.length - open)
    return text.slice(0, text.length - open)
  }

  end(): string {
    const rest = this.#held
    this.#held = ''
    return rest
  }
}

function spellingsOf(value: string): readonly string[] {
  const octets = Buffer.from(value)
  const hex = octets.toString('hex')
  const url = encodeURIComponent(value)
  return [
    value,
    ...[0, 1, 2].map((shift) => base64Inside(octets, shift)),
    hex,
    hex.toUpperCase(),
    url,
    url.replaceAll('%20', '+'),
    JSON.stringify(value).slice(1, -1),
    value.replaceAll("'", "'\\''"),
  ].filter((text) => text.length >= secretCharactersMin)
}

/** The characters of base64 that depend on the value alone when `shift` octets stand before it. */
function base64Inside(octets: Buffer, shift: number): string {
  const padded = Buffer.concat([Buffer.alloc(shift), octets])
  const whole = padded.length - (padded.length % 3)
  return padded
    .subarray(0, whole)
    .toString('base64')
    .slice(shift === 0 ? 0 : 4)
}
