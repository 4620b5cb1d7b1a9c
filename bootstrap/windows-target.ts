/** An applied Windows, seen from the boot image: is it one, and its answer file, where its setup looks first. */

import { join } from 'node:path'
import { answerFilePath, findName } from './answer-file.ts'
import type { Answers } from './answers.ts'
import { withAnswers } from './answers.ts'
import { type StepContext, StepFailed } from './step-context.ts'
import { listTargetFolder, readTargetFile, writeTargetFile } from './target-files.ts'
import { XmlFault } from './xml-tree.ts'

export async function isWindows(root: string): Promise<boolean> {
  const windows = (await findName(root, '', 'Windows')) ?? 'Windows'
  const system = join(windows, (await findName(root, windows, 'System32')) ?? 'System32')
  return (await listTargetFolder(root, system)).length > 0
}

/** Passwords stand in the file until the setup of Windows has read it, which then removes them. */
export async function addAnswers(root: string, answers: readonly Answers[], context: StepContext): Promise<void> {
  const path = await answerFilePath(root)
  const before = await readTargetFile(root, path)
  try {
    await writeTargetFile(root, path, withAnswers(before, answers, context.hardware.architecture), 0o600)
  } catch (error) {
    if (!(error instanceof XmlFault)) throw error
    throw new StepFailed(`the answer file ${path} cannot be read: ${error.message}`)
  }
  context.output('log', `wrote ${path}`)
}
