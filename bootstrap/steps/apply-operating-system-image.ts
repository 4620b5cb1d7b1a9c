/**
 * Apply Operating System Image (S2-053 to S2-058): the target partition is emptied, the image streams from the server
 * through its hash into GNU tar or wimlib, and the step succeeds only when the hash was right. tar keeps owners, modes and
 * extended attributes; it refuses names that lead out of the target (`..`) and makes absolute names relative, and links are
 * made last, so that no file is written through one (security E01). A WIM goes to an NTFS partition itself, with everything
 * that NTFS knows; what makes it start is not written (BCD needs Windows' own bcdboot).
 */

import { chmod } from 'node:fs/promises'
import { diskMarkFolder } from '../../server/contract/disk-mark.ts'
import type { ApplyOperatingSystemImage } from '../../server/sequence/step-types/apply-operating-system-image.ts'
import { placeAnswerFile } from '../answer-file.ts'
import { extractArchive } from '../archive.ts'
import { findExistingSystem, isOverExistingSystem, keptEfiPartition } from '../existing-system.ts'
import {
  type FormattedPartition,
  formattedPartitionsVariable,
  parseFormattedPartitions,
  printFormattedPartitions,
} from '../formatted-partitions.ts'
import { printFstab } from '../fstab.ts'
import { findImageDestination, partitionUsed } from '../image-destination.ts'
import { findImage, findSetupImage, type ImageFile, isWim, type OpenImage, openImage } from '../image-source.ts'
import { withMounted } from '../mounted-partition.ts'
import { targetPartitionVariable } from '../require-target.ts'
import { runFolder } from '../run-file.ts'
import { runTool } from '../step-command.ts'
import { type StepContext, StepFailed, type StepResult, variable } from '../step-context.ts'
import { emptyTarget, emptyVolume, hasTargetFile, makeTargetFolder, writeTargetFile } from '../target-files.ts'
import { userStateFolders } from '../user-state-folder.ts'
import { applyWim, type WimKind } from '../wim.ts'

export async function applyOperatingSystemImage(
  action: ApplyOperatingSystemImage,
  context: StepContext,
): Promise<StepResult> {
  const source = findSource(action, context)
  const destination = isOverExistingSystem(action)
    ? await findExistingSystem(context)
    : await findImageDestination(action, context)
  const efi = await keptEfiPartition(destination, context)
  const made = parseFormattedPartitions(context.variable(formattedPartitionsVariable))
  const partitions = efi === undefined ? made : [...made, efi]
  const image = await openImage(source, `Applying ${source.content.name}`, context)
  try {
    await apply(image, { action, destination, partitions }, context)
  } finally {
    await image.octets.return(undefined)
  }
  return {
    exitCode: 0,
    message: '',
    variables: [
      variable('OSDTargetSystemDrive', destination.device),
      variable('OSDTargetSystemRoot', context.target.root),
      variable(targetPartitionVariable, printFormattedPartitions([destination])),
      partitionUsed(destination, context),
      ...(efi === undefined ? [] : [variable(formattedPartitionsVariable, printFormattedPartitions(partitions))]),
    ],
  }
}

interface Wanted {
  readonly action: ApplyOperatingSystemImage
  readonly destination: FormattedPartition
  /** Those of this run, and an EFI system partition that was there before. */
  readonly partitions: readonly FormattedPartition[]
}

function findSource({ imageId, upgradePackageId }: ApplyOperatingSystemImage, context: StepContext): ImageFile {
  if (imageId !== undefined) return findImage(imageId, context)
  if (upgradePackageId !== undefined) return findSetupImage(upgradePackageId, context)
  throw new StepFailed('the step names neither an image nor an upgrade package')
}

async function apply(image: OpenImage, wanted: Wanted, context: StepContext): Promise<void> {
  const { kind } = image
  const { action, destination } = wanted
  if (isWim(kind) && destination.fileSystem === 'ntfs') await applyToVolume({ ...image, kind }, wanted, context)
  else await applyToFolder(image, wanted, context)
  context.progress({ text: 'Flushing the disk', done: image.file.bytes, total: image.file.bytes, unit: 'bytes' })
  await runTool(context, ['sync', '-f', context.target.root])
  await placeAnswerFile(action, context)
}

/** wimlib writes to the partition itself, so nothing may be mounted there meanwhile. */
async function applyToVolume(
  image: OpenImage & { readonly kind: WimKind },
  { action, destination }: Wanted,
  context: StepContext,
): Promise<void> {
  const { target } = context
  await target.unmountBelow()
  await target.release()
  // S2-053: everything on the volume goes, but the user state that lies there.
  await withMounted(destination, context, (folder) => emptyVolume(folder, userStateFolders(context)))
  await applyWim(image, { partition: destination, folder: undefined, index: action.imageIndex }, context)
  await target.mountRoot(destination)
}

async function applyToFolder(
  image: OpenImage,
  { action, destination, partitions }: Wanted,
  context: StepContext,
): Promise<void> {
  const { target } = context
  const { kind } = image
  if (!['ext4', 'xfs'].includes(destination.fileSystem)) {
    throw new StepFailed(
      `${image.content.name} cannot be applied to ${destination.device}: ${destination.fileSystem} keeps no owners and modes; format it with ext4 or xfs, or with ntfs for a WIM`,
    )
  }
  await target.mountRoot(destination)
  // A step before may have looked into a system that was applied earlier in this run.
  await target.unmountBelow()
  // S2-053: everything on the volume goes, but the state of the run itself, the mark of its medium and the user state.
  await emptyTarget(target.root, runFolder, [diskMarkFolder, ...userStateFolders(context)])
  if (isWim(kind)) {
    const place = { partition: destination, folder: target.root, index: action.imageIndex }
    await applyWim({ ...image, kind }, place, context)
  } else {
    requireOnlyImage(action.imageIndex)
    await extractArchive(image.octets, {
      root: target.root,
      // The archive must not replace the ticket of this very run.
      exclude: runFolder,
      signal: context.signal,
      onLine: (line) => context.output('stderr', line),
    })
  }
  await makeMountPoints(target.root)
  const efi = partitions.find(({ use }) => use === 'efi')
  if (efi !== undefined && context.hardware.firmware === 'uefi') await target.mountBelow('boot/efi', efi)
  const others = partitions.filter(({ device }) => device !== destination.device)
  await writeTargetFile(target.root, 'etc/fstab', printFstab(destination, others))
}

export function requireOnlyImage(index: number): void {
  if (index !== 1) throw new StepFailed(`an archive holds one image, so there is no image ${index}`)
}

/** Archives made of a running system leave these out; the system cannot start without them. */
async function makeMountPoints(root: string): Promise<void> {
  for (const place of ['dev', 'proc', 'run', 'sys', 'etc', 'boot']) await makeTargetFolder(root, place)
  // Some systems have a link here, which is theirs.
  if (!(await hasTargetFile(root, 'tmp'))) await chmod(await makeTargetFolder(root, 'tmp'), 0o1777)
}
