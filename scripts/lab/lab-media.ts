/** Media of a test's site: made and read through the API, as an administrator would. */

import { createWriteStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ServerProcess } from './server-process.ts'

export interface LabMedium {
  readonly id: string
  readonly password?: string
}

/** `fields`: of the API. */
export async function makeMedium(server: ServerProcess, fields: object): Promise<LabMedium> {
  return server.call('POST', '/api/v1/media', { kind: 'bootable', ...fields })
}

/** The image of a volume, into a file. */
export async function downloadMedium(
  { url, token }: ServerProcess,
  {
    id,
    format,
    volume = 1,
  }: { readonly id: string; readonly format: 'iso' | 'usb' | 'disk'; readonly volume?: number },
  file: string,
): Promise<string> {
  const answer = await fetch(`${url}/api/v1/media/${id}/image?format=${format}&volume=${volume}`, {
    headers: { authorization: `Bearer ${token}` },
  })
  if (!answer.ok || answer.body === null) throw new Error(`${answer.status}: ${await answer.text()}`)
  await pipeline(Readable.fromWeb(answer.body), createWriteStream(file))
  return file
}
