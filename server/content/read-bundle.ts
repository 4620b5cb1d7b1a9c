/**
 * The zip archive that an export of task sequences travels in: one file, `export.json`, and nothing else. Whatever else an
 * archive can hold (other names, links, folders, encryption, entries over one another, sizes that lie) is refused before any
 * of it is used; nothing is written to a disk, ever (security E01, E03).
 */

import { promisify } from 'node:util'
import { type Entry, fromBuffer, type ZipFile } from 'yauzl'
import { messageOf } from '../caught-error.ts'
import { printEntryName } from './judge-entry.ts'

export const bundleEntryName = 'export.json'
/** Ours: the longest task sequences have a few megabytes. */
export const bundleBytesMax = 32 * 1024 ** 2
export const bundleUnpackedBytesMax = 64 * 1024 ** 2
/** E03. */
export const bundleRatioMax = 200

export type ReadBundle =
  | { readonly kind: 'read'; readonly octets: Buffer }
  | { readonly kind: 'refused'; readonly fault: string }

export async function readBundle(archive: Buffer): Promise<ReadBundle> {
  let zip: ZipFile | undefined
  try {
    zip = await openZip(archive)
    const entries = await readEntries(zip)
    return { kind: 'read', octets: await readEntry(zip, soleEntry(entries)) }
  } catch (error) {
    // What the library says of a broken archive is a sentence for people.
    return { kind: 'refused', fault: messageOf(error) }
  } finally {
    zip?.close()
  }
}

class Refused extends Error {}

const open = promisify<Buffer, { lazyEntries: true; decodeStrings: true; strictFileNames: true }, ZipFile>(fromBuffer)

async function openZip(archive: Buffer): Promise<ZipFile> {
  if (archive.length > bundleBytesMax) throw new Refused(`It may have ${bundleBytesMax} octets.`)
  return open(archive, { lazyEntries: true, decodeStrings: true, strictFileNames: true })
}

/** Two, so that a second one is seen; the rest of ten million is not looked at. */
async function readEntries(zip: ZipFile): Promise<readonly Entry[]> {
  const entries: Entry[] = []
  return new Promise((resolve, reject) => {
    zip.on('error', reject)
    zip.on('end', () => resolve(entries))
    zip.on('entry', (entry: Entry) => {
      entries.push(entry)
      if (entries.length > 1) resolve(entries)
      else zip.readEntry()
    })
    zip.readEntry()
  })
}

function soleEntry(entries: readonly Entry[]): Entry {
  const stranger = entries.find(({ fileName }) => fileName !== bundleEntryName)
  if (stranger !== undefined) {
    throw new Refused(`It holds ${printEntryName(stranger.fileName)}; expected is ${bundleEntryName} and nothing else.`)
  }
  const [entry, second] = entries
  if (entry === undefined) throw new Refused(`It holds no ${bundleEntryName}.`)
  if (second !== undefined) throw new Refused(`It holds ${bundleEntryName} twice.`)
  const fault = entryFault(entry)
  if (fault !== undefined) throw new Refused(`${bundleEntryName}: ${fault}`)
  return entry
}

/** APPNOTE 4.4.15: with a maker of the Unix kind, the upper half is the mode of the file. */
const unixMaker = 3
const fileTypeMask = 0o170_000
const regularFile = 0o100_000

function entryFault(entry: Entry): string | undefined {
  const { externalFileAttributes, versionMadeBy, compressedSize, uncompressedSize } = entry
  const type = (externalFileAttributes >>> 16) & fileTypeMask
  if (versionMadeBy >> 8 === unixMaker && type !== 0 && type !== regularFile) return 'it is no file.'
  if (entry.isEncrypted()) return 'it is encrypted.'
  if (!entry.canDecodeFileData()) return 'its compression is not known here.'
  if (uncompressedSize > bundleUnpackedBytesMax) return `it may have ${bundleUnpackedBytesMax} octets.`
  if (uncompressedSize > compressedSize * bundleRatioMax + 1_024)
    return `it is packed more than ${bundleRatioMax} to 1.`
  return undefined
}

/** The library sees to it that there are as many octets as were announced. */
async function readEntry(zip: ZipFile, entry: Entry): Promise<Buffer> {
  const header = await zip.readLocalFileHeaderPromise(entry)
  if (header.fileName.toString('latin1') !== bundleEntryName) throw new Refused('Its two lists of names differ.')
  const chunks: Buffer[] = []
  for await (const chunk of await zip.openReadStreamPromise(entry)) {
    if (Buffer.isBuffer(chunk)) chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
