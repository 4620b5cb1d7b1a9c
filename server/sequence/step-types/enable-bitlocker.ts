/** Enable BitLocker (S2-045, S2-046): on Linux, LUKS on a data volume. */

import type { ValuesOf } from '../field.ts'
import { flag, optional, text, word } from '../fields.ts'
import { fault, memberOf, type Place } from '../read-document.ts'
import { type ActionOf, defineStepType } from '../step-type.ts'

const fields = {
  drive: text('os is the drive of the running system; otherwise a drive letter, a device, or a variable with one.', {
    max: 255,
    absent: 'os',
  }),
  keyMode: word('How the drive of the system is opened at start.', ['tpm', 'usb', 'tpm-and-usb', 'tpm-and-pin'], {
    absent: 'tpm',
  }),
  pin: text('The PIN of tpm-and-pin.', { max: 255, absent: '', secret: true, variable: 'OSDBitLockerPIN' }),
  startupKey: text('The key of usb; left out: one is made.', {
    max: 255,
    absent: '',
    secret: true,
    variable: 'OSDBitLockerStartupKey',
  }),
  recoveryPassword: text('A recovery password; left out: one is made.', {
    max: 255,
    absent: '',
    secret: true,
    variable: 'OSDBitLockerRecoveryPassword',
  }),
  recoveryKey: word(
    'Where Windows keeps the recovery key; a Linux leaves it in OSDBitLockerRecoveryPassword.',
    ['directory', 'none'],
    { absent: 'directory' },
  ),
  fullDiskEncryption: flag('Encrypts what is not in use as well.', false),
  waitForEncryption: flag(
    'The step ends when the drive is encrypted, not when that has begun; a Linux always waits.',
    false,
  ),
  algorithm: optional(
    word('Left out: the usual one of the system.', ['aes-128', 'aes-256', 'xts-aes-128', 'xts-aes-256']),
  ),
}

type Settings = ValuesOf<typeof fields>

export const enableBitlocker = defineStepType({
  type: 'enable-bitlocker',
  title: 'Enable BitLocker',
  about: 'Encrypts a drive, and keeps its recovery key.',
  category: 'disks',
  runsIn: 'installed-system',
  xmlName: 'EnableBitLockerAction',
  outputs: ['OSDBitLockerRecoveryPassword'],
  fields,
  together: { settle: settlePin },
})

export type EnableBitlocker = ActionOf<typeof enableBitlocker>

function settlePin(settings: Settings, place: Place): Settings {
  if (settings.keyMode === 'tpm-and-pin' && settings.pin === '') {
    fault(memberOf(place, 'pin'), 'missing', 'Give the PIN, or a variable with it, or choose another key mode.')
  }
  return settings
}
