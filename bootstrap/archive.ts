/**
 * Unpacks a root archive from a stream with GNU tar. The compression is seen in the first octets, never taken from a
 * name (security E04). tar's own protections are left on: no `--absolute-names`, no `--keep-directory-symlink`.
 */

import { once } from 'node:events'
import { ended, startCommand } from './command.ts'

export type ArchiveKind = 'plain' | 'gzip' | 'xz' | 'zstd'

export class ArchiveFault extends Error {
  override readonly name = 'ArchiveFault'
}

export interface Extraction {
  readonly root: string
  /** Relative to the root; nothing of the archive is written there. */
  readonly exclude: string
  readonly signal: AbortSignal
  readonly onLine: (line: string) => void
}

/** Enough for the magic of a tar header, which stands at 257. */
const magicBytes = 512

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
  const start = await readStart(octets)
  const kind = archiveKind(start)
  if (kind === undefined) throw new ArchiveFault('the image is not a tar archive (plain, gzip, xz or zstd)')
  const child = startCommand({ program: 'tar', arguments: tarArguments(kind, extraction) })
  const exit = ended(child, extraction.signal)
  const tail: string[] = []
  child.stderr?.on('data', (chunk: Buffer) => {
    for (const line of chunk.toString('utf8').split('\n')) {
      if (line === '') continue
      extraction.onLine(line)
      tail.push(line)
      if (tail.length > tailLines) tail.shift()
    }
  })
  child.stdout?.resume()
  const { stdin } = child
  if (stdin === null) throw new ArchiveFault('tar has no input')
  // tar may end before its input does: at the end mark, with padding to come, which still belongs to the hash; or
  // with a failure, where its return code and last lines say more than the broken pipe.
  let broken = false
  let failed = false
  stdin.on('error', () => {
    broken = true
  })
  const exited = exit.then((exitCode) => {
    broken = true
    failed = exitCode !== 0
  })
  try {
    await write(start)
    for await (const chunk of octets) {
      if (failed) break
      await write(chunk)
    }
  } catch (error) {
    child.kill('SIGKILL')
    await exit
    throw error
  }
  stdin.end()
  const exitCode = await exit
  if (exitCode !== 0) throw new ArchiveFault(`tar ended with ${exitCode}: ${tail.join('\n')}`)

  async function write(chunk: Buffer): Promise<void> {
    if (stdin === null || broken || stdin.write(chunk)) return
    await Promise.race([once(stdin, 'drain').catch(() => {}), exited])
  }
}

const tailLines = 5

async function readStart(octets: AsyncGenerator<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = []
  let bytes = 0
  while (bytes < magicBytes) {
    const next = await octets.next()
    if (next.done === true) break
    chunks.push(next.value)
    bytes += next.value.length
  }
  return Buffer.concat(chunks)
}

function tarArguments(kind: ArchiveKind, { root, exclude }: Extraction): readonly string[] {
  return [
    '--extract',
    '--file=-',
    ...decompressors[kind],
    `--directory=${root}`,
    '--numeric-owner',
    '--same-owner',
    '--same-permissions',
    '--xattrs',
    '--xattrs-include=*',
    '--acls',
    '--delay-directory-restore',
    '--anchored',
    `--exclude=${exclude}`,
    `--exclude=./${exclude}`,
  ]
}

const decompressors = {
  plain: [],
  gzip: ['--gzip'],
  xz: ['--xz'],
  // Archives made with a long window need as much memory to be read.
  zstd: ['--use-compress-program=zstd --long=31'],
} as const satisfies Record<ArchiveKind, readonly string[]>
