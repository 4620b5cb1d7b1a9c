/**
 * Download Package Content (S2-040, S2-041): content of any kind as a folder of files. A custom path gets it when it is
 * complete: it is fetched to the working directory and moved from there.
 */

import { cp, mkdir, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { AssertionError } from '../../server/assert.ts'
import type { Variable } from '../../server/sequence/environment.ts'
import {
  type DownloadPackageContent,
  pathVariableOf,
} from '../../server/sequence/step-types/download-package-content.ts'
import { cacheFolder, fetchContent, findContent, requireRoom, workingFolder } from '../package-content.ts'
import { type StepContext, StepFailed, type StepResult, variable } from '../step-context.ts'
import { makeTargetFolder } from '../target-files.ts'

export async function downloadPackageContent(
  action: DownloadPackageContent,
  context: StepContext,
): Promise<StepResult> {
  const parent = await placeOf(action, context)
  const contents = action.content.flatMap(({ id }) => context.content.find((content) => content.id === id) ?? [])
  await requireRoom(parent, contents)
  const variables: Variable[] = []
  for (const [index, { id, kind }] of action.content.entries()) {
    try {
      const content = findContent(context, id, kind.replaceAll('-', ' '))
      const fetched = await fetchContent(context, content, { parent })
      const folder = action.location === 'custom' ? await move(fetched, join(action.customPath, id)) : fetched
      context.output('log', `${content.name} is in ${folder}`)
      if (action.pathVariable !== undefined)
        variables.push(variable(pathVariableOf(action.pathVariable, index), folder))
    } catch (error) {
      // Faults of the world only; ours are not passed over.
      if (error instanceof AssertionError || !(error instanceof Error)) throw error
      if (!action.continueOnFailure || context.signal.aborted) throw error
      context.output('log', context.redactor.redact(`${id} is left out: ${error.message}`))
    }
  }
  return { exitCode: 0, message: '', variables }
}

/** What goes to a folder of its own is moved from here, and what lies in the folder of the task sequence stays. */
async function placeOf({ location }: DownloadPackageContent, context: StepContext): Promise<string> {
  if (location === 'client-cache') return cacheFolder(context)
  const folder = await workingFolder(context)
  return location === 'custom' ? makeTargetFolder(folder, 'moved') : folder
}

/** By renaming where both are on one disk; otherwise a copy, which gets its name when it is complete. */
async function move(fetched: string, folder: string): Promise<string> {
  const windows = /^[a-z]:/i.test(folder)
  if (windows) throw new StepFailed(`${folder} is a folder of Windows, and this system is not`)
  await mkdir(dirname(folder), { recursive: true })
  const beside = join(dirname(folder), `.${basename(folder)}.new`)
  await rm(beside, { recursive: true, force: true })
  await rename(fetched, beside).catch(async () => {
    await cp(fetched, beside, { recursive: true, verbatimSymlinks: true })
    await rm(fetched, { recursive: true, force: true })
  })
  await rm(folder, { recursive: true, force: true })
  await rename(beside, folder)
  return folder
}
