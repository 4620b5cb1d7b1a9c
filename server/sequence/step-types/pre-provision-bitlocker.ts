/** Pre-provision BitLocker (S2-048): the drive is encrypted before the system is put onto it. */

import { flag, text } from '../fields.ts'
import { type ActionOf, defineStepType } from '../step-type.ts'

export const preProvisionBitlocker = defineStepType({
  type: 'pre-provision-bitlocker',
  title: 'Pre-provision BitLocker',
  about: 'Encrypts an empty drive before an operating system is applied to it.',
  category: 'disks',
  runsIn: 'boot-image',
  xmlName: 'OfflineEnableBitLockerAction',
  inputs: ['OSDBitLockerRecoveryPassword'],
  outputs: ['OSDBitLockerRecoveryPassword'],
  fields: {
    drive: text('The drive: a letter, a device, or a variable with one.', { max: 255 }),
    fullDiskEncryption: flag('Encrypts what is not in use as well.', false),
    skipWithoutTpm: flag(
      'A machine without a usable TPM goes on without encryption; otherwise it needs OSDBitLockerRecoveryPassword.',
      true,
    ),
  },
})

export type PreProvisionBitlocker = ActionOf<typeof preProvisionBitlocker>
