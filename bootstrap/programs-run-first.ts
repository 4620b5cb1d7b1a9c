/**
 * For which task sequences "run another program first" has succeeded on this system (S1-075): it is not run again then. A system
 * that is installed anew begins anew.
 */

import { dirname } from 'node:path'
import { makeOwnerOnlyFolder, readOwnFile, replaceFile } from './durable-file.ts'

/** Below the root of the installed system. */
export const programsRunFirstFile = 'var/lib/reveille/programs-run-first.json'

const fileBytesMax = 65_536
/** The newest are kept; a program that runs once more is no harm. */
const idsMax = 1_000

/** Identifiers of task sequences; none when the file cannot be read. */
export function readProgramsRunFirst(path: string): readonly string[] {
  try {
    const ids: unknown = JSON.parse(readOwnFile(path, fileBytesMax)?.toString('utf8') ?? '[]')
    return Array.isArray(ids) ? ids.filter((id) => typeof id === 'string') : []
  } catch {
    return []
  }
}

export function rememberProgramRunFirst(path: string, taskSequenceId: string): void {
  const ids = readProgramsRunFirst(path).filter((id) => id !== taskSequenceId)
  makeOwnerOnlyFolder(dirname(path))
  replaceFile(path, JSON.stringify([...ids, taskSequenceId].slice(-idsMax)))
}
