/**
 * The answer file of Windows (S2-053, S2-056): taken from its package, verified, and put where the setup of Windows looks
 * first, `Windows\Panther\Unattend\unattend.xml`. Its variables are filled in by Setup Windows and ConfigMgr (S2-060).
 */

import { isUtf8 } from 'node:buffer'
import { join } from 'node:path'
import type { ApplyOperatingSystemImage } from '../server/sequence/step-types/apply-operating-system-image.ts'
import { downloadFile } from './download.ts'
import { findContent } from './package-content.ts'
import { type StepContext, StepFailed } from './step-context.ts'
import { listTargetFolder, makeTargetFolder, writeTargetFile } from './target-files.ts'
import { escapeXml } from './xml-tree.ts'

/** A real one has some kilobytes. */
const answerFileBytesMax = 4 * 1024 * 1024

const answerFileFolder = ['Windows', 'Panther', 'Unattend']
const answerFileName = 'unattend.xml'

export async function placeAnswerFile(
  { answerFilePackageId, answerFileName: name }: ApplyOperatingSystemImage,
  context: StepContext,
): Promise<void> {
  if (answerFilePackageId === undefined) return
  if (name === '') throw new StepFailed('the step names the package of an answer file, but no file in it')
  const { root } = context.target
  if ((await findName(root, '', 'Windows')) === undefined) {
    throw new StepFailed('the applied image holds no Windows, so an answer file has no meaning there')
  }
  const content = findContent(context, answerFilePackageId, 'package')
  const wanted = name.replaceAll('\\', '/').toLowerCase()
  const file = content.files.find((each) => each.name.toLowerCase() === wanted)
  if (file === undefined) throw new StepFailed(`the package ${answerFilePackageId} has no file ${name}`)
  if (file.bytes > answerFileBytesMax) {
    throw new StepFailed(`${name} has ${file.bytes} octets, which is no answer file`)
  }
  const chunks: Buffer[] = []
  for await (const chunk of downloadFile(context.download, { content, file, signal: context.signal }))
    chunks.push(chunk)
  await writeTargetFile(root, await answerFilePath(root), readText(Buffer.concat(chunks), name), 0o600)
}

/** Windows takes UTF-16 too, whose octets read as UTF-8 would be lost. */
function readText(octets: Buffer, name: string): string {
  if (isUtf8(octets) && !octets.includes(0)) return octets.toString('utf8')
  throw new StepFailed(`the answer file ${name} is not in UTF-8: save it so, and add the package again`)
}

/** Below the root; its folders are made where they are missing, and spelled as they are there. */
export async function answerFilePath(root: string): Promise<string> {
  let path = ''
  for (const name of answerFileFolder) path = join(path, (await findName(root, path, name)) ?? name)
  await makeTargetFolder(root, path)
  return join(path, (await findName(root, path, answerFileName)) ?? answerFileName)
}

/** NTFS keeps the case of a name, and Windows does not look at it. */
export async function findName(root: string, folder: string, name: string): Promise<string | undefined> {
  const names = await listTargetFolder(root, folder)
  return names.find((each) => each.toLowerCase() === name.toLowerCase())
}

/** S2-060: `%name%` of a set variable, with what XML gives a meaning written as XML writes it. */
export function fillAnswerFile(text: string, variableOf: (name: string) => string): string {
  return text.replaceAll(/%([A-Za-z_][A-Za-z0-9_-]{0,255})%/g, (whole, name: string) => {
    const value = variableOf(name)
    return value === '' ? whole : escapeXml(value)
  })
}
