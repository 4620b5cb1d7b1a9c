/**
 * A tar archive becomes files of the content library. It is read twice: first every entry is judged, and only an archive
 * without a fault is read again and kept, so that of a hostile one nothing stays (security E01 to E03).
 */

import { assert } from '../assert.ts'
import type { ContentFile } from '../site/content.ts'
import type { ContentLibrary } from './content-library.ts'
import { ContentEntryJudge } from './judge-content-entry.ts'
import type { OpenBlob } from './open-blob.ts'
import { type ArchiveEnd, readArchive } from './read-archive.ts'
import { type Compression, detectCompression } from './unpack.ts'

export type KeptContentTree =
  | { readonly kind: 'kept'; readonly files: readonly ContentFile[]; readonly unpackedBytes: number }
  /** Every fault, as sentences that name the entry. */
  | { readonly kind: 'refused'; readonly faults: readonly string[] }

/** The most files, each in a deep folder of its own. */
const entriesMax = 100_000
/** E03: installation media have 8 GB, all drivers of a maker 30. */
const treeBytesMax = 64 * 1024 ** 3

const expected =
  'Expected is a tar archive, plain or compressed with gzip, xz or zstd: tar --create --zstd --file content.tar --directory FOLDER .'

export async function keepContentTree(
  archive: Pick<OpenBlob, 'bytes' | 'read' | 'stream'>,
  library: Pick<ContentLibrary, 'add'>,
): Promise<KeptContentTree> {
  const compression = detectCompression(await archive.read(0, 16))
  if (typeof compression === 'object') return refused(`It is ${compression.not}. ${expected}`)
  const judge = new ContentEntryJudge()
  const reading = { compression, entriesMax, bytesMax: treeBytesMax }
  const end = await readArchive(archive, {
    ...reading,
    async take(header, octets) {
      judge.judge(header)
      octets.skip()
    },
  })
  const fault = endFault(end, compression)
  const faults = [...judge.faults, ...(fault === undefined ? [] : [fault])]
  if (faults.length > 0) return { kind: 'refused', faults }
  if (judge.files === 0) return refused(`The archive holds no files. ${expected}`)
  const files: ContentFile[] = []
  const again = new ContentEntryJudge()
  const kept = await readArchive(archive, {
    ...reading,
    async take(header, octets) {
      const file = again.judge(header)
      if (file === undefined) {
        octets.skip()
        return
      }
      const blob = await library.add(octets.read())
      files.push({ name: file.name, ...blob, ...(file.executable ? { executable: true } : {}) })
    },
  })
  assert(kept.kind === 'read' && files.length === judge.files, 'an archive is the same when it is read again')
  return { kind: 'kept', files, unpackedBytes: end.unpackedBytes }
}

function refused(fault: string): KeptContentTree {
  return { kind: 'refused', faults: [fault] }
}

function endFault(end: ArchiveEnd, compression: Compression): string | undefined {
  switch (end.kind) {
    case 'read':
      return undefined
    case 'fault':
      return end.fault
    case 'no-archive':
      return `It is no tar archive${compression === 'none' ? '' : ` compressed with ${compression}`}. ${expected}`
    case 'window-too-large':
      return 'It needs more than 128 MiB to be unpacked (zstd --long), which the server does not spend.'
    default:
      return end satisfies never
  }
}
