/**
 * An archive's octets without their compression, as a stream of bounded size. What it is compressed with is read from its
 * first octets, never from its name (security E04); bombs end where nothing honest would still go on (E03).
 */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createZstdDecompress } from 'node:zlib'
import { systemErrorCode } from '../caught-error.ts'
import type { OpenBlob } from './open-blob.ts'

/** Why an archive is not taken, as a sentence about it. */
export class ArchiveRefused extends Error {
  override readonly name = 'ArchiveRefused'
}

export type Compression = 'none' | 'gzip' | 'zstd' | 'xz'

/** E03: text compresses to a tenth; a file system of mostly zeros may reach a hundredth. */
const ratioMax = 200
/** A few empty files compress better than that, and harm nobody. */
const alwaysUnpackedBytes = 64 * 1024 ** 2
/** No system disk of the field is larger. */
const unpackedBytesMax = 1024 ** 4

/** Frames of pzstd have megabytes; these are enough for the largest upload. */
const zstdFramesMax = 20_000

const magics: readonly (readonly [magic: readonly number[], what: Compression | { readonly not: string }])[] = [
  [[0x1f, 0x8b], 'gzip'],
  [[0x28, 0xb5, 0x2f, 0xfd], 'zstd'],
  [[0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00], 'xz'],
  [[0x4d, 0x53, 0x57, 0x49, 0x4d, 0x00], { not: 'a WIM image, whose format is "wim"' }],
  [[0x51, 0x46, 0x49, 0xfb], { not: 'a qcow2 disk image' }],
  [[0x50, 0x4b, 0x03, 0x04], { not: 'a zip archive' }],
  [[0x42, 0x5a, 0x68], { not: 'compressed with bzip2' }],
  [[0x68, 0x73, 0x71, 0x73], { not: 'a squashfs file system' }],
  [[0x7f, 0x45, 0x4c, 0x46], { not: 'a program' }],
]

export function detectCompression(firstOctets: Uint8Array): Compression | { readonly not: string } {
  // A frame to be skipped may come first (RFC 8878 §3.1.2): 0x184D2A50 to 0x184D2A5F.
  const [first = 0, ...next] = firstOctets.subarray(0, 4)
  if (first >> 4 === 5 && next.join() === [0x2a, 0x4d, 0x18].join()) return 'zstd'
  const found = magics.find(([magic]) => magic.every((octet, index) => firstOctets[index] === octet))
  return found?.[1] ?? 'none'
}

export interface Unpacked {
  readonly to: NodeJS.WritableStream
  readonly counted: { bytes: number }
  readonly bytesMax?: number
}

/** `to` gets the octets; `counted.bytes` grows with them. Rejects with what went wrong first. */
export async function unpack(
  blob: Pick<OpenBlob, 'bytes' | 'stream'>,
  compression: Compression,
  { to, counted, bytesMax: asked = unpackedBytesMax }: Unpacked,
): Promise<void> {
  const bytesMax = Math.min(asked, Math.max(alwaysUnpackedBytes, blob.bytes * ratioMax))
  const bounded = async function* (source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of source) {
      counted.bytes += chunk.length
      if (counted.bytes > bytesMax) {
        throw new ArchiveRefused(
          `unpacks to more than ${bytesMax} octets from ${blob.bytes}: that is no honest archive`,
        )
      }
      yield chunk
    }
  }
  switch (compression) {
    case 'none':
      return pipeline(blob.stream(), bounded, to)
    case 'gzip':
      return pipeline(blob.stream(), createGunzip(), bounded, to)
    case 'zstd':
      return pipeline(zstdFrames(blob), bounded, to)
    case 'xz':
      return pipeline(xzOctets(blob), bounded, to)
    default:
      return compression satisfies never
  }
}

/** Node stops after one frame, and a file compressed by several threads (pzstd) has many. */
async function* zstdFrames(blob: Pick<OpenBlob, 'bytes' | 'stream'>): AsyncGenerator<Uint8Array> {
  let start = 0
  for (let frames = 0; start < blob.bytes; frames += 1) {
    if (frames === zstdFramesMax) throw new ArchiveRefused(`has more than ${zstdFramesMax} zstd frames`)
    const decompress = createZstdDecompress()
    const feeding = pipeline(blob.stream({ start, end: blob.bytes - 1 }), decompress)
    // Its error destroys the decompressor, and so comes out below. It also fails when the frame ends before the blob does.
    feeding.catch(() => undefined)
    for await (const chunk of decompress) if (chunk instanceof Uint8Array) yield chunk
    if (decompress.bytesWritten === 0) return
    start += decompress.bytesWritten
  }
}

/** Presets up to `-9` need 65 MiB. */
const xzMemory = '--memlimit-decompress=128MiB'

/** Node cannot read xz, and the program of that name can; it gets octets and no names. */
async function* xzOctets(blob: Pick<OpenBlob, 'bytes' | 'stream'>): AsyncGenerator<Uint8Array> {
  const child = spawn('xz', ['--decompress', '--stdout', '--threads=1', xzMemory], {
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  const ended = once(child, 'close').catch((error: unknown) => error)
  // It fails when the program ends early, too, which its exit code tells better.
  const feeding = pipeline(blob.stream({ start: 0, end: Math.max(0, blob.bytes - 1) }), child.stdin)
  const fed = feeding.catch((error: unknown) => error)
  let isRead = false
  try {
    yield* child.stdout
    isRead = true
  } catch {
    // Its output breaks off when it could not be started at all.
  } finally {
    if (!isRead) child.kill()
  }
  const end = await ended
  if (systemErrorCode(end) === 'ENOENT') throw new ArchiveRefused(noXz)
  if (Array.isArray(end) && end[0] === 0) return
  const error = await fed
  throw error instanceof Error && 'syscall' in error && systemErrorCode(error) !== 'EPIPE'
    ? error
    : new Error('xz cannot read it')
}

const noXz =
  'is compressed with xz, and this server has no program xz (Debian package xz-utils): send it with gzip or zstd'
