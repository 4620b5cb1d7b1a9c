/**
 * The image that a step applies: which file of the run's content it is, and what kind, seen in its first octets and never
 * taken from its name (security E04). It streams from the server, and its hash is judged at its end, whatever the step says
 * about the distribution point (S2-057).
 */

import type { PolicyContent } from '../server/contract/agent.ts'
import type { ContentFile } from '../server/site/content.ts'
import { type ArchiveKind, ArchiveFault, archiveKind, magicBytes } from './archive.ts'
import { downloadFile } from './download.ts'
import { findContent, type RunContent } from './package-content.ts'
import { type StepContext, StepFailed } from './step-context.ts'
import { peekOctets } from './stream-into.ts'
import { type WimKind, wimKind } from './wim.ts'

export interface ImageFile {
  readonly content: PolicyContent
  readonly file: ContentFile
}

export interface OpenImage extends ImageFile {
  readonly kind: ArchiveKind | WimKind
  /** Whoever does not read to the end calls `return()`. */
  readonly octets: AsyncGenerator<Buffer>
}

/** The one file of an operating system image. */
export function findImage(imageId: string, run: RunContent): ImageFile {
  const content = findContent(run, imageId, 'operating system image')
  const [file, ...more] = content.files
  if (file !== undefined && more.length === 0) return { content, file }
  throw new StepFailed(
    `the operating system image ${imageId} version ${content.version} does not have exactly one file`,
  )
}

/** S2-054: the image that the setup of an upgrade package installs from. */
export function findSetupImage(packageId: string, run: RunContent): ImageFile {
  const content = findContent(run, packageId, 'operating system upgrade package')
  const file = content.files.find(({ name }) => name.toLowerCase() === 'sources/install.wim')
  if (file !== undefined) return { content, file }
  throw new StepFailed(
    `the operating system upgrade package ${packageId} version ${content.version} has no sources/install.wim`,
  )
}

/** Begins the download; `text` is what the progress says. */
export async function openImage({ content, file }: ImageFile, text: string, context: StepContext): Promise<OpenImage> {
  const octets = downloadFile(context.download, {
    content,
    file,
    signal: context.signal,
    onBytes: (done) => context.progress({ text, done, total: file.bytes, unit: 'bytes' }),
  })
  const peeked = await peekOctets(octets, magicBytes)
  const kind = wimKind(peeked.start) ?? archiveKind(peeked.start)
  if (kind !== undefined) return { content, file, kind, octets: peeked.octets }
  await octets.return(undefined)
  throw new ArchiveFault(`${file.name} of ${content.id} is not a tar archive (plain, gzip, xz or zstd) and no WIM`)
}

export function isWim(kind: OpenImage['kind']): kind is WimKind {
  return kind === 'wim' || kind === 'pipable-wim'
}
