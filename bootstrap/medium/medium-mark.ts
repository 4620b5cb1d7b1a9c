/**
 * A mark on a disk: this machine was set up from this medium. A stick that stays plugged in is started again by many
 * machines after each restart; an unattended one would install in circles, and erase what people did meanwhile. So an
 * unattended medium never starts by itself on a machine whose disk has its mark, however old that is: no clock is trusted
 * with somebody's files. The mark is written as soon as a run has a disk, and outlives the run.
 */

import { join } from 'node:path'
import { type MediumId, parseMediumId } from '../../server/contract/medium.ts'
import { isFields } from '../decode-answer.ts'
import { makeOwnerOnlyFolder, readOwnFile, replaceFile } from '../durable-file.ts'
import { isSameMachine, type MachineMark } from '../run-file.ts'
import { isPlainPath } from '../target-files.ts'

/** Below the root of the system; beside the run's folder. */
export const markFolder = 'var/lib/reveille'
export const markFile = 'started-from-medium.json'
const markBytesMax = 64 * 1024

export interface MediumMark {
  readonly mediumId: MediumId
  readonly atMs: number
  /** An image that was captured from this machine has the mark too. */
  readonly machine: MachineMark
}

export function writeMediumMark(root: string, mark: MediumMark): void {
  if (!isPlainPath(root, markFolder)) return
  makeOwnerOnlyFolder(join(root, markFolder))
  replaceFile(join(root, markFolder, markFile), JSON.stringify(mark))
}

/** Undefined: none of this medium and this machine. */
export function readMediumMark(root: string, mediumId: MediumId, machine: MachineMark): MediumMark | undefined {
  if (!isPlainPath(root, markFolder)) return undefined
  const octets = readOwnFile(join(root, markFolder, markFile), markBytesMax)
  const mark = octets === undefined ? undefined : decodeMark(octets.toString('utf8'))
  return mark?.mediumId === mediumId && isSameMachine(mark.machine, machine) ? mark : undefined
}

function decodeMark(text: string): MediumMark | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  if (!isFields(value) || !isFields(value['machine']) || typeof value['atMs'] !== 'number') return undefined
  const mediumId = parseMediumId(String(value['mediumId']))
  const { macAddresses } = value['machine']
  if (mediumId === undefined || !Array.isArray(macAddresses)) return undefined
  return value as unknown as MediumMark
}
