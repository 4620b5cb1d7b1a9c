/** The zip archive of an export, as read-bundle.ts takes it. */

import { deflateRawSync } from 'node:zlib'
import { ZipFile } from 'yazl'
import { bundleEntryName, bundleRatioMax } from './read-bundle.ts'

/** No date: the same export is the same archive. 1980 is where the dates of zip begin. */
const mtime = new Date(Date.UTC(1980, 0, 2))

export function writeBundle(text: string): AsyncIterable<Uint8Array> {
  const octets = Buffer.from(text)
  // A document of thousands of like steps packs better than a reader on its guard believes.
  const compress = deflateRawSync(octets).length * (bundleRatioMax / 2) > octets.length
  const zip = new ZipFile()
  zip.addBuffer(octets, bundleEntryName, { compress, mtime, mode: 0o100_644 })
  zip.end()
  return octetsOf(zip.outputStream)
}

async function* octetsOf(stream: NodeJS.ReadableStream): AsyncGenerator<Uint8Array> {
  for await (const chunk of stream) {
    if (Buffer.isBuffer(chunk)) yield chunk
  }
}
