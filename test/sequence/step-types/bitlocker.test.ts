/** The steps that encrypt and convert disks as documents. */

import test from 'ava'
import { defaultsOf, faultsOf, resolvesTo } from '../../support/action-macros.ts'

const enable = { type: 'enable-bitlocker' }
const disable = { type: 'disable-bitlocker' }
const provision = { type: 'pre-provision-bitlocker', drive: '%Data%' }

test('S2-045: what is left out', defaultsOf, enable, {
  drive: 'os',
  keyMode: 'tpm',
  pin: '',
  startupKey: '',
  recoveryPassword: '',
  recoveryKey: 'directory',
  fullDiskEncryption: false,
  waitForEncryption: false,
})
test('S2-045: a key mode with a PIN needs one', faultsOf, { ...enable, keyMode: 'tpm-and-pin' }, 'pin missing')
test('S2-046: a PIN has at most 255 characters', faultsOf, { ...enable, pin: '1'.repeat(256) }, 'pin too-long')
test(
  'S2-046: the action variables',
  resolvesTo,
  { ...enable, keyMode: 'tpm-and-pin', pin: '1111' },
  { OSDBitLockerPIN: '2222', OSDBitLockerStartupKey: 'key', OSDBitLockerRecoveryPassword: 'word' },
  { pin: '2222', startupKey: 'key', recoveryPassword: 'word' },
)
test('S2-047: what is left out', defaultsOf, disable, { drive: 'os', restarts: 1 })
test('S2-047: 1 to 15 restarts', faultsOf, { ...disable, restarts: 16 }, 'restarts out-of-range')
test('S2-047: none is not a number of restarts', faultsOf, { ...disable, restarts: 0 }, 'restarts out-of-range')
test('S2-047: OSDBitLockerRebootCount', resolvesTo, disable, { OSDBitLockerRebootCount: '15' }, { restarts: 15 })
test('S2-048: what is left out', defaultsOf, provision, { fullDiskEncryption: false, skipWithoutTpm: true })
test('S2-048: a drive is needed', faultsOf, { type: 'pre-provision-bitlocker' }, 'drive missing')
test('S2-048: a drive by its variable', resolvesTo, provision, { Data: '/dev/sda4' }, { drive: '/dev/sda4' })
test(
  'Convert Disk to Dynamic takes the disk from its variable',
  resolvesTo,
  { type: 'convert-disk-to-dynamic' },
  { OSDConvertDiskIndex: '3' },
  { diskNumber: 3 },
)
