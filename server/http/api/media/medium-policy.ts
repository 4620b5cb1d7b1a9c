/**
 * What a medium that never asks the site carries in its place (S7-027, S7-038): its policy, the content of that, and what the
 * medium starts. The creation of a medium makes it (make-stand-alone.ts, make-capture.ts), and lays it out.
 */

import type { PackageId } from '../../../address/identifiers.ts'
import type { PolicyContent, PolicyVariable } from '../../../contract/agent.ts'
import type { MediumManifest, MediumPolicy, SealedContents } from '../../../contract/medium.ts'
import { type BootImage, bootImageFiles } from '../../../site/boot-image.ts'
import type { ContentFile } from '../../../site/content.ts'
import type { HttpDependencies } from '../../dependencies.ts'

export type MediumDependencies = Pick<HttpDependencies, 'store' | 'library' | 'site'>

export type MadeMedium =
  | {
      readonly kind: 'made'
      /** What the manifest says because of the kind; there is no key and no server. */
      readonly manifest: Pick<MediumManifest, 'kind' | 'serverSelection' | 'servers' | 'bootImage' | 'contents'>
      readonly sealed: SealedContents & { readonly policy: MediumPolicy }
      /** Each of them once, by its hash. */
      readonly files: readonly ContentFile[]
      readonly warnings: readonly string[]
    }
  /** All there is, each a sentence with the name of what is meant. */
  | { readonly kind: 'refused'; readonly faults: readonly string[] }

export interface MediumParts {
  readonly kind: 'stand-alone' | 'capture'
  readonly bootImage: MediumManifest['bootImage']
  readonly policy: Omit<MediumPolicy, 'variables' | 'content'>
  readonly variables: readonly PolicyVariable[]
  readonly content: readonly PolicyContent[]
  readonly prestart?: SealedContents['prestart']
  readonly warnings: readonly string[]
}

export function madeMedium({
  kind,
  bootImage,
  policy,
  variables,
  content,
  prestart,
  warnings,
}: MediumParts): MadeMedium {
  return {
    kind: 'made',
    manifest: { kind, serverSelection: 'site-based', servers: [], bootImage, contents: content },
    sealed: {
      variables,
      ...(prestart === undefined ? {} : { prestart }),
      policy: { ...policy, variables, content },
    },
    files: filesOf(content),
    warnings,
  }
}

/** Kernel and initramfs are on every medium already, where it starts from. */
function filesOf(content: readonly PolicyContent[]): readonly ContentFile[] {
  const files = content.filter(({ kind }) => kind !== 'boot-image').flatMap((each) => each.files)
  return [...new Map(files.map((file) => [file.sha256, file])).values()]
}

/** A sentence: why it cannot be started from a medium. */
export function startableImage(id: PackageId, image: BootImage | undefined): MediumManifest['bootImage'] | string {
  if (image === undefined) return `The boot image ${id} is not there.`
  const { name, kind, architecture, content } = image
  if (kind !== 'linux') return `The boot image "${name}" (${id}) is Windows PE, which has no agent of this site.`
  const names = content?.files.map((file) => file.name) ?? []
  const absent = [bootImageFiles.kernel, bootImageFiles.initramfs].filter((file) => !names.includes(file))
  if (content === undefined || absent.length > 0) {
    return `The boot image "${name}" (${id}) has no ${absent.join(' and no ')}. Distribute it and try again.`
  }
  return { id, version: content.version, architecture }
}

/** S7-023: what the site should have and has not, by content and file. */
export async function absentFiles(
  { library }: Pick<MediumDependencies, 'library'>,
  content: readonly PolicyContent[],
): Promise<readonly string[]> {
  const faults: string[] = []
  for (const { id, name, version, files } of content) {
    for (const file of files) {
      // For a day: a medium that is being made needs it.
      if (await library.renew(file.sha256)) continue
      faults.push(`"${name}" (${id}, version ${version}): the file ${file.name} is not in the content library.`)
    }
  }
  return faults
}
