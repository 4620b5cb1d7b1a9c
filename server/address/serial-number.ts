/** Serial numbers of SMBIOS: texts that makers write as they like, and often leave at what the board's maker wrote. */

/** As they are compared: some firmware pads them, some changes their case. */
export function foldSerialNumber(text: string): string {
  return text.normalize('NFKC').toUpperCase().replaceAll(/\s+/g, ' ').trim()
}

/** False: many machines have it. Shorter than four characters, one character repeated, a run of digits, or what boards come with. */
export function isMeaningfulSerialNumber(text: string): boolean {
  const folded = foldSerialNumber(text)
  const signs = folded.replaceAll(/[^\p{L}\p{N}]/gu, '')
  if (signs.length < 4 || /^(.)\1*$/u.test(signs)) return false
  return !placeholders.has(folded.replace(/[.!]+$/, '')) && !'01234567890123456789'.includes(folded)
}

const placeholders: ReadonlySet<string> = new Set([
  'TO BE FILLED BY O.E.M',
  'TO BE FILLED BY OEM',
  'TO BE FILLED',
  'DEFAULT STRING',
  'DEFAULT_STRING',
  'SYSTEM SERIAL NUMBER',
  'CHASSIS SERIAL NUMBER',
  'BASE BOARD SERIAL NUMBER',
  'SERIAL NUMBER',
  'SERNUM0',
  'NOT SPECIFIED',
  'NOT APPLICABLE',
  'NOT AVAILABLE',
  'UNKNOWN',
  'NONE',
  'NULL',
  'INVALID',
  'EMPTY',
  'OEM_SERIAL',
])
