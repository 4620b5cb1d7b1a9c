/**
 * Pre-provision BitLocker (S2-048) for a Linux: an empty volume of data that this run has formatted becomes a LUKS volume
 * with the same file system, and is open until the restart. Enable BitLocker completes it in the installed system: with
 * the recovery password that this step leaves in its secret variable, it lets the TPM open it. The partition of the system itself is refused: its
 * boot loader and its RAM disk would have to open it.
 */

import type { PreProvisionBitlocker } from '../../server/sequence/step-types/pre-provision-bitlocker.ts'
import { formatVolume } from '../format-volume.ts'
import {
  type FormattedPartition,
  formattedPartitionsVariable,
  parseFormattedPartitions,
  printFormattedPartitions,
  systemPartition,
} from '../formatted-partitions.ts'
import { fillWithRandom, formatLuks, hasTpm, luksUuid, openLuks, requireCryptsetup } from '../luks.ts'
import { makeRecoveryPassword, recoveryPasswordVariable } from '../recovery-password.ts'
import { type StepContext, StepFailed, type StepResult, stepSucceeded, variable } from '../step-context.ts'
import { deviceOf } from '../target-system.ts'
import { holdsNoFiles, isBlank, reasonVolumeInUse, volumeBytes, volumeOf } from '../volume-state.ts'

export async function preProvisionBitlocker(action: PreProvisionBitlocker, context: StepContext): Promise<StepResult> {
  const given = context.variable(recoveryPasswordVariable)
  const tpm = hasTpm()
  if (!tpm && action.skipWithoutTpm) {
    context.output('log', 'this machine has no usable TPM, so nothing is encrypted')
    return stepSucceeded
  }
  if (!tpm && given === '') {
    throw new StepFailed(`this machine has no usable TPM: set ${recoveryPasswordVariable}, or let the step be skipped`)
  }
  await requireCryptsetup()
  const named = volumeOf(action.drive, context)
  const { device } = named
  const partitions = parseFormattedPartitions(context.variable(formattedPartitionsVariable))
  const partition = await requireOwn(device, partitions)
  const reason = (await reasonVolumeInUse(device)) ?? (await reasonNotEmpty(partition, context))
  if (reason !== undefined) throw new StepFailed(`${device} is not encrypted: ${reason}`)

  const password = given === '' ? makeRecoveryPassword() : given
  context.redactor.learn(password)
  if (action.fullDiskEncryption) await fillWithRandom(device, await volumeBytes(device), context)
  await formatLuks({ device, password }, context)
  const opened = await openLuks({ device, password }, `luks-${await luksUuid(device)}`, context)
  const uuid = await formatVolume(opened, { ...partition, name: '' }, context)
  const inside = {
    device: opened,
    use: partition.use,
    fileSystem: partition.fileSystem,
    ...(uuid === '' ? {} : { uuid }),
  }
  const all = partitions.map((each) => (each.device === device ? inside : each))
  return {
    ...stepSucceeded,
    variables: [
      variable(formattedPartitionsVariable, printFormattedPartitions(all)),
      ...(named.variable === undefined ? [] : [variable(named.variable, opened)]),
      { name: recoveryPasswordVariable, value: password, secret: true },
    ],
  }
}

async function requireOwn(device: string, partitions: readonly FormattedPartition[]): Promise<FormattedPartition> {
  const partition = partitions.find((each) => each.device === device)
  if (partition === undefined) throw new StepFailed(`${device} is not encrypted: this run has not made it`)
  if (!['primary', 'logical', 'hidden'].includes(partition.use)) {
    throw new StepFailed(`${device} is not encrypted: it is used as ${partition.use}`)
  }
  if (partition === systemPartition(partitions)) {
    throw new StepFailed(
      `${device} receives the system, which could not start from an encrypted partition: name one of data`,
    )
  }
  const now = await deviceOf(partition)
  if (now !== device) {
    throw new StepFailed(`${device} is not encrypted: since a restart what this run has made there is ${now}`)
  }
  return partition
}

async function reasonNotEmpty({ device }: FormattedPartition, context: StepContext): Promise<string | undefined> {
  if ((await isBlank(device)) || (await holdsNoFiles(device, context))) return undefined
  return 'it is not empty'
}
