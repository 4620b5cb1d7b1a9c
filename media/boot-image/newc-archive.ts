/**
 * The "newc" form of cpio, which Linux unpacks as its initramfs (kernel documentation, "initramfs buffer format";
 * cpio(5)). Writes and reads whole archives in memory: no files, no compression, no hard links, no checksums.
 *
 * Everything belongs to root and carries one time, so equal entries give equal octets. Device nodes are
 * entries like any other, which is why no privilege is needed to make an image that has them.
 */

import { assert } from '../../server/assert.ts'
import { joinOctets } from '../layout/join-octets.ts'

export type ArchiveEntry =
  | { readonly kind: 'directory'; readonly name: string; readonly mode: number }
  | { readonly kind: 'file'; readonly name: string; readonly mode: number; readonly data: Uint8Array }
  | { readonly kind: 'link'; readonly name: string; readonly target: string }
  | {
      readonly kind: 'character-device'
      readonly name: string
      readonly mode: number
      readonly major: number
      readonly minor: number
    }

const magic = '070701'
const headerBytes = 110
const trailerName = 'TRAILER!!!'
const typeBits = { directory: 0o040000, file: 0o100000, link: 0o120000, 'character-device': 0o020000 } as const
const typeMask = 0o170000

/** Directories must come before what is in them, as the kernel does not make parents; sorting by name does that. */
export function encodeNewcArchive(entries: readonly ArchiveEntry[], mtimeSeconds: number): Uint8Array {
  const parts: Uint8Array[] = []
  entries.forEach((entry, index) => {
    parts.push(header(entry, index + 1, mtimeSeconds), padded(contents(entry)))
  })
  parts.push(header({ kind: 'file', name: trailerName, mode: 0, data: new Uint8Array() }, 0, 0))
  return joinOctets(parts)
}

/** Reads what `encodeNewcArchive` or another newc writer made; owners, times and inode numbers are not kept. */
export function decodeNewcArchive(bytes: Uint8Array): ArchiveEntry[] {
  const entries: ArchiveEntry[] = []
  let offset = 0
  for (;;) {
    const field = (index: number): number => {
      const at = offset + 6 + index * 8
      return Number.parseInt(text(bytes.subarray(at, at + 8)), 16)
    }
    assert(text(bytes.subarray(offset, offset + 6)) === magic, `no newc header at octet ${offset}`)
    const mode = field(1)
    const nameEnd = offset + headerBytes + field(11)
    const name = text(bytes.subarray(offset + headerBytes, nameEnd - 1))
    if (name === trailerName) return entries
    const dataStart = aligned(nameEnd)
    const dataEnd = dataStart + field(6)
    assert(dataEnd <= bytes.length, `entry ${name} is cut off`)
    entries.push(
      decodedEntry(name, mode, new Uint8Array(bytes.subarray(dataStart, dataEnd)), {
        major: field(9),
        minor: field(10),
      }),
    )
    offset = aligned(dataEnd)
  }
}

function decodedEntry(
  name: string,
  mode: number,
  data: Uint8Array,
  device: { readonly major: number; readonly minor: number },
): ArchiveEntry {
  const permissions = mode & 0o7777
  switch (mode & typeMask) {
    case typeBits.directory:
      return { kind: 'directory', name, mode: permissions }
    case typeBits.link:
      return { kind: 'link', name, target: text(data) }
    case typeBits['character-device']:
      return { kind: 'character-device', name, mode: permissions, ...device }
    case typeBits.file:
      return { kind: 'file', name, mode: permissions, data }
    default:
      throw new Error(`entry ${name} has the unsupported mode ${mode.toString(8)}`)
  }
}

function header(entry: ArchiveEntry, inode: number, mtimeSeconds: number): Uint8Array {
  const name = octets(`${entry.name}\0`)
  const mode = entry.name === trailerName ? 0 : typeBits[entry.kind] | (entry.kind === 'link' ? 0o777 : entry.mode)
  const device = entry.kind === 'character-device' ? [entry.major, entry.minor] : [0, 0]
  const links = entry.kind === 'directory' ? 2 : 1
  const fields = [inode, mode, 0, 0, links, mtimeSeconds, contents(entry).length, 0, 0].concat(device, [name.length, 0])
  const digits = fields.map((value) => value.toString(16).padStart(8, '0').toUpperCase()).join('')
  return padded(joinOctets([octets(magic + digits), name]))
}

function contents(entry: ArchiveEntry): Uint8Array {
  if (entry.kind === 'file') return entry.data
  return entry.kind === 'link' ? octets(entry.target) : new Uint8Array()
}

function aligned(length: number): number {
  return (length + 3) & ~3
}

function padded(bytes: Uint8Array): Uint8Array {
  if (bytes.length % 4 === 0) return bytes
  const result = new Uint8Array(aligned(bytes.length))
  result.set(bytes)
  return result
}

function octets(value: string): Uint8Array {
  return new TextEncoder().encode(value)
}

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes)
}
