/** Captured systems are applied again and compared file by file, on loop devices. Needs root. */

import { execFileSync } from 'node:child_process'
import {
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { markFile, markFolder, writeMediumMark } from '../../../bootstrap/medium/medium-mark.ts'
import { writeStartMark } from '../../../bootstrap/medium/start-mark.ts'
import type { ImageSite } from '../../../bootstrap/send-image.ts'
import { applyDataImage } from '../../../bootstrap/steps/apply-data-image.ts'
import { applyOperatingSystemImage } from '../../../bootstrap/steps/apply-operating-system-image.ts'
import { captureOperatingSystemImage } from '../../../bootstrap/steps/capture-operating-system-image.ts'
import { parsePackageId } from '../../../server/address/identifiers.ts'
import { actionOf } from '../../support/actions.ts'
import { lookAt, partitionsOf, prepareMachine, sha256Of } from '../image-server.ts'
import { makeFolder, type TestContext } from '../loop-disk.ts'
import { mediumId } from '../medium/make-medium.ts'
import { listTree } from '../tree-listing.ts'

const imageId = 'RVL00009'
const capture = actionOf({ type: 'capture-operating-system-image' })
const linux = [{ fileSystem: 'ext4' }]

function put(root: string, path: string, text: string | Buffer, mode = 0o644): void {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), text, { mode })
}

/** An installed system with everything that an archive may lose. */
function fillLinux(root: string): void {
  put(root, 'etc/os-release', 'PRETTY_NAME="Debian GNU/Linux 13 (trixie)"\n')
  put(root, 'etc/fstab', 'UUID=aaaa / ext4 defaults 0 1\nUUID=bbbb /boot/efi vfat umask=0077 0 2\n')
  put(root, 'usr/bin/su', Buffer.alloc(70_000, 'su'), 0o4755)
  execFileSync('chmod', ['4755', join(root, 'usr/bin/su')])
  put(root, 'usr/bin/ping', 'ping', 0o755)
  execFileSync('setcap', ['cap_net_raw+ep', join(root, 'usr/bin/ping')])
  put(root, 'home/user/notes', 'mine')
  execFileSync('chown', ['--recursive', '1000:1000', join(root, 'home/user')])
  execFileSync('setfacl', ['--modify', 'user:1234:r--', join(root, 'home/user/notes')])
  execFileSync('setfacl', ['--default', '--modify', 'group:5678:rwx', join(root, 'home/user')])
  execFileSync('setfattr', ['--name=user.kept', '--value=yes', join(root, 'home/user/notes')])
  linkSync(join(root, 'home/user/notes'), join(root, 'home/user/same'))
  symlinkSync('/nowhere/at all', join(root, 'etc/link'))
  execFileSync('mkfifo', [join(root, 'run-fifo')])
  execFileSync('mknod', [join(root, 'null'), 'c', '1', '3'])
  put(root, 'var/lib/sparse', 'x')
  truncateSync(join(root, 'var/lib/sparse'), 50_000_000)
  put(root, 'opt/näme with blanks', '')
  utimesSync(join(root, 'opt/näme with blanks'), 1, 1.5)
  put(root, 'var/lib/reveille/run/run.json', 'a ticket')
  put(root, 'var/lib/reveille/agent.json', '{}')
  writeMediumMark(root, { mediumId, atMs: 1, machine: { macAddresses: [] } })
  put(root, 'boot/vmlinuz', 'kernel')
  writeStartMark(root, { mediumId, order: 1, next: 'disk' })
  put(root, 'usr/lib/reveille/agent.mjs', 'client')
  put(root, 'var/lib/systemd/random-seed', 'random')
  put(root, 'tmp/rubbish', '')
}

async function linuxMachine(t: ExecutionContext, site?: ImageSite): Promise<TestContext> {
  const context = await prepareMachine(t, { partitions: linux, ...(site === undefined ? {} : { changes: { site } }) })
  const [device = ''] = partitionsOf(context)
  await context.target.mountRoot({ device, use: 'primary', fileSystem: 'ext4' })
  fillLinux(context.target.root)
  return context
}

test.serial('S2-064: a captured Linux system is deployed again with everything, file by file', async (t) => {
  const context = await linuxMachine(t)
  const folder = makeFolder(t)
  context.keep(await captureOperatingSystemImage({ ...capture, destination: folder }, context))
  const file = join(folder, 'rootfs.tar.zst')
  t.is(context.set.get('OSDCapturedImageFile'), file)
  t.deepEqual(readdirSync(folder), ['rootfs.tar.zst'])
  const octets = readFileSync(file)
  t.true(context.lines.some((line) => line.includes(sha256Of(octets))))

  const other = await prepareMachine(t, { contents: { [imageId]: { 'rootfs.tar': octets } }, partitions: linux })
  other.keep(await applyDataImage(actionOf({ type: 'apply-data-image', imageId }), other))
  const [device = ''] = partitionsOf(other)
  const expected = listTree(context.target.root)
  const marks = [`${markFolder}/${markFile}`, 'var/lib/reveille/start', `boot/reveille-medium-${mediumId}`]
  for (const gone of [...marks, 'var/lib/reveille/run', 'var/lib/systemd/random-seed', 'tmp/rubbish']) {
    t.true(
      expected.some((line) => line.startsWith(`${gone} `)),
      gone,
    )
  }
  const isKept = (line: string): boolean =>
    !/^(?:boot\/reveille-medium|var\/lib\/reveille\/start|var\/lib\/reveille\/run|var\/lib\/systemd\/random-seed|tmp\/)/.test(
      line,
    )
  t.deepEqual(lookAt(device, listTree), expected.filter(isKept))
  t.true(expected.some((line) => line.includes('has holes')))
  t.true(expected.some((line) => line.includes('system.posix_acl_default')))
  t.true(expected.some((line) => line.includes('security.capability')))

  const whole = await prepareMachine(t, { contents: { [imageId]: { 'rootfs.tar': octets } }, partitions: linux })
  await applyOperatingSystemImage(actionOf({ type: 'apply-operating-system-image', imageId }), whole)
  t.regex(readFileSync(join(whole.target.root, 'etc/fstab'), 'utf8'), /^UUID=[0-9a-f-]{36} \/ ext4/m)
})

test.serial('S2-062: after Prepare ConfigMgr Client for Capture in a build, the image holds no client', async (t) => {
  const context = await linuxMachine(t)
  const folder = makeFolder(t)
  context.set.set('OSDClientInImage', 'remove')
  await captureOperatingSystemImage({ ...capture, destination: join(folder, 'system.tar.zst') }, context)
  const names = execFileSync('tar', ['--zstd', '-tf', join(folder, 'system.tar.zst')], { encoding: 'utf8' })
  t.false(names.includes('reveille'))
  t.true(names.includes('./etc/os-release'))
})

test.serial('S4-009: an image that is there is overwritten, whole or not at all', async (t) => {
  const context = await linuxMachine(t)
  const folder = makeFolder(t)
  put(folder, 'rootfs.tar.zst', 'older')
  const stopped = { ...context, signal: AbortSignal.abort() }
  await t.throwsAsync(captureOperatingSystemImage({ ...capture, destination: folder }, stopped))
  t.is(readFileSync(join(folder, 'rootfs.tar.zst'), 'utf8'), 'older')
  t.deepEqual(readdirSync(folder), ['rootfs.tar.zst'])
  await captureOperatingSystemImage({ ...capture, destination: folder }, context)
  t.true(readFileSync(join(folder, 'rootfs.tar.zst')).length > 1_000)
})

test.serial('S2-064: without a destination the site gets the image, its name and its description', async (t) => {
  const sent: Buffer[] = []
  const kept: unknown[] = []
  const id = parsePackageId('RVL00042')
  if (id === undefined) throw new Error('a wrong fixture')
  const context = await linuxMachine(t, {
    sendImage: async (format, begin) => {
      t.is(format, 'root-archive')
      const { octets, made } = begin()
      for await (const chunk of octets) sent.push(chunk)
      return made()
    },
    keepImage: async (image) => {
      kept.push(image)
      return { imageId: id, version: 1 }
    },
  })
  context.set.set('_SMSTSMachineName', 'lab-1')
  const words = { description: 'Reference', version: '2.0', creator: 'Ann' }
  context.keep(await captureOperatingSystemImage({ ...capture, ...words }, context))
  const octets = Buffer.concat(sent)
  t.deepEqual(kept, [
    {
      name: 'Debian GNU/Linux 13 (trixie) of lab-1',
      description: 'Reference; version 2.0, created by Ann',
      architecture: 'x64',
      format: 'root-archive',
      file: { sha256: sha256Of(octets), bytes: octets.length },
    },
  ])
  t.is(context.set.get('OSDCapturedImageId'), 'RVL00042')
})

/** Each with what the step says. */
const badDestinations = {
  'a folder that is not there': ['/nowhere/images', /folder of the destination .* is not there/],
  'a network folder': ['\\\\server\\images', /connect it with Connect To Network Folder/],
  'a relative path': ['images', /no path from the root/],
} as const

for (const [what, [destination, message]] of Object.entries(badDestinations)) {
  test.serial(`S2-064: the destination is not ${what}`, async (t) => {
    const context = await linuxMachine(t)
    await t.throwsAsync(captureOperatingSystemImage({ ...capture, destination }, context), { message })
  })
}

test.serial('S2-064: a folder that was connected as a drive is a destination', async (t) => {
  const context = await linuxMachine(t)
  const folder = makeFolder(t)
  mkdirSync(join(folder, 'images'))
  const onDrive = { ...capture, destination: 'z:\\images\\system.tar.zst' }
  await t.throwsAsync(captureOperatingSystemImage(onDrive, context), {
    message: 'no network folder is connected as Z:',
  })
  context.set.set('OSDNetworkFolderZ', folder)
  await captureOperatingSystemImage(onDrive, context)
  t.true(existsSync(join(folder, 'images/system.tar.zst')))
})

test.serial('S2-064: nor the captured volume itself, and boot and system volume are one', async (t) => {
  const context = await linuxMachine(t)
  const { root } = context.target
  await t.throwsAsync(captureOperatingSystemImage({ ...capture, destination: join(root, 'opt') }, context), {
    message: /lies on the volume that is captured/,
  })
  put(root, 'etc/fstab', 'UUID=aaaa / ext4 defaults 0 1\nUUID=cccc /usr ext4 defaults 0 2\n')
  await t.throwsAsync(captureOperatingSystemImage({ ...capture, destination: makeFolder(t) }, context), {
    message: /^\/usr of this system is a volume of its own/,
  })
})

test.serial('a system that this run did not apply is found, when it is the only one', async (t) => {
  const context = await prepareMachine(t, { partitions: [{ fileSystem: 'ext4', size: { megabytes: 80 } }, {}] })
  const folder = makeFolder(t)
  await t.throwsAsync(captureOperatingSystemImage({ ...capture, destination: folder }, context), {
    message: /no installed system/,
  })
  const devices = partitionsOf(context)
  for (const [index, device] of devices.entries()) {
    await context.target.mountRoot({ device, use: 'primary', fileSystem: 'ext4' })
    fillLinux(context.target.root)
    await context.target.unmountAll()
    const run = captureOperatingSystemImage({ ...capture, destination: folder }, context)
    if (index === 0) await t.notThrowsAsync(run)
    else await t.throwsAsync(run, { message: /several installed systems/ })
    await context.target.unmountAll()
  }
})

/** Whoever looks through all mounts of the machine holds up the end of one for a moment. */
function unmount(folder: string): void {
  const tries = 'for try in $(seq 50); do umount "$0" && exit 0; sleep 0.1; done; exit 1'
  execFileSync('sh', ['-c', tries, folder], { stdio: 'ignore' })
}

/** What Windows has and others do not, on the partition itself. */
function fillWindows(device: string): void {
  const folder = mkdtempSync(join(tmpdir(), 'reveille-ntfs-'))
  execFileSync('mount', ['-t', 'ntfs-3g', '-o', 'permissions,streams_interface=windows', device, folder])
  try {
    put(folder, 'Windows/System32/ntdll.dll', Buffer.alloc(300_000, 'ntdll'))
    put(folder, 'Windows/WinSxS/same.dll', 'one')
    linkSync(join(folder, 'Windows/WinSxS/same.dll'), join(folder, 'Windows/System32/same.dll'))
    put(folder, 'Users/näme/file.txt', 'text')
    put(folder, 'Users/näme/file.txt:zone', 'a stream of its own')
    execFileSync('chown', ['1000:1000', join(folder, 'Users/näme/file.txt')])
    execFileSync('chmod', ['640', join(folder, 'Users/näme/file.txt')])
  } finally {
    unmount(folder)
    rmSync(folder, { recursive: true })
  }
}

/** All that ntfs-3g tells of a volume: access lists, attributes and short names are extended attributes of it. */
function listNtfs(device: string): readonly string[] {
  const folder = mkdtempSync(join(tmpdir(), 'reveille-ntfs-'))
  execFileSync('mount', ['-t', 'ntfs-3g', '-o', 'ro,permissions,streams_interface=xattr', device, folder])
  try {
    const acls = execFileSync('find', ['.', '-mindepth', '1', '-print0'], { cwd: folder, encoding: 'utf8' })
      .split('\0')
      .filter((name) => name !== '' && !name.includes('System Volume Information'))
      .sort()
      .flatMap((name) =>
        ['system.ntfs_acl', 'system.ntfs_attrib', 'user.zone'].map((attribute) => {
          const words = ['--only-values', `--name=${attribute}`, name]
          const value = execFileSync('sh', ['-c', `getfattr "$@" 2>/dev/null | od -An -tx1 -v`, 'sh', ...words], {
            cwd: folder,
            encoding: 'utf8',
          })
          return `${name} ${attribute} ${value.replaceAll(/\s+/g, '')}`
        }),
      )
    const files = listTree(folder).filter((line) => !/^(?:\. |# file)/.test(line))
    return [...files, ...acls]
  } finally {
    unmount(folder)
    rmSync(folder, { recursive: true })
  }
}

test.serial('S2-064: a WIM of an NTFS volume, applied to another, is the same file by file', async (t) => {
  const context = await prepareMachine(t, {})
  const [from = ''] = partitionsOf(context)
  fillWindows(from)
  const folder = makeFolder(t)
  const words = { imageName: 'Reference', description: 'Of the lab' }
  context.keep(await captureOperatingSystemImage({ ...capture, ...words, destination: folder }, context))
  t.is(context.set.get('OSDCapturedImageFile'), join(folder, 'image.wim'))
  const other = await prepareMachine(t, {
    contents: { [imageId]: { 'image.wim': readFileSync(join(folder, 'image.wim')) } },
  })
  await applyOperatingSystemImage(actionOf({ type: 'apply-operating-system-image', imageId }), other)
  await other.target.unmountAll()
  const [to = ''] = partitionsOf(other)
  const expected = listNtfs(from)
  t.true(expected.some((line) => /file\.txt user\.zone 61/.test(line)))
  t.true(expected.some((line) => /file\.txt system\.ntfs_acl [0-9a-f]{40}/.test(line)))
  t.deepEqual(listNtfs(to), expected)
})

test.serial(
  'S2-064: each NTFS volume is an image of its own, the system first; other file systems are left out',
  async (t) => {
    const partitions = ['ntfs', 'ext4', 'ntfs'].map((fileSystem, index) => ({
      fileSystem,
      name: `P${index}`,
      size: { megabytes: 70 },
    }))
    const context = await prepareMachine(t, { partitions })
    const [data = '', , system = ''] = partitionsOf(context)
    fillWindows(system)
    const folder = makeFolder(t)
    await captureOperatingSystemImage({ ...capture, imageName: 'Lab', destination: join(folder, 'lab.wim') }, context)
    const info = execFileSync('wimlib-imagex', ['info', join(folder, 'lab.wim')], { encoding: 'utf8' })
    t.deepEqual(
      [...info.matchAll(/^Name: +(.*)$/gm)].map(([, name]) => name?.replace(/ \(.*/, '')),
      ['Lab', 'Lab 2'],
    )
    t.regex(info, /^Image Count: +2$/m)
    t.true(existsSync(data))
    await t.throwsAsync(captureOperatingSystemImage(capture, context), { message: /2 volumes .* destination folder/ })
  },
)

test.serial('S2-064: one NTFS volume can be sent to the site while it is captured', async (t) => {
  const sent: Buffer[] = []
  const id = parsePackageId('RVL00042')
  if (id === undefined) throw new Error('a wrong fixture')
  const site: ImageSite = {
    sendImage: async (_format, begin) => {
      const { octets, made } = begin()
      for await (const chunk of octets) sent.push(chunk)
      return made()
    },
    keepImage: async () => ({ imageId: id, version: 1 }),
  }
  const context = await prepareMachine(t, { changes: { site } })
  fillWindows(partitionsOf(context)[0] ?? '')
  await captureOperatingSystemImage(capture, context)
  t.is(Buffer.concat(sent).subarray(0, 5).toString(), 'WLPWM')
})
