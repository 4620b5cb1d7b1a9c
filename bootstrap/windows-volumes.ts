/**
 * What Windows runs for the three BitLocker steps (S2-045 to S2-048), and Convert Disk to Dynamic: command lines of
 * manage-bde and the script of diskpart, as text. A PIN is asked for and comes on the standard input; a recovery password
 * of one's own would stand in the command line, where everybody reads it, so PowerShell gets it on its standard input.
 */

import type { DisableBitlocker } from '../server/sequence/step-types/disable-bitlocker.ts'
import type { EnableBitlocker } from '../server/sequence/step-types/enable-bitlocker.ts'
import type { PreProvisionBitlocker } from '../server/sequence/step-types/pre-provision-bitlocker.ts'
import { quoteForPowershell } from './powershell-script.ts'

export interface WindowsCommand {
  readonly commandLine: string
  readonly input: string
}

/** `drive` such as `C:`; `keyDrive` is where the startup key is put. In their order: protectors first, then encryption. */
export function enableCommands(
  action: EnableBitlocker,
  { drive, keyDrive }: { readonly drive: string; readonly keyDrive: string },
): readonly WindowsCommand[] {
  const add = (words: string, input = ''): WindowsCommand => ({
    commandLine: `manage-bde.exe -protectors -add ${drive} ${words}`,
    input,
  })
  const pin = `${action.pin}\r\n${action.pin}\r\n`
  const protectors = {
    tpm: add('-tpm'),
    usb: add(`-startupkey ${keyDrive}`),
    'tpm-and-usb': add(`-tpmandstartupkey ${keyDrive}`),
    'tpm-and-pin': add('-tpmandpin', pin),
  } as const satisfies Record<EnableBitlocker['keyMode'], WindowsCommand>
  const on = [
    `manage-bde.exe -on ${drive}`,
    ...(action.fullDiskEncryption ? [] : ['-used']),
    ...(action.algorithm === undefined ? [] : [`-encryptionmethod ${methods[action.algorithm]}`]),
    '-skiphardwaretest',
    ...(action.waitForEncryption ? ['-synchronous'] : []),
  ]
  return [
    // A data drive opens with the drive of the system.
    action.drive.trim().toLowerCase() === 'os'
      ? protectors[action.keyMode]
      : { commandLine: `manage-bde.exe -autounlock -enable ${drive}`, input: '' },
    ...(action.recoveryKey === 'none' ? [] : [recovery(drive, action.recoveryPassword)]),
    { commandLine: on.join(' '), input: '' },
    ...(action.recoveryKey === 'none' ? [] : [backUp(drive)]),
  ]
}

const methods = {
  'aes-128': 'aes128',
  'aes-256': 'aes256',
  'xts-aes-128': 'xts_aes128',
  'xts-aes-256': 'xts_aes256',
} as const satisfies Record<NonNullable<EnableBitlocker['algorithm']>, string>

function recovery(drive: string, password: string): WindowsCommand {
  if (password === '') return { commandLine: `manage-bde.exe -protectors -add ${drive} -recoverypassword`, input: '' }
  const input = `Add-BitLockerKeyProtector -MountPoint '${drive}' -RecoveryPasswordProtector -RecoveryPassword ${quoteForPowershell(password)}\r\n`
  return { commandLine: 'powershell.exe -NoProfile -NonInteractive -Command -', input }
}

function backUp(drive: string): WindowsCommand {
  const input = `(Get-BitLockerVolume '${drive}').KeyProtector | Where-Object KeyProtectorType -eq RecoveryPassword | ForEach-Object { Backup-BitLockerKeyProtector -MountPoint '${drive}' -KeyProtectorId $_.KeyProtectorId }\r\n`
  return { commandLine: 'powershell.exe -NoProfile -NonInteractive -Command -', input }
}

/** S2-047: the override is stronger, and its 0 stands for "until it is enabled again". */
export function disableCommandLine(
  { restarts }: Pick<DisableBitlocker, 'restarts'>,
  { drive, override }: { readonly drive: string; readonly override: string },
): string {
  const count = /^(?:[0-9]|1[0-5])$/.test(override.trim()) ? override.trim() : String(restarts)
  return `manage-bde.exe -protectors -disable ${drive} -rebootcount ${count}`
}

/** S2-048: in Windows PE; the protectors come when the system runs. */
export function preProvisionCommandLine(
  { fullDiskEncryption }: Pick<PreProvisionBitlocker, 'fullDiskEncryption'>,
  drive: string,
): string {
  return `manage-bde.exe -on ${drive}${fullDiskEncryption ? '' : ' -used'}`
}

/** For the standard input of diskpart. */
export function dynamicDiskScript(diskNumber: number): string {
  return `select disk ${diskNumber}\r\nconvert dynamic\r\nexit\r\n`
}
