/**
 * Enable BitLocker (S2-045, S2-046) in an installed Linux: a volume of data becomes a LUKS volume, what is on it in place.
 * The TPM opens it at start where there is one; otherwise whoever has the recovery password. A volume that was encrypted
 * before the system was applied (S2-048) only gets what opens it; where encrypting broke off, it goes on. The drive of the running system cannot be encrypted
 * in place. Encryption is always waited for, because a restart in the middle would leave the volume half encrypted.
 */

import type { EnableBitlocker } from '../../server/sequence/step-types/enable-bitlocker.ts'
import {
  encryptInPlace,
  enrollTpm,
  fillWithRandom,
  formatLuks,
  hasTpm,
  headerMegabytes,
  isHalfEncrypted,
  isLuks,
  type LuksVolume,
  luksUuid,
  opensLuks,
  requireCryptsetup,
  resumeEncryption,
} from '../luks.ts'
import { makeRecoveryPassword, recoveryPasswordVariable } from '../recovery-password.ts'
import { runTool, tryTool } from '../step-command.ts'
import { type StepContext, StepFailed, type StepResult, stepSucceeded } from '../step-context.ts'
import { readTargetFile, writeTargetFile } from '../target-files.ts'
import { isBlank, reasonVolumeInUse, signatureOf, volumeBytes, volumeOf } from '../volume-state.ts'

export async function enableBitlocker(action: EnableBitlocker, context: StepContext): Promise<StepResult> {
  if (action.drive.trim().toLowerCase() === 'os') {
    throw new StepFailed(
      'the drive of a running Linux cannot be encrypted in place: name a volume of data, such as /dev/sda3, in the step',
    )
  }
  await requireCryptsetup()
  const { device } = volumeOf(action.drive, context)
  const password = action.recoveryPassword === '' ? makeRecoveryPassword() : action.recoveryPassword
  context.redactor.learn(password)
  const volume: LuksVolume = { device, password, algorithm: action.algorithm }
  if (await isLuks(device)) await completeEncryption(volume, context)
  else await encrypt(action, volume, context)
  const variables = [{ name: recoveryPasswordVariable, value: password, secret: true }]
  try {
    await addOpening(volume, context)
  } catch (error) {
    // It is encrypted by now: whatever else goes wrong, its password must not be lost.
    if (!(error instanceof StepFailed)) throw error
    return { exitCode: error.exitCode, message: error.message, variables }
  }
  if (action.recoveryKey === 'directory') {
    context.output('log', `the site keeps no recovery keys: it is in the secret variable ${recoveryPasswordVariable}`)
  }
  return { ...stepSucceeded, variables }
}

async function addOpening(volume: LuksVolume, context: StepContext): Promise<void> {
  const tpm = hasTpm()
  await writeCrypttab(volume.device, tpm, context)
  if (tpm) await enrollTpm(volume, context)
  else context.output('log', `this machine has no TPM: ${volume.device} is opened with its recovery password`)
}

async function completeEncryption(volume: LuksVolume, context: StepContext): Promise<void> {
  const { device } = volume
  if (!(await opensLuks(volume))) {
    throw new StepFailed(`${device} is encrypted already, and ${recoveryPasswordVariable} does not open it`)
  }
  if (!(await isHalfEncrypted(device, context))) return
  context.output('log', `${device} is encrypted in part, and the rest follows now`)
  await resumeEncryption(volume, context)
}

async function encrypt(action: EnableBitlocker, volume: LuksVolume, context: StepContext): Promise<void> {
  const { device } = volume
  const inUse = await reasonVolumeInUse(device)
  if (inUse !== undefined) throw new StepFailed(`${device} is not encrypted: ${inUse}`)
  const bytes = await volumeBytes(device)
  if (await isBlank(device)) {
    if (action.fullDiskEncryption) await fillWithRandom(device, bytes, context)
    return formatLuks(volume, context)
  }
  const fileSystem = await signatureOf(device)
  if (!/^ext[234]$/.test(fileSystem)) {
    const what = fileSystem === '' ? 'something without a file system' : fileSystem
    throw new StepFailed(`${device} holds ${what}: only ext4 and empty volumes can be encrypted in place`)
  }
  if (action.recoveryPassword === '') {
    const why = 'should it break off in the middle, nobody could open what is on it'
    throw new StepFailed(
      `${device} holds data: give its recovery password in ${recoveryPasswordVariable}, because ${why}`,
    )
  }
  context.progress({ text: `Encrypting ${device}`, done: 0, total: 100, unit: 'percent' })
  await checkFileSystem(device, context)
  const kibibytes = Math.floor(bytes / 1024) - headerMegabytes * 1024
  // Refuses, and changes nothing, when what is there does not fit.
  await runTool(context, ['resize2fs', device, `${kibibytes}K`])
  await encryptInPlace(volume, context)
  context.progress({ text: `Encrypted ${device}`, done: 100, total: 100, unit: 'percent' })
}

/** e2fsck(8): 1 says that errors were corrected. */
async function checkFileSystem(device: string, context: StepContext): Promise<void> {
  const words = ['-f', '-p', device]
  const { exitCode, tail } = await tryTool(context, ['e2fsck', ...words])
  if (exitCode > 1) throw new StepFailed(`e2fsck ${words.join(' ')}: ${tail}`, exitCode)
}

/** crypttab(5). Without a TPM nobody is asked at start, so that the machine starts by itself. */
async function writeCrypttab(device: string, tpm: boolean, context: StepContext): Promise<void> {
  const uuid = await luksUuid(device)
  const { root } = context.target
  const before = (await readTargetFile(root, 'etc/crypttab')).split('\n').filter((line) => line !== '')
  const others = before.filter((line) => !line.includes(`UUID=${uuid}`))
  const options = tpm ? 'luks,nofail,tpm2-device=auto' : 'luks,noauto'
  const line = `luks-${uuid} UUID=${uuid} none ${options}`
  await writeTargetFile(root, 'etc/crypttab', [...others, line, ''].join('\n'), 0o600)
}
