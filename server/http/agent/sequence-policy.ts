/** What a policy says of a task sequence and of the site, whoever runs it: a machine of the site, or one that started from a medium. */

import type { Policy, PolicyContent } from '../../contract/agent.ts'
import { findReferences } from '../../sequence/mentions.ts'
import type { TaskSequence } from '../../sequence/task-sequence.ts'
import type { TaskSequenceObject } from '../../sequence/task-sequence-object.ts'
import { bootImageFiles } from '../../site/boot-image.ts'
import type { HttpDependencies } from '../dependencies.ts'
import type { ContentReference } from './policy-content.ts'
import { readSiteTimeZone } from './site-time-zone.ts'

type SequencePolicy = Omit<Policy, 'deploymentId' | 'sequence' | 'variables' | 'content'>

export async function sequencePolicy(
  site: Pick<HttpDependencies['site'], 'siteCode' | 'organization'>,
  { id, revision, bootImageId, settings }: TaskSequenceObject,
): Promise<SequencePolicy> {
  const timeZone = await readSiteTimeZone()
  return {
    taskSequenceId: id,
    taskSequenceRevision: revision,
    siteCode: site.siteCode,
    ...(site.organization === undefined ? {} : { organizationName: site.organization }),
    ...(timeZone === undefined ? {} : { timeZone }),
    ...(bootImageId === undefined ? {} : { bootImageId }),
    ...(settings.highPerformancePowerPlan ? { highPerformancePowerPlan: true } : {}),
  }
}

/** A disabled step needs nothing; a boot image and another sequence are no content of a step. */
export function neededBy(sequence: TaskSequence): readonly ContentReference[] {
  return findReferences(sequence).flatMap(({ id, kind, stepName, enabled }) =>
    !enabled || kind === 'boot-image' || kind === 'task-sequence' ? [] : [{ id, kind, stepName }],
  )
}

/** The first counts: what a step names brings along what a list would only allow. */
export function eachOnce(contents: readonly PolicyContent[]): readonly PolicyContent[] {
  return [...new Map(contents.toReversed().map((content) => [content.id, content])).values()].toReversed()
}

/**
 * S1-043: first the sequence's own, which the installed system starts when it goes on in the boot image; loaders are not for
 * that. S2-040: those that a step downloads, with all their files.
 */
export async function bootImages(
  { bootImages: stored }: Pick<HttpDependencies['store'], 'bootImages'>,
  { bootImageId }: TaskSequenceObject,
  sequence: TaskSequence,
): Promise<readonly PolicyContent[]> {
  const references = findReferences(sequence).filter(({ kind, enabled }) => enabled && kind === 'boot-image')
  const downloaded = new Set(references.map(({ id }) => id))
  const ids = new Set([...(bootImageId === undefined ? [] : [bootImageId]), ...downloaded])
  const images = await Promise.all([...ids].map(async (id) => stored.get(id)))
  return images.flatMap((image): readonly PolicyContent[] => {
    if (image?.content === undefined) return []
    const { version, files: all } = image.content
    const files = downloaded.has(image.id) ? all : all.filter(({ name }) => startFiles.has(name))
    const content = { id: image.id, name: image.name, version, files, kind: 'boot-image' } as const
    return downloaded.has(image.id) || files.length === startFiles.size ? [content] : []
  })
}

const startFiles: ReadonlySet<string> = new Set([bootImageFiles.kernel, bootImageFiles.initramfs])
