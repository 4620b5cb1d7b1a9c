/**
 * The files of an operating system image are looked into before they become a version: a root archive that no machine could
 * apply is refused while the administrator is still there (security E01 to E04). How that is done is the content side's.
 */

import { inspectRootArchive } from '../../content/inspect-root-archive.ts'
import type { RootArchiveFacts } from '../../content/inspect-root-archive.ts'
import type { ContentFile } from '../../site/content.ts'
import { type OperatingSystemImage, rootArchiveFile } from '../../site/operating-system-image.ts'
import type { Blobs } from '../dependencies.ts'
import { notFound, Problem } from '../problem.ts'

export interface Inspection {
  /** Its name in the content. */
  readonly file: string
  readonly facts?: RootArchiveFacts
  readonly warnings: readonly string[]
}

/** Undefined: nothing is known about images of this format. */
export async function inspectImage(
  library: Pick<Blobs, 'open'>,
  image: OperatingSystemImage,
  files: readonly ContentFile[],
): Promise<Inspection | undefined> {
  if (image.format !== 'root-archive') return undefined
  const [index, file] = rootArchiveOf(files)
  const blob = await library.open(file.sha256)
  if (blob === undefined) throw notFound(file.name)
  try {
    const inspection = await inspectRootArchive(blob)
    switch (inspection.kind) {
      case 'not-inspected':
        return { file: file.name, warnings: [`${file.name} was not inspected. ${inspection.reason}`] }
      case 'refused': {
        const path = `files[${index}]`
        const faults = inspection.faults.map((message) => ({ path, message }))
        throw new Problem(422, {
          detail: `${file.name} is not taken as a root archive.`,
          code: 'not-a-root-archive',
          faults,
        })
      }
      case 'inspected': {
        const { facts } = inspection
        return { file: file.name, facts, warnings: [...inspection.warnings, ...architectureWarnings(facts, image)] }
      }
      default:
        return inspection satisfies never
    }
  } finally {
    await blob.close()
  }
}

function rootArchiveOf(files: readonly ContentFile[]): readonly [number, ContentFile] {
  const index = files.length === 1 ? 0 : files.findIndex((file) => file.name === rootArchiveFile)
  const file = files[index]
  if (file !== undefined) return [index, file]
  const message = `A root archive is one file; of several files, one must be named ${rootArchiveFile}.`
  throw new Problem(422, { faults: [{ path: 'files', message }] })
}

/** A guess, and 32-bit systems run on 64-bit machines: told, not refused. */
function architectureWarnings({ architecture }: RootArchiveFacts, image: OperatingSystemImage): readonly string[] {
  if (architecture === undefined || architecture === image.architecture) return []
  return [`The archive holds programs for ${architecture}, and the image says ${image.architecture}.`]
}
