/** "Operating system language" of the source system is a WMI query about a number, spelled exactly so. */

import { languageCode, languageOfCode } from './language-codes.ts'

const words = ['SELECT', 'OsLanguage', 'FROM', 'Win32_OperatingSystem', 'WHERE']

/** Undefined: the language has no number that is known here. */
export function languageQuery(language: string): string | undefined {
  const code = languageCode(language)
  return code === undefined ? undefined : [...words, `OsLanguage='${code}'`].join(' ')
}

/** Undefined: the query asks something else. */
export function languageOfQuery(query: string): string | undefined {
  const code = new RegExp(`^${words.join('\\s+')}\\s+OsLanguage\\s*=\\s*['"]?(\\d+)['"]?$`, 'i').exec(query.trim())?.[1]
  return code === undefined ? undefined : languageOfCode(Number(code))
}
