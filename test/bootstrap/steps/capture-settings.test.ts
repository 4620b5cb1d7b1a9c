/** Settings of the system that is there now: of one on the disk, and of the running one. Needs root. */

import { execFileSync } from 'node:child_process'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { detectSystem } from '../../../bootstrap/detected-system.ts'
import { captureNetworkSettings } from '../../../bootstrap/steps/capture-network-settings.ts'
import { captureWindowsSettings } from '../../../bootstrap/steps/capture-windows-settings.ts'
import { makeContext, makeFolder, makeLoopDisk, type TestContext } from '../loop-disk.ts'

const all = {
  type: 'capture-windows-settings',
  computerName: true,
  registration: true,
  timeZone: true,
} as const

/** A disk whose one partition holds a system of that name. */
function makeInstalled(t: ExecutionContext, name: string): TestContext {
  const { disk, folder } = makeLoopDisk(t, 64 * 1024 * 1024)
  execFileSync('mkfs.ext4', ['-q', '-F', disk.device])
  const place = join(folder, 'fill')
  mkdirSync(place)
  execFileSync('mount', [disk.device, place])
  mkdirSync(join(place, 'etc'))
  for (const [path, text] of Object.entries({
    passwd: '',
    'os-release': '',
    hostname: `${name}\n`,
    timezone: 'Etc/UTC\n',
  }))
    writeFileSync(join(place, 'etc', path), text)
  symlinkSync('/usr/share/zoneinfo/Europe/Berlin', join(place, 'etc/localtime'))
  execFileSync('umount', [place])
  return makeContext(folder, { disks: [disk] })
}

test.serial('S2-071: name and time zone of the system on the disk are kept', async (t) => {
  const context = makeInstalled(t, 'old-pc')
  const { variables } = await captureWindowsSettings(all, context)
  t.deepEqual(variables, [
    { name: 'OSDComputerName', value: 'old-pc', secret: false },
    { name: 'OSDTimeZone', value: 'Europe/Berlin', secret: false },
  ])
  t.notRegex(execFileSync('cat', ['/proc/self/mounts'], { encoding: 'utf8' }), new RegExp(context.scratchFolder))
})

test.serial('S2-071: what is switched off is not kept', async (t) => {
  const { variables } = await captureWindowsSettings(
    { ...all, computerName: false, timeZone: false },
    makeInstalled(t, 'old-pc'),
  )
  t.deepEqual(variables, [])
})

test.serial('S2-071: of several systems one has to be named', async (t) => {
  const first = makeInstalled(t, 'first')
  const second = makeInstalled(t, 'second')
  const disks = [...first.disks, ...second.disks]
  const context = makeContext(makeFolder(t), { disks })
  await t.throwsAsync(captureWindowsSettings(all, context), {
    message: /several installed systems.*_OSDDetectedWinDrive/,
  })
  context.set.set('_OSDDetectedWinDrive', second.disks[0]?.device ?? '')
  const { variables } = await captureWindowsSettings(all, context)
  t.is(variables[0]?.value, 'second')
})

test.serial(
  'S3.1: a run that begins in the boot image knows the one installed system, by its name and its UUID',
  async (t) => {
    const context = makeInstalled(t, 'old-pc')
    const [disk] = context.disks
    const uuid = execFileSync('blkid', ['-p', '-o', 'value', '-s', 'UUID', disk?.device ?? ''], { encoding: 'utf8' })
    const found = await detectSystem(context, [])
    t.deepEqual(found, [
      { name: '_OSDDetectedWinDrive', value: disk?.device ?? '', secret: false },
      { name: '_OSDDetectedWinVolume', value: uuid.trim(), secret: false },
    ])
    t.deepEqual(await detectSystem(context, [{ name: '_osddetectedwindrive', value: '/dev/sdz9', secret: false }]), [])
    const second = makeInstalled(t, 'second')
    t.deepEqual(await detectSystem({ ...context, disks: [...context.disks, ...second.disks] }, []), [])
    // After a restart the name may be another disk's: the volume counts.
    for (const { name, value } of found) context.set.set(name, value)
    context.set.set('_OSDDetectedWinDrive', second.disks[0]?.device ?? '')
    const { variables } = await captureWindowsSettings(all, context)
    t.is(variables[0]?.value, 'old-pc')
    execFileSync('mkfs.ext4', ['-q', '-F', disk?.device ?? ''])
    await t.throwsAsync(captureWindowsSettings(all, context), { message: /no partition has the UUID/ })
  },
)

test.serial('S3.1: of a Windows its folder is known too', async (t) => {
  const { disk, folder } = makeLoopDisk(t, 64 * 1024 * 1024)
  execFileSync('mkfs.ntfs', ['-q', '-f', '-F', disk.device])
  const place = join(folder, 'fill')
  mkdirSync(join(folder, 'fill'))
  execFileSync('mount', ['-t', 'ntfs-3g', disk.device, place])
  mkdirSync(join(place, 'WINDOWS/System32'), { recursive: true })
  writeFileSync(join(place, 'WINDOWS/System32/kernel32.dll'), '')
  execFileSync('umount', [place])
  const found = await detectSystem(makeContext(folder, { disks: [disk] }), [])
  t.deepEqual(
    found.map(({ name, value }) => [name, name.endsWith('Volume') ? value.length : value]),
    [
      ['_OSDDetectedWinDrive', disk.device],
      ['_OSDDetectedWinVolume', 16],
      ['_OSDDetectedWinDir', '/WINDOWS'],
    ],
  )
})

test.serial('S2-071: a disk without a system is said to be one', async (t) => {
  const { disk, folder } = makeLoopDisk(t, 32 * 1024 * 1024)
  await t.throwsAsync(captureWindowsSettings(all, makeContext(folder, { disks: [disk] })), {
    message: /no installed system was found/,
  })
})

test('S2-070: the running system tells its cards', async (t) => {
  const links = JSON.parse(execFileSync('ip', ['-json', 'link'], { encoding: 'utf8' })) as readonly {
    readonly address: string
    readonly link_type: string
  }[]
  const macAddresses = links.filter(({ link_type: kind }) => kind === 'ether').map(({ address }) => address)
  const plain = makeContext(makeFolder(t))
  const hardware = { ...plain.hardware, macAddresses }
  const action = { type: 'capture-network-settings', membership: true, adapters: true } as const
  const { variables } = await captureNetworkSettings(action, { ...plain, hardware, where: 'installed-system' })
  t.is(variables.find(({ name }) => name === 'OSDAdapterCount')?.value, String(macAddresses.length))
  const none = await captureNetworkSettings({ ...action, membership: false, adapters: false }, plain)
  t.deepEqual(none.variables, [])
})
