/** Documents from files, YAML or JSON: what is too much for options. */

import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { messageOf } from '../caught-error.ts'
import { CliError } from './cli-error.ts'

export function readDocument(given: unknown): unknown {
  const file = String(given)
  try {
    return parse(readFileSync(file, 'utf8'))
  } catch (error) {
    throw new CliError(`${file}: ${messageOf(error)}`, { cause: error })
  }
}
