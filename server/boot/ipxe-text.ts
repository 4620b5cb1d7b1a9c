/**
 * The one encoder between names and iPXE scripts (security B07). iPXE has no quoting: a line is cut into words at
 * white space, `#` begins a comment, `||` and `&&` are operators, `${…}` is expanded, and a backslash joins lines. So
 * what is not plainly harmless is replaced, for people to read, not to be read back.
 */

const textCharactersMax = 100

/**
 * Text for the middle of an `echo` or `prompt` line. It must follow a fixed word: iPXE would take a first word that
 * begins with a dash for an option.
 */
export function encodeIpxeText(text: string): string {
  const plain = Array.from(text.slice(0, textCharactersMax * 2), (character) => (isPlain(character) ? character : '?'))
  return plain.slice(0, textCharactersMax).join('').trim()
}

function isPlain(character: string): boolean {
  return /^[A-Za-z0-9 ._:;,/()@+=-]$/.test(character)
}
