/** What media are made of, looked up: the boot image, and the package with files for the prestart command (S7-021). */

import type { PackageId } from '../../../address/identifiers.ts'
import type { PolicyContent } from '../../../contract/agent.ts'
import type { BootImage } from '../../../site/boot-image.ts'
import type { ContentVersion } from '../../../site/content.ts'
import type { SiteObjects } from '../../../store/ports.ts'
import type { Fault } from '../../problem.ts'

export interface FoundBootImage {
  readonly found?: BootImage & { readonly content: ContentVersion }
  readonly faults: readonly Fault[]
}

export async function bootImageOf(
  { bootImages }: Pick<SiteObjects, 'bootImages'>,
  id: PackageId | undefined,
): Promise<FoundBootImage> {
  const path = 'bootImageId'
  if (id === undefined) {
    const message = 'is needed: name a boot image, or a deployment whose task sequence has one'
    return { faults: [{ path, message }] }
  }
  const image = await bootImages.get(id)
  if (image === undefined) return { faults: [{ path, message: `there is no boot image ${id}` }] }
  const { content } = image
  if (content === undefined) {
    return { faults: [{ path, message: `boot image ${id} has no content yet. Add it and try again` }] }
  }
  return { found: { ...image, content }, faults: [] }
}

export async function prestartContent(
  { packages }: Pick<SiteObjects, 'packages'>,
  prestart: { readonly packageId?: PackageId } | undefined,
): Promise<{ readonly contents: readonly PolicyContent[]; readonly faults: readonly Fault[] }> {
  const wanted = prestart?.packageId
  if (wanted === undefined) return { contents: [], faults: [] }
  const path = 'prestart.packageId'
  const found = await packages.get(wanted)
  if (found === undefined) return { contents: [], faults: [{ path, message: `there is no package ${wanted}` }] }
  const { id, name, content } = found
  if (content === undefined) {
    return { contents: [], faults: [{ path, message: `package ${id} has no content. Distribute it and try again` }] }
  }
  return { contents: [{ id, name, version: content.version, files: content.files, kind: 'package' }], faults: [] }
}
