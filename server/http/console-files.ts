/**
 * The console's built files, listed once when the server starts: a request's text is looked up in that list and never
 * becomes a path. Names with a hash in them may be kept for ever; the pages themselves are asked for anew.
 */

import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { parseSha256 } from '../site/content.ts'
import { mediaTypeOf } from './media-type.ts'
import { decodeName } from './request-guard.ts'
import type { ContentToSend } from './content-to-send.ts'
import { sendContent } from './send-content.ts'

/** A console is a few hundred files; more is another directory by mistake. */
const filesMax = 5_000

export type ConsoleFiles = ReadonlyMap<string, ContentToSend>

export async function readConsoleFiles(directory: string): Promise<ConsoleFiles> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true })
  const files = new Map<string, ContentToSend>()
  for (const entry of entries.filter((one) => one.isFile()).slice(0, filesMax)) {
    const path = join(entry.parentPath, entry.name)
    const name = relative(directory, path).split(sep).join('/')
    files.set(name, await readConsoleFile(name, path))
  }
  return files
}

async function readConsoleFile(name: string, path: string): Promise<ContentToSend> {
  const octets = await readFile(path)
  const sha256 = parseSha256(createHash('sha256').update(octets).digest('hex'))
  if (sha256 === undefined) throw new Error('a SHA-256 is 64 hexadecimal digits')
  return {
    bytes: octets.length,
    sha256,
    type: mediaTypeOf(name),
    cacheControl: /^assets\/.*-[A-Za-z0-9_-]{8,}\.[a-z0-9]+$/.test(name)
      ? 'public, max-age=31536000, immutable'
      : 'no-cache',
    open: async () => ({
      read: async (position, length) => octets.subarray(position, position + length),
      close: async () => {},
    }),
  }
}

/** False: no such file. A page may be named without its ending, and `/` is the first page. */
export async function sendConsoleFile(
  files: ConsoleFiles,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<boolean> {
  const [path = ''] = (request.url ?? '').slice(1).split('?')
  const name = path === '' ? 'index.html' : decodeName(path)
  const file = name === undefined ? undefined : (files.get(name) ?? files.get(`${name}.html`))
  if (file === undefined) return false
  await sendContent(request, response, file)
  return true
}
