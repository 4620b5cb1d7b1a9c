/** Disable BitLocker (S2-047): the drive stays encrypted, and opens by itself for a number of restarts. */

import { text, wholeNumber } from '../fields.ts'
import { type ActionOf, defineStepType } from '../step-type.ts'

export const disableBitlocker = defineStepType({
  type: 'disable-bitlocker',
  title: 'Disable BitLocker',
  about: 'Lets an encrypted drive open by itself for the next restarts.',
  category: 'disks',
  runsIn: 'installed-system',
  xmlName: 'DisableBitLockerAction',
  // 0 to 15 and stronger than the field: 0 stands for "until it is enabled again".
  inputs: ['OSDBitLockerRebootCountOverride'],
  fields: {
    drive: text('os is the drive of the running system; otherwise a drive letter, a device, or a variable with one.', {
      max: 255,
      absent: 'os',
    }),
    restarts: wholeNumber('After so many restarts it is protected again.', {
      min: 1,
      max: 15,
      absent: 1,
      variable: 'OSDBitLockerRebootCount',
    }),
  },
})

export type DisableBitlocker = ActionOf<typeof disableBitlocker>
