/**
 * Apply Operating System Image (S2-053, S2-055, S2-058) for root archives: the target partition is emptied, the archive
 * streams from the server through its hash into GNU tar, and the step succeeds only when the hash was right. tar keeps
 * owners, modes and extended attributes; it refuses names that lead out of the target (`..`) and makes absolute names
 * relative, and links are made last, so that no file is written through one (security E01). WIM images are not applied.
 */

import { chmod } from 'node:fs/promises'
import type { PolicyContent } from '../../server/contract/agent.ts'
import type { ApplyOperatingSystemImage } from '../../server/sequence/step-types/apply-operating-system-image.ts'
import type { ContentFile } from '../../server/site/content.ts'
import { extractArchive } from '../archive.ts'
import { downloadFile } from '../download.ts'
import {
  type FormattedPartition,
  formattedPartitionsVariable,
  parseFormattedPartitions,
  printFormattedPartitions,
  systemPartition,
} from '../formatted-partitions.ts'
import { printFstab } from '../fstab.ts'
import { targetPartitionVariable } from '../require-target.ts'
import { runFolder } from '../run-file.ts'
import { runTool } from '../step-command.ts'
import { type StepContext, StepFailed, type StepResult, variable } from '../step-context.ts'
import { emptyTarget, hasTargetFile, makeTargetFolder, writeTargetFile } from '../target-files.ts'

export async function applyOperatingSystemImage(
  action: ApplyOperatingSystemImage,
  context: StepContext,
): Promise<StepResult> {
  const { content, file } = findImage(action.imageId, context.content)
  const partitions = parseFormattedPartitions(context.variable(formattedPartitionsVariable))
  const destination = await findDestination(action, partitions, context)
  const { target } = context
  await target.mountRoot(destination)
  // A step before may have looked into a system that was applied earlier in this run.
  await target.unmountBelow()
  // S2-053: everything on the volume goes, but the state of the run itself.
  await emptyTarget(target.root, runFolder)
  await extract({ content, file }, context)
  await makeMountPoints(target.root)
  const efi = partitions.find(({ use }) => use === 'efi')
  if (efi !== undefined && context.hardware.firmware === 'uefi') await target.mountBelow('boot/efi', efi)
  const others = partitions.filter(({ device }) => device !== destination.device)
  await writeTargetFile(target.root, 'etc/fstab', printFstab(destination, others))
  return {
    exitCode: 0,
    message: '',
    variables: [
      variable('OSDTargetSystemDrive', destination.device),
      variable('OSDTargetSystemRoot', target.root),
      variable(targetPartitionVariable, printFormattedPartitions([destination])),
    ],
  }
}

interface Image {
  readonly content: PolicyContent
  readonly file: ContentFile
}

function findImage(imageId: string, contents: readonly PolicyContent[]): Image {
  const content = contents.find(({ id }) => id === imageId)
  if (content === undefined)
    throw new StepFailed(`the operating system image ${imageId} is not among the content of this run`)
  const [file, ...more] = content.files
  if (file === undefined || more.length > 0) {
    throw new StepFailed(
      `the operating system image ${imageId} version ${content.version} does not have exactly one file`,
    )
  }
  return { content, file }
}

async function findDestination(
  action: ApplyOperatingSystemImage,
  partitions: readonly FormattedPartition[],
  context: StepContext,
): Promise<FormattedPartition> {
  const { destinationVariable = '' } = action
  if (destinationVariable === '') {
    const found = systemPartition(partitions)
    if (found === undefined)
      throw new StepFailed('no formatted primary partition: a Format and Partition Disk step must come first')
    return found
  }
  const device = context.variable(destinationVariable)
  if (device === '') throw new StepFailed(`the variable ${destinationVariable} does not name a partition`)
  const known = partitions.find((partition) => partition.device === device)
  if (known !== undefined) return known
  throw new StepFailed(`${device}, named by the variable ${destinationVariable}, was not formatted in this run`)
}

async function extract({ content, file }: Image, context: StepContext): Promise<void> {
  const text = `Applying ${content.name}`
  const octets = downloadFile(context.download, {
    content,
    file,
    signal: context.signal,
    onBytes: (done) => context.progress({ text, done, total: file.bytes, unit: 'bytes' }),
  })
  await extractArchive(octets, {
    root: context.target.root,
    // The archive must not replace the ticket of this very run.
    exclude: runFolder,
    signal: context.signal,
    onLine: (line) => context.output('stderr', line),
  })
  context.progress({ text: 'Flushing the disk', done: file.bytes, total: file.bytes, unit: 'bytes' })
  await runTool(context, ['sync', '-f', context.target.root])
}

/** Archives made of a running system leave these out; the system cannot start without them. */
async function makeMountPoints(root: string): Promise<void> {
  for (const place of ['dev', 'proc', 'run', 'sys', 'etc', 'boot']) await makeTargetFolder(root, place)
  // Some systems have a link here, which is theirs.
  if (!(await hasTargetFile(root, 'tmp'))) await chmod(await makeTargetFolder(root, 'tmp'), 0o1777)
}
