/**
 * Reads a tar archive once, as a stream, entry by entry, within limits (security E03), and tells the archive's faults from
 * the disk's. What an entry means is its caller's question.
 */

import { extract, type Header } from 'tar-stream'
import { systemErrorCode } from '../caught-error.ts'
import { ContentError } from './content-error.ts'
import type { OpenBlob } from './open-blob.ts'
import { ArchiveRefused, type Compression, unpack } from './unpack.ts'

export interface ArchiveReading {
  readonly compression: Compression
  readonly entriesMax: number
  /** Of all files together, as they are unpacked. */
  readonly bytesMax?: number
  /** Reads the octets to their end, or skips them. */
  take(header: Header, octets: EntryOctets): Promise<void>
}

export interface EntryOctets {
  read(): AsyncIterable<Uint8Array>
  skip(): void
}

export type ArchiveEnd = { readonly entries: number; readonly unpackedBytes: number } & (
  | { readonly kind: 'read' }
  | { readonly kind: 'no-archive' | 'window-too-large' }
  /** A sentence. */
  | { readonly kind: 'fault'; readonly fault: string }
)

/** Extended attributes and access lists of one file; Linux allows 64 KiB a value. */
const extendedHeaderCharactersMax = 1024 ** 2

/** What zlib calls a zstd archive whose window is beyond its default of 2^27 octets. */
const windowTooLarge = 'ZSTD_error_frameParameter_windowTooLarge'

export async function readArchive(
  blob: Pick<OpenBlob, 'bytes' | 'stream'>,
  reading: ArchiveReading,
): Promise<ArchiveEnd> {
  const archive = extract()
  const errors: unknown[] = []
  const counted = { bytes: 0 }
  let entries = 0
  const unpacked = { to: archive, counted, ...(reading.bytesMax === undefined ? {} : { bytesMax: reading.bytesMax }) }
  const unpacking = unpack(blob, reading.compression, unpacked).catch((error: unknown) => {
    errors.push(error)
  })
  try {
    for await (const entry of archive) {
      entries += 1
      if (entries > reading.entriesMax) throw new ArchiveRefused(`holds more than ${reading.entriesMax} entries`)
      requireSmallHeader(entry.header.pax)
      await reading.take(entry.header, { read: () => octetsOf(entry), skip: () => void entry.resume() })
    }
  } catch (error) {
    errors.push(error)
  }
  await unpacking
  const seen = { entries, unpackedBytes: counted.bytes }
  return errors.length === 0 ? { kind: 'read', ...seen } : { ...verdict(errors, seen), ...seen }
}

async function* octetsOf(entry: AsyncIterable<unknown>): AsyncGenerator<Uint8Array> {
  for await (const chunk of entry) if (chunk instanceof Uint8Array) yield chunk
}

type Seen = Pick<ArchiveEnd, 'entries' | 'unpackedBytes'>
type Verdict = { readonly kind: 'no-archive' | 'window-too-large' } | { readonly kind: 'fault'; readonly fault: string }

function verdict(errors: readonly unknown[], { entries, unpackedBytes }: Seen): Verdict {
  const kept = errors.find((error) => error instanceof ContentError)
  if (kept !== undefined) throw kept
  const refused = errors.find((error) => error instanceof ArchiveRefused)
  if (refused !== undefined) return { kind: 'fault', fault: `The archive ${refused.message}.` }
  if (errors.some((error) => systemErrorCode(error) === windowTooLarge)) return { kind: 'window-too-large' }
  const unreadable = errors.find((error) => !isFormatError(error))
  if (unreadable !== undefined) throw new Error('the archive cannot be read', { cause: unreadable })
  if (entries === 0) return { kind: 'no-archive' }
  const fault = `The archive is cut off or damaged after ${entries} entries and ${unpackedBytes} octets.`
  return { kind: 'fault', fault }
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
