/** Files that the command line writes and reads whole: never over one that is there, unless it is asked for, and nothing half-written stays. */

import { createWriteStream } from 'node:fs'
import { rename, rm, stat } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { messageOf } from '../caught-error.ts'
import { CliError } from './cli-error.ts'

export async function writeNew(
  file: string,
  octets: NodeJS.ReadableStream | AsyncIterable<Uint8Array>,
  mode = 0o644,
): Promise<void> {
  const target = createWriteStream(file, { flags: 'wx', mode })
  let isOurs = false
  target.once('open', () => (isOurs = true))
  try {
    await pipeline(octets, target)
  } catch (error) {
    if (isOurs) await rm(file, { force: true })
    throw error instanceof CliError ? error : new CliError(`${file}: ${messageOf(error)}`, { cause: error })
  }
}

/** In place of a file that may be there; until the last octet that one stays as it is. */
export async function replaceFile(
  file: string,
  octets: NodeJS.ReadableStream | AsyncIterable<Uint8Array>,
): Promise<void> {
  const beside = `${file}.part`
  await rm(beside, { force: true })
  await writeNew(beside, octets)
  await rename(beside, file)
}

export async function bytesOf(file: string): Promise<number> {
  try {
    return (await stat(file)).size
  } catch (error) {
    throw new CliError(`${file}: ${messageOf(error)}`, { cause: error })
  }
}
