/** A library in a directory of its own, and sources to fill it from. */

import { createHash } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ExecutionContext } from 'ava'
import { assert } from '../../server/assert.ts'
import { ContentLibrary } from '../../server/content/content-library.ts'
import type { LibraryOptions } from '../../server/content/content-library.ts'
import { parseSha256 } from '../../server/site/content.ts'
import type { Sha256 } from '../../server/site/content.ts'

export interface TestLibrary {
  readonly library: ContentLibrary
  readonly directory: string
}

export async function openTestLibrary(
  t: ExecutionContext,
  options: Omit<LibraryOptions, 'directory'> = {},
): Promise<TestLibrary> {
  const directory = join(await temporaryDirectory(t), 'content')
  return { library: await ContentLibrary.open({ ...options, directory }), directory }
}

export async function temporaryDirectory(t: ExecutionContext): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'reveille-content-'))
  t.teardown(() => rm(directory, { recursive: true, force: true }))
  return directory
}

export async function* chunks(...texts: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield new TextEncoder().encode(text)
}

/** An upload whose connection breaks. */
export async function* broken(text: string): AsyncGenerator<Uint8Array> {
  yield* chunks(text)
  throw new Error('the connection broke')
}

export function sha256Of(text: string): Sha256 {
  const sha256 = parseSha256(createHash('sha256').update(text).digest('hex'))
  assert(sha256 !== undefined, 'a SHA-256 is 64 hexadecimal digits')
  return sha256
}

export function blobPath(directory: string, sha256: Sha256): string {
  return join(directory, 'blobs', sha256.slice(0, 2), sha256)
}
