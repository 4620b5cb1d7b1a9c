/**
 * Looks through an archive of a root file system before it becomes content: is it a tar, does it hold a system, does every
 * entry stay inside (security E01 to E04)? It is read once, as a stream, and never unpacked onto a disk, so an archive of
 * any size needs little memory. Archives compressed with xz are taken without a look, because Node cannot read xz.
 */

import type { Header } from 'tar-stream'
import { EntryJudge } from './judge-entry.ts'
import type { OpenBlob } from './open-blob.ts'
import { FactCollector, lookedAtBytesMax, type SystemFacts } from './root-archive-facts.ts'
import { type EntryOctets, readArchive } from './read-archive.ts'
import { type Compression, detectCompression } from './unpack.ts'

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
  const end = await readArchive(blob, { compression, entriesMax, take: (header, octets) => note(seen, header, octets) })
  if (end.kind === 'window-too-large') {
    return {
      kind: 'not-inspected',
      reason: 'It needs more than 128 MiB to be unpacked (zstd --long), which the server does not spend.',
    }
  }
  if (end.kind === 'no-archive') {
    const fault = `It is no tar archive${compression === 'none' ? '' : ` compressed with ${compression}`}. ${expected}`
    return { kind: 'refused', faults: [...seen.judge.faults, fault] }
  }
  const faults = [...seen.judge.faults, ...(end.kind === 'fault' ? [end.fault] : [])]
  if (end.kind === 'read' && !holdsSystem(seen)) faults.push(noSystem(end.entries, seen))
  if (faults.length > 0) return { kind: 'refused', faults }
  const { entries, unpackedBytes } = end
  const facts = { ...seen.collector.facts(), compression, entries, unpackedBytes }
  return { kind: 'inspected', facts, warnings: warningsOf(facts, seen) }
}

interface Seen {
  readonly judge: EntryJudge
  readonly collector: FactCollector
  /** Names at the top, and below a single directory at the top; as many as a verdict needs. */
  readonly topNames: Set<string>
  readonly secondNames: Set<string>
}

const namesKeptMax = 200

function newSeen(): Seen {
  return {
    judge: new EntryJudge(),
    collector: new FactCollector(),
    topNames: new Set(),
    secondNames: new Set(),
  }
}

async function note(seen: Seen, header: Header, octets: EntryOctets): Promise<void> {
  const path = seen.judge.judge(header)
  noteNames(seen, path)
  if (header.type === 'file' && seen.collector.wants(path)) seen.collector.take(path, await firstOctets(octets.read()))
  else octets.skip()
}

/** Reads to the end, for the next entry comes only then. */
async function firstOctets(entry: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let kept = 0
  for await (const chunk of entry) {
    if (kept >= lookedAtBytesMax) continue
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

function noSystem(entries: number, { topNames, secondNames }: Seen): string {
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
