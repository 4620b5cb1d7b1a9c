/** Where a command of a package starts: absolute, or below the folder of its files and never out of it. */

import { stat } from 'node:fs/promises'
import { isAbsolute, join, sep } from 'node:path'
import { StepFailed } from './step-context.ts'

/** Starting a program where there is no folder fails in words that name the program. */
export async function requireFolder(folder: string): Promise<void> {
  const status = await stat(folder).catch(() => undefined)
  if (status?.isDirectory() !== true) throw new StepFailed(`the working directory ${folder} is not there`)
}

export function programFolder(folder: string, workingDirectory: string): string {
  if (isAbsolute(workingDirectory)) return workingDirectory
  const place = join(folder, workingDirectory.replaceAll('\\', '/'))
  if (place === folder || place.startsWith(folder + sep)) return place
  throw new StepFailed(`the working directory ${workingDirectory} leads out of the package`)
}
