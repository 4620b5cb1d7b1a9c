/**
 * The files of an operating system image are looked into before they become a version: an archive or a WIM that no machine
 * could apply is refused while the administrator is still there (security E01 to E04). How that is done is the content side's.
 */

import { inspectRootArchive } from '../../content/inspect-root-archive.ts'
import type { RootArchiveFacts } from '../../content/inspect-root-archive.ts'
import { inspectWim, type WimFacts } from '../../content/inspect-wim.ts'
import type { ContentFile } from '../../site/content.ts'
import { type OperatingSystemImage, rootArchiveFile, wimFile } from '../../site/operating-system-image.ts'
import type { OpenBlob } from '../../content/open-blob.ts'
import type { Blobs } from '../dependencies.ts'
import { notFound, Problem } from '../problem.ts'

export interface Inspection {
  /** Its name in the content. */
  readonly file: string
  readonly facts?: RootArchiveFacts
  readonly wim?: WimFacts
  readonly warnings: readonly string[]
}

export async function inspectImage(
  library: Pick<Blobs, 'open'>,
  image: OperatingSystemImage,
  files: readonly ContentFile[],
): Promise<Inspection> {
  const { name } = imageFiles[image.format]
  const [index, file] = imageFileOf(image.format, files)
  const inspection = await inspectImageFile(library, { file, image })
  if (!('faults' in inspection)) return inspection
  throw new Problem(422, {
    detail: `${file.name} is not taken as ${name}.`,
    code: `not-${name.toLowerCase().replaceAll(' ', '-')}`,
    faults: inspection.faults.map((message) => ({ path: `files[${index}]`, message })),
  })
}

interface Inspected {
  readonly file: ContentFile
  /** Without an architecture none is compared. */
  readonly image: Pick<OperatingSystemImage, 'format'> & Partial<Pick<OperatingSystemImage, 'architecture'>>
}

/** What was found, or every fault for which the file is refused. */
export async function inspectImageFile(
  library: Pick<Blobs, 'open'>,
  { file, image }: Inspected,
): Promise<Inspection | { readonly faults: readonly string[] }> {
  const blob = await library.open(file.sha256)
  if (blob === undefined) throw notFound(file.name)
  try {
    return image.format === 'wim' ? await lookIntoWim(blob, file) : await lookIntoArchive(blob, { file, image })
  } finally {
    await blob.close()
  }
}

type Looked = Inspection | { readonly faults: readonly string[] }

async function lookIntoWim(blob: OpenBlob, { name }: ContentFile): Promise<Looked> {
  const inspection = await inspectWim(blob)
  if (inspection.kind === 'refused') return inspection
  return { file: name, wim: inspection.facts, warnings: inspection.warnings }
}

async function lookIntoArchive(blob: OpenBlob, { file, image }: Inspected): Promise<Looked> {
  const inspection = await inspectRootArchive(blob)
  switch (inspection.kind) {
    case 'not-inspected':
      return { file: file.name, warnings: [`${file.name} was not inspected. ${inspection.reason}`] }
    case 'refused':
      return inspection
    case 'inspected': {
      const { facts } = inspection
      return { file: file.name, facts, warnings: [...inspection.warnings, ...architectureWarnings(facts, image)] }
    }
    default:
      return inspection satisfies never
  }
}

const imageFiles = {
  'root-archive': { name: 'a root archive', file: rootArchiveFile },
  wim: { name: 'a WIM image', file: wimFile },
} as const satisfies Record<OperatingSystemImage['format'], { readonly name: string; readonly file: string }>

function imageFileOf(
  format: OperatingSystemImage['format'],
  files: readonly ContentFile[],
): readonly [number, ContentFile] {
  const { name, file: expected } = imageFiles[format]
  const index = files.length === 1 ? 0 : files.findIndex((file) => file.name === expected)
  const file = files[index]
  if (file !== undefined) return [index, file]
  const message = `${name.replace(/^a/, 'A')} is one file; of several files, one must be named ${expected}.`
  throw new Problem(422, { faults: [{ path: 'files', message }] })
}

/** A guess, and 32-bit systems run on 64-bit machines: told, not refused. */
function architectureWarnings({ architecture }: RootArchiveFacts, image: Inspected['image']): readonly string[] {
  if (architecture === undefined || image.architecture === undefined || architecture === image.architecture) return []
  return [`The archive holds programs for ${architecture}, and the image says ${image.architecture}.`]
}
