/** Where a command of a package starts: absolute, or below the folder of its files and never out of it. */

import { isAbsolute, join, sep } from 'node:path'
import { StepFailed } from './step-context.ts'

export function programFolder(folder: string, workingDirectory: string): string {
  if (isAbsolute(workingDirectory)) return workingDirectory
  const place = join(folder, workingDirectory.replaceAll('\\', '/'))
  if (place === folder || place.startsWith(folder + sep)) return place
  throw new StepFailed(`the working directory ${workingDirectory} leads out of the package`)
}
