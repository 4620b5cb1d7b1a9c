/** An applied Windows, seen from the boot image: is it one, and its answer file, where its setup looks first. */

import { join } from 'node:path'
import type { Answers } from './answers.ts'
import { withAnswers } from './answers.ts'
import { type StepContext, StepFailed } from './step-context.ts'
import { listTargetFolder, makeTargetFolder, readTargetFile, writeTargetFile } from './target-files.ts'
import { XmlFault } from './xml-tree.ts'

/** NTFS keeps the case of a name, and Windows does not look at it. */
async function spelled(root: string, names: readonly string[]): Promise<string> {
  let path = ''
  for (const name of names) {
    const found = (await listTargetFolder(root, path)).find((each) => each.toLowerCase() === name.toLowerCase())
    path = join(path, found ?? name)
  }
  return path
}

export async function isWindows(root: string): Promise<boolean> {
  const names = await listTargetFolder(root, await spelled(root, ['Windows', 'System32']))
  return names.length > 0
}

/** Passwords stand in the file until the setup of Windows has read it, which then removes them. */
export async function addAnswers(root: string, answers: readonly Answers[], context: StepContext): Promise<void> {
  const folder = await spelled(root, ['Windows', 'Panther', 'Unattend'])
  await makeTargetFolder(root, folder)
  const path = await spelled(root, [...folder.split('/'), 'unattend.xml'])
  const before = await readTargetFile(root, path)
  try {
    await writeTargetFile(root, path, withAnswers(before, answers, context.hardware.architecture), 0o600)
  } catch (error) {
    if (!(error instanceof XmlFault)) throw error
    throw new StepFailed(`the answer file ${path} cannot be read: ${error.message}`)
  }
  context.output('log', `wrote ${path}`)
}
