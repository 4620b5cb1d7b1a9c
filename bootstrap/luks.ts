/**
 * Encrypted volumes of Linux (cryptsetup(8), LUKS2). A key goes to cryptsetup on its standard input; systemd-cryptenroll(1)
 * reads it from a file in memory that only root may read, and that is removed. Nothing here decides whether a volume may
 * be encrypted.
 */

import { createCipheriv, randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, open, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { EnableBitlocker } from '../server/sequence/step-types/enable-bitlocker.ts'
import { runCommand } from './command.ts'
import { isMadeRecoveryPassword } from './recovery-password.ts'
import { runTool } from './step-command.ts'
import { type StepContext, StepFailed } from './step-context.ts'

export interface LuksVolume {
  readonly device: string
  readonly password: string
  readonly algorithm?: EnableBitlocker['algorithm']
}

/** Room for the header of LUKS2, and as much again while the data moves (cryptsetup-reencrypt(8)). */
export const headerMegabytes = 32

const ciphers = {
  'aes-128': ['--cipher', 'aes-cbc-essiv:sha256', '--key-size', '128'],
  'aes-256': ['--cipher', 'aes-cbc-essiv:sha256', '--key-size', '256'],
  // XTS takes two keys.
  'xts-aes-128': ['--cipher', 'aes-xts-plain64', '--key-size', '256'],
  'xts-aes-256': ['--cipher', 'aes-xts-plain64', '--key-size', '512'],
} as const satisfies Record<NonNullable<EnableBitlocker['algorithm']>, readonly string[]>

export async function formatLuks(volume: LuksVolume, context: StepContext): Promise<void> {
  await runTool(context, ['cryptsetup', 'luksFormat', ...optionsOf(volume), volume.device], volume.password)
}

/** Encrypts what is there, in place. The file system was made smaller by `headerMegabytes` before. */
export async function encryptInPlace(volume: LuksVolume, context: StepContext): Promise<void> {
  const words = ['--encrypt', '--reduce-device-size', `${headerMegabytes}M`, ...optionsOf(volume), volume.device]
  await runTool(context, ['cryptsetup', 'reencrypt', ...words], volume.password)
}

/** True when encrypting in place has broken off: a part of what is there can be read by everybody. */
export async function isHalfEncrypted(device: string, context: StepContext): Promise<boolean> {
  const { stdout, exitCode } = await runCommand({
    program: 'cryptsetup',
    arguments: ['luksDump', device],
    signal: context.signal,
  })
  // Not to know is no reason to take it for complete.
  if (exitCode !== 0)
    throw new StepFailed(`what of ${device} is encrypted cannot be told: cryptsetup ended with ${exitCode}`)
  return /^Requirements:.*\bonline-reencrypt/m.test(stdout)
}

/** From where it broke off. */
export async function resumeEncryption({ device, password }: LuksVolume, context: StepContext): Promise<void> {
  const words = ['--resume-only', '--batch-mode', '--key-file', '-', device]
  await runTool(context, ['cryptsetup', 'reencrypt', ...words], password)
}

export async function openLuks({ device, password }: LuksVolume, name: string, context: StepContext): Promise<string> {
  await runTool(context, ['cryptsetup', 'open', '--key-file', '-', device, name], password)
  return `/dev/mapper/${name}`
}

/** Before anything is changed: without it no volume looks encrypted. */
export async function requireCryptsetup(): Promise<void> {
  const { exitCode } = await runCommand({ program: 'cryptsetup', arguments: ['--version'] })
  if (exitCode !== 0) throw new StepFailed('the program cryptsetup is missing here (package cryptsetup-bin)')
}

export async function isLuks(device: string): Promise<boolean> {
  return (await runCommand({ program: 'cryptsetup', arguments: ['isLuks', device] })).exitCode === 0
}

/** Whether this password opens it; nothing is opened. */
export async function opensLuks({ device, password }: LuksVolume): Promise<boolean> {
  const words = ['open', '--test-passphrase', '--key-file', '-', device]
  return (await runCommand({ program: 'cryptsetup', arguments: words, input: password })).exitCode === 0
}

export async function luksUuid(device: string): Promise<string> {
  return (await runCommand({ program: 'cryptsetup', arguments: ['luksUUID', device] })).stdout.trim()
}

export function hasTpm(): boolean {
  return existsSync('/dev/tpmrm0')
}

/** The TPM then opens the volume while the machine starts as it did now (PCR 7: what Secure Boot trusts). */
export async function enrollTpm({ device, password }: LuksVolume, context: StepContext): Promise<void> {
  await mkdir(context.scratchFolder, { recursive: true, mode: 0o700 })
  const folder = await mkdtemp(join(context.scratchFolder, 'key-'))
  try {
    const file = join(folder, 'key')
    await writeFile(file, password, { mode: 0o600 })
    const words = [`--unlock-key-file=${file}`, '--wipe-slot=tpm2', '--tpm2-device=auto', '--tpm2-pcrs=7', device]
    await runTool(context, ['systemd-cryptenroll', ...words])
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const fillBytes = 4 * 1024 * 1024

/** Random octets all over it, so that nobody sees what of it is in use. */
export async function fillWithRandom(device: string, bytes: number, context: StepContext): Promise<void> {
  const cipher = createCipheriv('aes-256-ctr', randomBytes(32), randomBytes(16))
  const zeros = Buffer.alloc(fillBytes)
  const file = await open(device, 'r+')
  try {
    for (let done = 0; done < bytes && !context.signal.aborted; ) {
      const part = cipher.update(zeros.subarray(0, Math.min(fillBytes, bytes - done)))
      await file.write(part, 0, part.length, done)
      done += part.length
      context.progress({ text: `Overwriting ${device}`, done, total: bytes, unit: 'bytes' })
    }
    await file.sync()
  } finally {
    await file.close()
  }
}

/** Guessing 128 random bits needs no further hindrance; for the password of a person cryptsetup's own measure is taken. */
export function derivationOptions(password: string): readonly string[] {
  return isMadeRecoveryPassword(password) ? ['--pbkdf', 'pbkdf2', '--pbkdf-force-iterations', '1000'] : []
}

function optionsOf({ password, algorithm }: LuksVolume): readonly string[] {
  const derivation = derivationOptions(password)
  const cipher = algorithm === undefined ? [] : ciphers[algorithm]
  return ['--type', 'luks2', '--batch-mode', '--key-file', '-', ...derivation, ...cipher]
}
