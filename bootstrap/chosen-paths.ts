/**
 * Settings files of Capture User State for a Linux (S2-050, custom): each line is a path below the folder of a person, such
 * as `Documents` or `.ssh`; `#` begins a comment. The files are those of the step's package.
 */

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { CaptureUserState } from '../server/sequence/step-types/capture-user-state.ts'
import { fetchContent, findContent, workingFolder } from './package-content.ts'
import { type StepContext, StepFailed } from './step-context.ts'

/** Undefined: everything. */
export async function chosenPaths(
  action: CaptureUserState,
  context: StepContext,
): Promise<readonly string[] | undefined> {
  if (action.mode === 'simple') return undefined
  const id = action.packageId ?? context.variable('_OSDMigrateUsmtPackageID')
  if (id === '') throw new StepFailed('the step names settings files, and no package that holds them')
  const content = findContent(context, id, 'package')
  const missing = action.settingsFiles.find((wanted) => !content.files.some(({ name }) => name === wanted))
  if (missing !== undefined) throw new StepFailed(`the package ${id} has no settings file ${missing}`)
  const folder = await fetchContent(context, content, { parent: await workingFolder(context) })
  const texts = await Promise.all(action.settingsFiles.map((name) => readFile(join(folder, name), 'utf8')))
  return [...new Set(texts.flatMap((text) => readPaths(text)))]
}

export function readPaths(text: string): readonly string[] {
  return text.split(/\r?\n/).flatMap((line) => {
    const path = line
      .replace(/#.*/, '')
      .trim()
      .replace(/^~?\/+/, '')
      .replace(/\/+$/, '')
    if (path === '') return []
    if (path.split('/').some((name) => name === '..' || name === '')) {
      throw new StepFailed(`${path} is no path below the folder of a person`)
    }
    return [path]
  })
}
