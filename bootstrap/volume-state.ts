/** What is known of a volume before a step changes all of it: which one is meant, whether it is in use, what is on it. */

import { constants, existsSync } from 'node:fs'
import { mkdir, open, readdir, realpath, rmdir } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { systemErrorCode } from '../server/caught-error.ts'
import { runCommand } from './command.ts'
import { type StepContext, StepFailed } from './step-context.ts'
import { readMountedDevices } from './target-system.ts'

export interface NamedVolume {
  readonly device: string
  /** Set when a variable names it. */
  readonly variable?: string
}

/** A device, or the name of a variable that holds one. */
export function volumeOf(drive: string, context: StepContext): NamedVolume {
  const text = drive.trim()
  if (/^[a-z]:?\\?$/i.test(text))
    throw new StepFailed(`${text} is a drive of Windows; here a device is meant, such as /dev/sda3`)
  const device = text.startsWith('/dev/') ? text : context.variable(text).trim()
  if (!/^\/dev\/[A-Za-z0-9._/-]+$/.test(device) || device.includes('..')) {
    throw new StepFailed(`${JSON.stringify(drive)} is neither a device nor a variable with one`)
  }
  if (!existsSync(device)) throw new StepFailed(`there is no ${device}`)
  return device === text ? { device } : { device, variable: text }
}

/** Undefined when nobody uses it. */
export async function reasonVolumeInUse(device: string): Promise<string | undefined> {
  const real = await realpath(device)
  const mounted = await readMountedDevices()
  const place = mounted.get(device) ?? mounted.get(real)
  if (place !== undefined) return `it is in use as ${place}`
  const folder = `/sys/class/block/${basename(real)}`
  const holders = await readdir(`${folder}/holders`).catch(() => [])
  if (holders.length > 0) return `it belongs to ${holders.join(', ')}`
  const partitions = (await readdir(folder).catch(() => [])).filter((name) => name.startsWith(basename(real)))
  if (partitions.length > 0) return `it has partitions (${partitions.join(', ')})`
  return (await isHeld(device)) ? 'the kernel has it in use' : undefined
}

/** open(2): exclusively, a block device opens only when nothing else holds it, by whatever name that was mounted. */
async function isHeld(device: string): Promise<boolean> {
  try {
    await (await open(device, constants.O_RDONLY | constants.O_EXCL)).close()
    return false
  } catch (error) {
    if (systemErrorCode(error) === 'EBUSY') return true
    throw error
  }
}

/** The file system or other signature on it; '' when there is none. */
export async function signatureOf(device: string): Promise<string> {
  const { stdout, exitCode, tail } = await runCommand({
    program: 'blkid',
    arguments: ['-c', '/dev/null', '-p', '-o', 'value', '-s', 'TYPE', device],
  })
  // blkid(8): 2 is for none, 8 for several at once, which cannot be told apart.
  if (exitCode === 8) return 'ambiguous'
  if (exitCode === 0 || exitCode === 2) return stdout.trim()
  throw new StepFailed(
    `what is on ${device} cannot be told: blkid ended with ${exitCode}${tail === '' ? '' : `: ${tail}`}`,
  )
}

export async function volumeBytes(device: string): Promise<number> {
  const { stdout, exitCode, tail } = await runCommand({ program: 'blockdev', arguments: ['--getsize64', device] })
  if (exitCode !== 0) throw new StepFailed(`blockdev --getsize64 ${device}: ${tail}`)
  return Number(stdout.trim())
}

const lookedAtBytes = 1024 * 1024

/** No signature, and nothing but zeros where one would be: nobody's data without a name. */
export async function isBlank(device: string): Promise<boolean> {
  if ((await signatureOf(device)) !== '') return false
  const file = await open(device, 'r')
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(lookedAtBytes), 0, lookedAtBytes, 0)
    return buffer.subarray(0, bytesRead).every((octet) => octet === 0)
  } finally {
    await file.close()
  }
}

/** Whether its file system holds no file; a file system that cannot be mounted holds some. */
export async function holdsNoFiles(device: string, context: StepContext): Promise<boolean> {
  const place = join(context.scratchFolder, 'looked-at')
  await mkdir(place, { recursive: true, mode: 0o700 })
  const { exitCode } = await runCommand({ program: 'mount', arguments: ['-o', 'ro', device, place] })
  if (exitCode !== 0) return false
  try {
    const names = await readdir(place)
    return names.every((name) => name === 'lost+found' || name === 'System Volume Information')
  } finally {
    await runCommand({ program: 'umount', arguments: [place] })
    await rmdir(place).catch(() => {})
  }
}
