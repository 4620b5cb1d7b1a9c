/**
 * Apply Data Image (S2-059): the files of a WIM or an archive onto a partition. Nothing there is made to start, and no later
 * step looks for a system there. The partition of the applied operating system gets files only when nothing is deleted.
 */

import type { ApplyDataImage } from '../../server/sequence/step-types/apply-data-image.ts'
import { extractArchive } from '../archive.ts'
import type { FormattedPartition } from '../formatted-partitions.ts'
import { findImageDestination, partitionUsed } from '../image-destination.ts'
import { findImage, isWim, type OpenImage, openImage } from '../image-source.ts'
import { withMounted } from '../mounted-partition.ts'
import { runFolder } from '../run-file.ts'
import { runTool } from '../step-command.ts'
import { type StepContext, StepFailed, type StepResult } from '../step-context.ts'
import { emptyVolume, refuseLinksOut } from '../target-files.ts'
import { applyWim } from '../wim.ts'
import { requireOnlyImage } from './apply-operating-system-image.ts'

export async function applyDataImage(action: ApplyDataImage, context: StepContext): Promise<StepResult> {
  const source = findImage(action.imageId, context)
  const partition = await findImageDestination(action, context)
  const isTarget = context.target.device === partition.device
  if (isTarget && action.deleteContentFirst) {
    throw new StepFailed(`${partition.device} holds the applied operating system, so its content is not deleted`)
  }
  const image = await openImage(source, `Applying ${source.content.name}`, context)
  try {
    if (isTarget) await applyBelow(context.target.root, { image, action, partition }, context)
    else await applyToPartition({ image, action, partition }, context)
  } finally {
    await image.octets.return(undefined)
  }
  return { exitCode: 0, message: '', variables: [partitionUsed(partition, context)] }
}

interface Applied {
  readonly image: OpenImage
  readonly action: ApplyDataImage
  readonly partition: FormattedPartition
}

async function applyToPartition(applied: Applied, context: StepContext): Promise<void> {
  const { image, action, partition } = applied
  const { kind } = image
  if (action.deleteContentFirst) await withMounted(partition, context, (folder) => emptyVolume(folder, []))
  if (action.deleteContentFirst && isWim(kind) && partition.fileSystem === 'ntfs') {
    await applyWim({ ...image, kind }, { partition, folder: undefined, index: action.imageIndex }, context)
  } else {
    await withMounted(partition, context, (folder) => applyBelow(folder, applied, context))
  }
}

async function applyBelow(folder: string, { image, action, partition }: Applied, context: StepContext): Promise<void> {
  const { kind } = image
  if (isWim(kind)) {
    // wimlib follows the links that it finds.
    await refuseLinksOut(folder, '')
    await applyWim({ ...image, kind }, { partition, folder, index: action.imageIndex }, context)
  } else {
    requireOnlyImage(action.imageIndex)
    await extractArchive(image.octets, {
      root: folder,
      exclude: runFolder,
      keepsOwners: ['ext4', 'xfs'].includes(partition.fileSystem),
      signal: context.signal,
      onLine: (line) => context.output('stderr', line),
    })
  }
  await runTool(context, ['sync', '-f', folder])
}
