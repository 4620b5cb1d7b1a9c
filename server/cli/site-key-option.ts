/** The site's key for media as it is given: in base64, or in a file. Which one the medium itself names is of no interest. */

import { readFileSync } from 'node:fs'
import { CliError } from './cli-error.ts'

/** 32 octets; padding may be missing, as in base64url. */
const keyPattern = /^[A-Za-z0-9+/_-]{43}=?$/

export function readSiteKey(given: string): string {
  if (keyPattern.test(given)) return given
  let text: string
  try {
    text = readFileSync(given, 'utf8').trim()
  } catch (cause) {
    throw new CliError(`--key: ${given} is neither a key of 32 octets in base64 nor a file that can be read`, { cause })
  }
  if (!keyPattern.test(text)) throw new CliError(`--key: ${given} does not hold a key of 32 octets in base64`)
  return text
}
