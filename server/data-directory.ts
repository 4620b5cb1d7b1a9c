/** The folder of database, content and built images: made where it is missing, and asked at once whether it can be used. */

import { access, constants, mkdir } from 'node:fs/promises'
import { messageOf } from './caught-error.ts'

/** Undefined: it can be used. Otherwise what to do about it, for the administrator. */
export async function prepareDataDirectory(path: string): Promise<string | undefined> {
  try {
    await mkdir(path, { recursive: true, mode: 0o750 })
    await access(path, constants.R_OK | constants.W_OK | constants.X_OK)
    return undefined
  } catch (error) {
    const reason = messageOf(error)
    return `the data directory ${path} cannot be used (${reason}). Choose another with --data, or start as the user who owns it`
  }
}
