/**
 * Unpacks a root archive from a stream with GNU tar. The compression is seen in the first octets, never taken from a
 * name (security E04). tar's own protections are left on: no `--absolute-names`, no `--keep-directory-symlink`.
 */

import { peekOctets, streamInto } from './stream-into.ts'

export type ArchiveKind = 'plain' | 'gzip' | 'xz' | 'zstd'

export class ArchiveFault extends Error {
  override readonly name = 'ArchiveFault'
}

export interface Extraction {
  readonly root: string
  /** Relative to the root; nothing of the archive is written there. */
  readonly exclude?: string
  /** Absent: owners, modes and attributes are kept. False: the file system knows none of them (FAT, NTFS). */
  readonly keepsOwners?: boolean
  readonly signal: AbortSignal
  readonly onLine: (line: string) => void
}

/** Enough for the magic of a tar header, which stands at 257. */
export const magicBytes = 512

export function archiveKind(start: Uint8Array): ArchiveKind | undefined {
  const hex = Buffer.from(start.subarray(0, 6)).toString('hex')
  if (hex.startsWith('1f8b')) return 'gzip'
  if (hex.startsWith('fd377a585a00')) return 'xz'
  // RFC 8878: a frame, or a skippable frame before it.
  if (/^28b52ffd|^5[0-9a-f]2a4d18/.test(hex)) return 'zstd'
  if (Buffer.from(start.subarray(257, 262)).toString('latin1') === 'ustar') return 'plain'
  return undefined
}

/** Resolves when the stream has ended without a fault and tar has written everything. */
export async function extractArchive(octets: AsyncGenerator<Buffer>, extraction: Extraction): Promise<void> {
  const peeked = await peekOctets(octets, magicBytes)
  const kind = archiveKind(peeked.start)
  if (kind === undefined) {
    await octets.return(undefined)
    throw new ArchiveFault('the image is not a tar archive (plain, gzip, xz or zstd)')
  }
  const { signal, onLine } = extraction
  const command = { program: 'tar', arguments: tarArguments(kind, extraction), signal, onLine }
  const { exitCode, tail } = await streamInto(peeked.octets, command)
  if (exitCode !== 0) throw new ArchiveFault(`tar ended with ${exitCode}: ${tail}`)
}

function tarArguments(kind: ArchiveKind, { root, exclude, keepsOwners = true }: Extraction): readonly string[] {
  return [
    '--extract',
    '--file=-',
    ...decompressors[kind],
    `--directory=${root}`,
    '--numeric-owner',
    ...(keepsOwners ? ownerArguments : ['--no-same-owner', '--no-same-permissions']),
    '--delay-directory-restore',
    '--anchored',
    ...(exclude === undefined ? [] : [`--exclude=${exclude}`, `--exclude=./${exclude}`]),
  ]
}

const ownerArguments = ['--same-owner', '--same-permissions', '--xattrs', '--xattrs-include=*', '--acls']

const decompressors = {
  plain: [],
  gzip: ['--gzip'],
  xz: ['--xz'],
  // Archives made with a long window need as much memory to be read.
  zstd: ['--use-compress-program=zstd --long=31'],
} as const satisfies Record<ArchiveKind, readonly string[]>
