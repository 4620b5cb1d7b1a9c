/**
 * Looks through an archive of a root file system before it becomes content: is it a tar, does it hold a system, does every
 * entry stay inside (security E01 to E04)? It is read once, as a stream, and never unpacked onto a disk, so an archive of
 * any size needs little memory. Archives compressed with xz are taken without a look, because Node cannot read xz.
 */

import { extract } from 'tar-stream'
import { systemErrorCode } from '../caught-error.ts'
import { EntryJudge } from './judge-entry.ts'
import type { OpenBlob } from './open-blob.ts'
import { FactCollector, lookedAtBytesMax, type SystemFacts } from './root-archive-facts.ts'
import { ArchiveRefused, type Compression, detectCompression, unpack } from './unpack.ts'

export type RootArchiveInspection =
  | { readonly kind: 'inspected'; readonly facts: RootArchiveFacts; readonly warnings: readonly string[] }
  | { readonly kind: 'not-inspected'; readonly reason: string }
  /** Every fault, as sentences that name the entry. */
  | { readonly kind: 'refused'; readonly faults: readonly string[] }

export interface RootArchiveFacts extends SystemFacts {
  readonly compression: Compression
  readonly entries: number
  readonly unpackedBytes: number
}

/** E03: a desktop system with everything has 300,000. */
export const entriesMax = 500_000
/** Extended attributes and access lists of one file; Linux allows 64 KiB a value. */
const extendedHeaderCharactersMax = 1024 ** 2

/** What zlib calls a zstd archive whose window is beyond its default of 2^27 octets. */
const windowTooLarge = 'ZSTD_error_frameParameter_windowTooLarge'

const expected =
  'Expected is a tar archive of a root file system, plain or compressed with gzip, zstd or xz, with etc/ and usr/ at its top: tar --create --zstd --numeric-owner --xattrs --file rootfs.tar --directory ROOT .'

export async function inspectRootArchive(
  blob: Pick<OpenBlob, 'bytes' | 'read' | 'stream'>,
): Promise<RootArchiveInspection> {
  const compression = detectCompression(await blob.read(0, 16))
  if (typeof compression === 'object') return { kind: 'refused', faults: [`It is ${compression.not}. ${expected}`] }
  if (compression === 'xz') {
    return {
      kind: 'not-inspected',
      reason: 'It is compressed with xz, which only the machine that applies it can read.',
    }
  }
  const seen = newSeen()
  const fault = await readArchive(blob, compression, seen)
  if (fault === windowTooLarge) {
    return {
      kind: 'not-inspected',
      reason: 'It needs more than 128 MiB to be unpacked (zstd --long), which the server does not spend.',
    }
  }
  const faults = [...seen.judge.faults, ...(fault === undefined ? [] : [fault])]
  if (fault === undefined && !holdsSystem(seen)) faults.push(noSystem(seen))
  if (faults.length > 0) return { kind: 'refused', faults }
  const facts = { ...seen.collector.facts(), compression, entries: seen.entries, unpackedBytes: seen.counted.bytes }
  return { kind: 'inspected', facts, warnings: warningsOf(facts, seen) }
}

interface Seen {
  readonly judge: EntryJudge
  readonly collector: FactCollector
  /** Names at the top, and below a single directory at the top; as many as a verdict needs. */
  readonly topNames: Set<string>
  readonly secondNames: Set<string>
  readonly counted: { bytes: number }
  entries: number
}

const namesKeptMax = 200

function newSeen(): Seen {
  return {
    judge: new EntryJudge(),
    collector: new FactCollector(),
    topNames: new Set(),
    secondNames: new Set(),
    counted: { bytes: 0 },
    entries: 0,
  }
}

/** The fault that ended the reading before the archive's end; undefined: it was read to its end. */
async function readArchive(
  blob: Pick<OpenBlob, 'bytes' | 'stream'>,
  compression: Exclude<Compression, 'xz'>,
  seen: Seen,
): Promise<string | undefined> {
  const archive = extract()
  const errors: unknown[] = []
  const unpacking = unpack(blob, compression, { to: archive, counted: seen.counted }).catch((error: unknown) => {
    errors.push(error)
  })
  try {
    for await (const entry of archive) {
      seen.entries += 1
      if (seen.entries > entriesMax) throw new ArchiveRefused(`holds more than ${entriesMax} entries`)
      requireSmallHeader(entry.header.pax)
      const path = seen.judge.judge(entry.header)
      noteNames(seen, path)
      if (entry.header.type === 'file' && seen.collector.wants(path))
        seen.collector.take(path, await firstOctets(entry))
      else entry.resume()
    }
  } catch (error) {
    errors.push(error)
  }
  await unpacking
  if (errors.length === 0) return undefined
  const refused = errors.find((error) => error instanceof ArchiveRefused)
  if (refused !== undefined) return `The archive ${refused.message}.`
  if (errors.some((error) => systemErrorCode(error) === windowTooLarge)) return windowTooLarge
  const unreadable = errors.find((error) => !isFormatError(error))
  if (unreadable !== undefined) throw new Error('the archive cannot be read', { cause: unreadable })
  return seen.entries === 0
    ? `It is no tar archive${compression === 'none' ? '' : ` compressed with ${compression}`}. ${expected}`
    : `The archive is cut off or damaged after ${seen.entries} entries and ${seen.counted.bytes} octets.`
}

/** What the octets are to blame for: neither the disk, whose errors name a system call, nor a mistake of ours. */
function isFormatError(error: unknown): boolean {
  if (error instanceof TypeError || error instanceof RangeError) return false
  return error instanceof Error && !('syscall' in error)
}

function requireSmallHeader(pax: unknown): void {
  if (typeof pax !== 'object' || pax === null) return
  const characters = Object.entries(pax).reduce((sum, [key, value]) => sum + key.length + String(value).length, 0)
  if (characters > extendedHeaderCharactersMax) {
    throw new ArchiveRefused(`has an entry with extended headers of ${characters} characters`)
  }
}

/** Reads to the end, for the next entry comes only then. */
async function firstOctets(entry: AsyncIterable<unknown>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let kept = 0
  for await (const chunk of entry) {
    if (kept >= lookedAtBytesMax || !(chunk instanceof Uint8Array)) continue
    chunks.push(chunk.subarray(0, lookedAtBytesMax - kept))
    kept += chunk.length
  }
  return Buffer.concat(chunks)
}

function noteNames(seen: Seen, path: string): void {
  const [top = '', second] = path.split('/', 2)
  if (top !== '' && seen.topNames.size < namesKeptMax) seen.topNames.add(top)
  if (second !== undefined && seen.secondNames.size < namesKeptMax) seen.secondNames.add(second)
}

const systemNames = ['etc', 'usr', 'bin']

function holdsSystem({ topNames }: Seen): boolean {
  return systemNames.some((name) => topNames.has(name))
}

function noSystem({ entries, topNames, secondNames }: Seen): string {
  if (entries === 0) return `The archive is empty. ${expected}`
  const [only] = topNames
  if (topNames.size === 1 && systemNames.some((name) => secondNames.has(name))) {
    return `The root file system lies below ${JSON.stringify(only)} in the archive; it must be at its top. ${expected}`
  }
  return `The archive holds no root file system: there is no etc/, usr/ or bin/ at its top. ${expected}`
}

function warningsOf(facts: RootArchiveFacts, { topNames }: Seen): readonly string[] {
  const missing = ['etc', 'usr'].filter((name) => !topNames.has(name))
  return [
    ...missing.map((name) => `There is no ${name}/ in the archive; the installed system may not start.`),
    ...(facts.kernel ? [] : ['no kernel: Setup Windows and ConfigMgr will fail']),
  ]
}
