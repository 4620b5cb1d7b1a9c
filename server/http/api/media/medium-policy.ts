/**
 * What a medium that never asks the site carries in its place (S7-027, S7-038): its policy with the content of that. There is no
 * key and no server, and dates bind it only where somebody wants them (S7-020).
 */

import type { PolicyContent } from '../../../contract/agent.ts'
import type { MediumPolicy } from '../../../contract/medium.ts'
import { bootImageFiles } from '../../../site/boot-image.ts'
import type { SiteVariable } from '../../../site/site-variable.ts'
import type { HttpDependencies } from '../../dependencies.ts'
import type { Fault } from '../../problem.ts'
import type { MediumParts } from './medium-maker.ts'
import type { FoundBootImage } from './medium-sources.ts'

export interface WithoutSite {
  readonly bootImage: MediumParts['bootImage']
  readonly policy: Omit<MediumPolicy, 'variables' | 'content'>
  readonly variables: readonly SiteVariable[]
  readonly content: readonly PolicyContent[]
  readonly unattended: boolean
  readonly expiresAtMs?: number
}

export function partsWithoutSite(made: WithoutSite): MediumParts {
  const { bootImage, policy, variables, content, unattended, expiresAtMs } = made
  return {
    bootImage,
    // Kernel and initramfs are on every medium already, where it starts from.
    contents: content.filter(({ kind }) => kind !== 'boot-image'),
    unattended,
    asksSite: false,
    serverSelection: 'site-based',
    servers: [],
    variables,
    policy: { ...policy, variables, content },
    unknownComputers: false,
    userDeviceAffinity: 'not-allowed',
    ...(expiresAtMs === undefined ? {} : { expiresAtMs }),
  }
}

/** The agent is in boot images of Linux alone. */
export function faultsOfStart({ found }: FoundBootImage, path: string): readonly Fault[] {
  if (found === undefined) return []
  const { id, name, kind, content } = found
  if (kind !== 'linux') {
    return [{ path, message: `boot image "${name}" (${id}) is Windows PE, which has no agent of this site` }]
  }
  const names = content.files.map((file) => file.name)
  const absent = [bootImageFiles.kernel, bootImageFiles.initramfs].filter((file) => !names.includes(file))
  if (absent.length === 0) return []
  return [
    { path, message: `boot image "${name}" (${id}) has no ${absent.join(' and no ')}. Distribute it and try again` },
  ]
}

/** S7-023: what the site should have and has not, by content and file. */
export async function absentFiles(
  { library }: Pick<HttpDependencies, 'library'>,
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
