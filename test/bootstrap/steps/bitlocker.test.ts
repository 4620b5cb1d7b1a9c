/**
 * Encrypting volumes of loop devices with the real cryptsetup, and the command lines of Windows. What needs the
 * device mapper of the kernel (opening a volume) is not tried here. Needs root.
 */

import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { derivationOptions, fillWithRandom, isLuks, opensLuks } from '../../../bootstrap/luks.ts'
import { isMadeRecoveryPassword, makeRecoveryPassword } from '../../../bootstrap/recovery-password.ts'
import { convertDiskToDynamic } from '../../../bootstrap/steps/convert-disk-to-dynamic.ts'
import { disableBitlocker } from '../../../bootstrap/steps/disable-bitlocker.ts'
import { enableBitlocker } from '../../../bootstrap/steps/enable-bitlocker.ts'
import { preProvisionBitlocker } from '../../../bootstrap/steps/pre-provision-bitlocker.ts'
import { TargetSystem } from '../../../bootstrap/target-system.ts'
import { disableCommandLine, enableCommands, preProvisionCommandLine } from '../../../bootstrap/windows-volumes.ts'
import type { EnableBitlocker } from '../../../server/sequence/step-types/enable-bitlocker.ts'
import { makeContext, makeFolder, makeLoopDisk, type TestContext } from '../loop-disk.ts'

const enable: EnableBitlocker = {
  type: 'enable-bitlocker',
  drive: '',
  keyMode: 'tpm',
  pin: '',
  startupKey: '',
  recoveryPassword: makeRecoveryPassword(),
  recoveryKey: 'directory',
  fullDiskEncryption: false,
  waitForEncryption: false,
}

interface Volume {
  readonly device: string
  readonly context: TestContext
}

/** A volume, and an installed system beside it. */
function makeVolume(t: ExecutionContext, megabytes: number): Volume {
  const { disk, folder } = makeLoopDisk(t, megabytes * 1024 * 1024)
  const root = join(folder, 'root')
  mkdirSync(join(root, 'etc'), { recursive: true })
  const target = new TargetSystem(root, () => {})
  return { device: disk.device, context: makeContext(folder, { where: 'installed-system', target }) }
}

function run(program: string, ...words: readonly string[]): string {
  return execFileSync(program, words, { encoding: 'utf8' })
}

function mountAndWrite(device: string, folder: string): void {
  const place = join(folder, 'fill')
  mkdirSync(place, { recursive: true })
  run('mount', device, place)
  writeFileSync(join(place, 'letter'), 'dear '.repeat(10_000))
  run('umount', place)
}

function crypttab({ context }: Volume): string {
  return readFileSync(join(context.target.root, 'etc/crypttab'), 'utf8')
}

test.serial('S2-045: an ext4 volume is encrypted with what is on it, and its password opens it', async (t) => {
  const volume = makeVolume(t, 96)
  const { device, context } = volume
  run('mkfs.ext4', '-q', '-F', device)
  mountAndWrite(device, context.scratchFolder)
  t.true(readFileSync(device).includes('dear dear'))
  const { variables } = await enableBitlocker({ ...enable, drive: device }, context)
  t.deepEqual(variables, [{ name: 'OSDBitLockerRecoveryPassword', value: enable.recoveryPassword, secret: true }])
  t.true(await opensLuks({ device, password: enable.recoveryPassword }))
  t.false(await opensLuks({ device, password: 'another' }))
  t.false(readFileSync(device).includes('dear dear'))
  const uuid = run('cryptsetup', 'luksUUID', device).trim()
  t.is(crypttab(volume), `luks-${uuid} UUID=${uuid} none luks,noauto\n`)
  t.notRegex(context.lines.join('\n'), new RegExp(enable.recoveryPassword))
  // Once more: there is nothing left to encrypt, and one line stays.
  await enableBitlocker({ ...enable, drive: device }, context)
  t.is(crypttab(volume).split('\n').length, 2)
})

test.serial('S2-045: an empty volume is encrypted with the algorithm that is asked for', async (t) => {
  const { device, context } = makeVolume(t, 48)
  context.set.set('Data', device)
  const { variables } = await enableBitlocker(
    { ...enable, drive: 'Data', recoveryPassword: '', algorithm: 'xts-aes-128', fullDiskEncryption: true },
    context,
  )
  t.true(isMadeRecoveryPassword(variables[0]?.value ?? ''))
  t.true(await opensLuks({ device, password: variables[0]?.value ?? '' }))
  t.regex(run('cryptsetup', 'luksDump', device), /cipher: aes-xts-plain64[^]*Key: {8}256 bits/)
  await t.throwsAsync(enableBitlocker({ ...enable, drive: device }, context), {
    message: /is encrypted already, and OSDBitLockerRecoveryPassword does not open it/,
  })
})

test.serial('S2-045: encrypting that broke off goes on', async (t) => {
  const { device, context } = makeVolume(t, 96)
  run('mkfs.ext4', '-q', '-F', device, '64M')
  mountAndWrite(device, context.scratchFolder)
  const words = ['--encrypt', '--init-only', '--reduce-device-size', '32M', '--key-file', '-', '--pbkdf', 'pbkdf2']
  execFileSync('cryptsetup', ['reencrypt', ...words, '--batch-mode', device], { input: enable.recoveryPassword })
  t.true(readFileSync(device).includes('dear dear'))
  await t.throwsAsync(enableBitlocker({ ...enable, drive: device, recoveryPassword: 'another' }, context), {
    message: /does not open it/,
  })
  await enableBitlocker({ ...enable, drive: device }, context)
  t.false(readFileSync(device).includes('dear dear'))
  t.notRegex(run('cryptsetup', 'luksDump', device), /reencrypt/)
})

test.serial('S2-045: nothing is changed where cryptsetup is missing', async (t) => {
  const { device, context } = makeVolume(t, 96)
  run('mkfs.ext4', '-q', '-F', device)
  const before = readFileSync(device)
  const path = process.env['PATH'] ?? ''
  process.env['PATH'] = makeFolder(t)
  t.teardown(() => {
    process.env['PATH'] = path
  })
  for (const program of ['blkid', 'blockdev', 'e2fsck', 'resize2fs']) {
    symlinkSync(join('/usr/sbin', program), join(process.env['PATH'], program))
  }
  await t.throwsAsync(enableBitlocker({ ...enable, drive: device }, context), { message: /cryptsetup is missing here/ })
  t.true(readFileSync(device).equals(before))
})

test.serial('S2-045: data is encrypted only with a password that somebody has', async (t) => {
  const { device, context } = makeVolume(t, 48)
  run('mkfs.ext4', '-q', '-F', device)
  await t.throwsAsync(enableBitlocker({ ...enable, drive: device, recoveryPassword: '' }, context), {
    message: /holds data: give its recovery password/,
  })
  t.false(await isLuks(device))
})

test.serial('S2-045: what is encrypted keeps its password when the rest of the step fails', async (t) => {
  const { device, context } = makeVolume(t, 48)
  rmSync(join(context.target.root, 'etc'), { recursive: true })
  symlinkSync('/root', join(context.target.root, 'etc'))
  const result = await enableBitlocker({ ...enable, drive: device, recoveryPassword: '' }, context)
  t.is(result.exitCode, 1)
  t.regex(result.message, /leads out of it/)
  t.true(await opensLuks({ device, password: result.variables[0]?.value ?? '' }))
})

test.serial('S2-045: a volume that is full is not encrypted, and stays as it is', async (t) => {
  const { device, context } = makeVolume(t, 40)
  run('mkfs.ext4', '-q', '-F', device)
  const place = join(context.scratchFolder, 'fill')
  mkdirSync(place, { recursive: true })
  run('mount', device, place)
  writeFileSync(join(place, 'full'), Buffer.alloc(20 * 1024 * 1024, 1))
  run('umount', place)
  await t.throwsAsync(enableBitlocker({ ...enable, drive: device }, context), { message: /resize2fs/ })
  t.false(await isLuks(device))
  run('e2fsck', '-fn', device)
})

type Prepare = (volume: Volume, t: ExecutionContext) => string

const refused = test.macro(async (t, prepare: Prepare, message: RegExp) => {
  const volume = makeVolume(t, 64)
  const drive = prepare(volume, t)
  await t.throwsAsync(enableBitlocker({ ...enable, drive }, volume.context), { message })
  t.false(await isLuks(volume.device))
})

test.serial('S2-045: the drive of the running system is refused', refused, () => 'os', /cannot be encrypted in place/)
test.serial('a drive letter is refused', refused, () => 'D:', /is a drive of Windows/)
test.serial('what is no device is refused', refused, () => 'Nothing', /neither a device nor a variable/)
test.serial(
  'a file system that cannot be made smaller is refused',
  refused,
  ({ device }) => {
    run('mkfs.vfat', device)
    return device
  },
  /holds vfat: only ext4/,
)
test.serial(
  'octets without a name are refused',
  refused,
  ({ device }) => {
    run('dd', 'if=/dev/urandom', `of=${device}`, 'bs=4096', 'count=1', 'status=none')
    return device
  },
  /holds something without a file system/,
)
test.serial(
  'a volume in use is refused',
  refused,
  ({ device, context }) => {
    run('mkfs.ext4', '-q', '-F', device)
    const place = join(context.scratchFolder, 'used')
    mkdirSync(place, { recursive: true })
    run('mount', device, place)
    return device
  },
  /is in use as /,
)

test.serial(
  'a volume in use by another name is refused',
  refused,
  ({ device, context }, t) => {
    run('mkfs.ext4', '-q', '-F', device)
    const place = join(context.scratchFolder, 'used')
    mkdirSync(place, { recursive: true })
    run('mount', device, place)
    const { rdev } = statSync(device)
    const other = `/dev/reveille-test-${process.pid}`
    run('mknod', other, 'b', String(rdev >> 8), String(rdev & 0xff))
    t.teardown(() => rmSync(other))
    return other
  },
  /is not encrypted: the kernel has it in use/,
)

test.serial('what is on a volume is not guessed when blkid cannot tell', async (t) => {
  const { device, context } = makeVolume(t, 64)
  const programs = makeFolder(t)
  writeFileSync(join(programs, 'blkid'), '#!/bin/sh\nexit 4\n', { mode: 0o755 })
  const path = process.env['PATH'] ?? ''
  process.env['PATH'] = `${programs}:${path}`
  t.teardown(() => {
    process.env['PATH'] = path
  })
  await t.throwsAsync(enableBitlocker({ ...enable, drive: device }, context), {
    message: /cannot be told: blkid ended with 4/,
  })
  t.false(await isLuks(device))
})

const provision = {
  type: 'pre-provision-bitlocker',
  drive: 'Data',
  fullDiskEncryption: false,
  skipWithoutTpm: false,
} as const

test.serial('S2-048: without a TPM the step is skipped, or says what is missing', async (t) => {
  const { device, context } = makeVolume(t, 48)
  context.set.set('Data', device)
  t.is((await preProvisionBitlocker({ ...provision, skipWithoutTpm: true }, context)).exitCode, 0)
  t.false(await isLuks(device))
  await t.throwsAsync(preProvisionBitlocker(provision, context), {
    message: /no usable TPM: set OSDBitLockerRecoveryPassword/,
  })
})

test.serial('S2-048: only an empty volume of data that this run has made is encrypted', async (t) => {
  const { device, context } = makeVolume(t, 64)
  run('mkfs.ext4', '-q', '-F', device)
  context.set.set('Data', device)
  context.set.set('OSDBitLockerRecoveryPassword', makeRecoveryPassword())
  const refusal = async (partitions: string, message: RegExp): Promise<void> => {
    context.set.set('OSDFormattedPartitions', partitions)
    await t.throwsAsync(preProvisionBitlocker(provision, context), { message })
  }
  await refusal('', /this run has not made it/)
  await refusal(`${device} efi fat32 -`, /it is used as efi/)
  await refusal(`${device} primary ext4 -`, /receives the system/)
  const uuid = run('blkid', '-p', '-o', 'value', '-s', 'UUID', device).trim()
  await refusal(`/dev/x1 primary ext4 -; /dev/x2 primary ext4 ${uuid}`, /this run has not made it/)
  const another = makeLoopDisk(t, 16 * 1024 * 1024).disk.device
  context.set.set('Data', another)
  await refusal(`/dev/x1 primary ext4 -; ${another} primary ext4 ${uuid}`, new RegExp(`made there is ${device}`))
  context.set.set('Data', device)
  mountAndWrite(device, context.scratchFolder)
  await refusal(`/dev/x1 primary ext4 -; ${device} primary ext4 -`, /it is not empty/)
  t.false(await isLuks(device))
})

test.serial('a volume is overwritten to its end', async (t) => {
  const { device, context } = makeVolume(t, 9)
  await fillWithRandom(device, 9 * 1024 * 1024, context)
  const octets = readFileSync(device)
  t.is(octets.length, 9 * 1024 * 1024)
  t.true(octets.subarray(-16).some((octet) => octet !== 0))
  t.like(context.progressed.at(-1), { done: 9 * 1024 * 1024 })
})

test('a password of a person is made as hard to guess as cryptsetup makes it', (t) => {
  t.deepEqual(derivationOptions('swordfish'), [])
  t.true(derivationOptions(makeRecoveryPassword()).includes('pbkdf2'))
})

test('S2-047: an encrypted Linux volume cannot be opened for some restarts', async (t) => {
  const { context } = makeVolume(t, 1)
  context.set.set('OSDBitLockerRebootCountOverride', '0')
  await t.throwsAsync(disableBitlocker({ type: 'disable-bitlocker', drive: 'os', restarts: 3 }, context), {
    message: /manage-bde\.exe -protectors -disable %SystemDrive% -rebootcount 0\)$/,
  })
})

test('Convert Disk to Dynamic is for Windows', async (t) => {
  await t.throwsAsync(convertDiskToDynamic({ type: 'convert-disk-to-dynamic', diskNumber: 2 }), {
    message: /only Windows has dynamic disks.*select disk 2; convert dynamic; exit/,
  })
})

test('a recovery password has eight groups, each a multiple of eleven', (t) => {
  const made = Array.from({ length: 50 }, () => makeRecoveryPassword())
  t.true(made.every((password) => isMadeRecoveryPassword(password)))
  t.is(new Set(made).size, 50)
  t.false(isMadeRecoveryPassword('000001-000000-000000-000000-000000-000000-000000-000000'))
})

test('S2-045: the command lines of Windows', (t) => {
  const lines = (changes: Partial<EnableBitlocker>): readonly string[] =>
    enableCommands({ ...enable, drive: 'os', recoveryPassword: '', ...changes }, { drive: 'C:', keyDrive: 'E:' }).map(
      ({ commandLine }) => commandLine,
    )
  const powershell = 'powershell.exe -NoProfile -NonInteractive -Command -'
  t.deepEqual(lines({}), [
    'manage-bde.exe -protectors -add C: -tpm',
    'manage-bde.exe -protectors -add C: -recoverypassword',
    'manage-bde.exe -on C: -used -skiphardwaretest',
    powershell,
  ])
  t.deepEqual(
    lines({ keyMode: 'tpm-and-usb', recoveryKey: 'none', fullDiskEncryption: true, algorithm: 'xts-aes-256' }),
    [
      'manage-bde.exe -protectors -add C: -tpmandstartupkey E:',
      'manage-bde.exe -on C: -encryptionmethod xts_aes256 -skiphardwaretest',
    ],
  )
  t.is(lines({ keyMode: 'usb', waitForEncryption: true })[0], 'manage-bde.exe -protectors -add C: -startupkey E:')
  t.is(lines({ waitForEncryption: true })[2], 'manage-bde.exe -on C: -used -skiphardwaretest -synchronous')
  t.deepEqual(lines({ drive: ' OS ' }), lines({}))
  t.is(lines({ drive: 'D:' })[0], 'manage-bde.exe -autounlock -enable C:')
})

test('S2-046: secrets come on the standard input of Windows programs, and in no command line', (t) => {
  const action: EnableBitlocker = {
    ...enable,
    drive: 'os',
    keyMode: 'tpm-and-pin',
    pin: '4711',
    recoveryPassword: "it's\u2019 x",
  }
  const commands = enableCommands(action, { drive: 'C:', keyDrive: 'E:' })
  t.deepEqual(commands[0], { commandLine: 'manage-bde.exe -protectors -add C: -tpmandpin', input: '4711\r\n4711\r\n' })
  t.is(
    commands[1]?.input,
    "Add-BitLockerKeyProtector -MountPoint 'C:' -RecoveryPasswordProtector -RecoveryPassword 'it''s\u2019\u2019 x'\r\n",
  )
  t.notRegex(commands.map(({ commandLine }) => commandLine).join(), /4711|it's/)
})

test('S2-047, S2-048: the other command lines of Windows', (t) => {
  const disabled = (override: string): string => disableCommandLine({ restarts: 1 }, { drive: 'C:', override })
  t.is(disabled(''), 'manage-bde.exe -protectors -disable C: -rebootcount 1')
  t.is(disabled('15'), 'manage-bde.exe -protectors -disable C: -rebootcount 15')
  t.is(disabled('16'), 'manage-bde.exe -protectors -disable C: -rebootcount 1')
  t.is(preProvisionCommandLine({ fullDiskEncryption: false }, 'C:'), 'manage-bde.exe -on C: -used')
  t.is(preProvisionCommandLine({ fullDiskEncryption: true }, 'C:'), 'manage-bde.exe -on C:')
})
