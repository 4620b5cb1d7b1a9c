/** Applying root archives to partitions of loop devices, over a server that breaks off, and hostile archives (security E01). Needs root. */

import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { dirname, join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { ArchiveFault, archiveKind } from '../../../bootstrap/archive.ts'
import { findExistingSystem, keptEfiPartition } from '../../../bootstrap/existing-system.ts'
import { formatAndPartitionDisk } from '../../../bootstrap/steps/format-and-partition-disk.ts'
import { applyOperatingSystemImage } from '../../../bootstrap/steps/apply-operating-system-image.ts'
import { TargetSystem } from '../../../bootstrap/target-system.ts'
import { parsePackageId } from '../../../server/address/identifiers.ts'
import type { PolicyContent } from '../../../server/contract/agent.ts'
import type { FormatAndPartitionDisk } from '../../../server/sequence/step-types/format-and-partition-disk.ts'
import { parseSha256, type Sha256 } from '../../../server/site/content.ts'
import { actionOf } from '../../support/actions.ts'
import { makeContext, makeFolder, makeLoopDisk, type TestContext } from '../loop-disk.ts'

function run(program: string, ...words: readonly string[]): void {
  execFileSync(program, words)
}

function sha256Of(octets: Buffer): Sha256 {
  const sha256 = parseSha256(createHash('sha256').update(octets).digest('hex'))
  if (sha256 === undefined) throw new Error('a hash is a hash')
  return sha256
}

function imageOf(octets: Buffer, sha256 = sha256Of(octets)): PolicyContent {
  const id = parsePackageId('RVL00009')
  if (id === undefined) throw new Error('a wrong fixture')
  return {
    id,
    name: 'Debian',
    version: 1,
    kind: 'operating-system-image',
    files: [{ name: 'rootfs.tar', sha256, bytes: octets.length }],
  }
}

/** Serves the octets with Range; the first answer breaks off in the middle. */
async function serve(t: ExecutionContext, octets: Buffer): Promise<string> {
  let answers = 0
  const server = createServer((request, response) => {
    const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0)
    answers += 1
    const range = { 'content-range': `bytes ${start}-${octets.length - 1}/${octets.length}` }
    response.writeHead(start === 0 ? 200 : 206, { 'content-length': octets.length - start, ...range })
    if (answers > 1) return response.end(octets.subarray(start))
    return response.write(octets.subarray(start, Math.floor(octets.length / 2)), () =>
      setImmediate(() => response.destroy()),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    server.close()
    server.closeAllConnections()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

function makeRootArchive(folder: string, compression: readonly string[]): Buffer {
  const root = join(folder, 'image')
  mkdirSync(join(root, 'etc'), { recursive: true })
  mkdirSync(join(root, 'usr/bin'), { recursive: true })
  mkdirSync(join(root, 'var/lib/reveille/run'), { recursive: true })
  writeFileSync(join(root, 'etc/issue'), 'hello\n')
  writeFileSync(join(root, 'usr/bin/tool'), Buffer.alloc(300_000, 'tool'), { mode: 0o4755 })
  writeFileSync(join(root, 'var/lib/reveille/run/run.json'), 'from the image')
  if (!existsSync(join(root, 'bin'))) symlinkSync('usr/bin', join(root, 'bin'))
  run('chown', '1234:5678', join(root, 'etc/issue'))
  // A tool to set attributes is not everywhere; tar can make one up and put it there.
  const attributed = join(folder, 'attributed.tar')
  run('tar', '--format=pax', '--pax-option=SCHILY.xattr.user.kept:=yes', '-cf', attributed, '-C', root, 'etc/issue')
  run('tar', '--xattrs', '--xattrs-include=*', '-xf', attributed, '-C', root)
  const file = join(folder, 'rootfs.tar')
  run('tar', '--xattrs', '-cf', file, ...compression, '-C', root, '.')
  return readFileSync(file)
}

const formatAction = {
  type: 'format-and-partition-disk',
  diskNumber: 0,
  diskType: 'gpt',
  partitions: [
    { name: 'EFI', use: 'efi', size: { megabytes: 64 }, fileSystem: 'fat32', quickFormat: true, bootable: false },
    {
      name: 'System',
      use: 'primary',
      size: { percentOfRemaining: 100 },
      fileSystem: 'ext4',
      quickFormat: true,
      bootable: false,
    },
  ],
} as const

const applyAction = actionOf({ type: 'apply-operating-system-image', imageId: 'RVL00009' })

async function prepare(t: ExecutionContext, octets: Buffer, image = imageOf(octets)): Promise<TestContext> {
  const { disk, folder } = makeLoopDisk(t, 512 * 1024 * 1024)
  const base = await serve(t, octets)
  const download = { bases: [base], token: () => 'token', onFault: () => {}, backOff: { firstMs: 1, mostMs: 1 } }
  const mounted: string[] = []
  const target = new TargetSystem(join(folder, 'target'), (root) => mounted.push(root))
  t.teardown(() => target.unmountAll())
  const context = makeContext(folder, { disks: [disk], content: [image], target, download })
  context.keep(await formatAndPartitionDisk(formatAction, context))
  return context
}

const compressions = { plain: [], gzip: ['-z'], xz: ['-J'], zstd: ['--zstd'] } as const

for (const [kind, words] of Object.entries(compressions)) {
  test.serial(
    `S2-053: a ${kind} archive arrives whole over a broken connection, with owners, modes and attributes`,
    async (t) => {
      const octets = makeRootArchive(makeFolder(t), words)
      t.is(archiveKind(octets), kind as keyof typeof compressions)
      const context = await prepare(t, octets)
      context.keep(await applyOperatingSystemImage(applyAction, context))
      const { root } = context.target
      t.is(readFileSync(join(root, 'etc/issue'), 'utf8'), 'hello\n')
      const { uid, gid } = statSync(join(root, 'etc/issue'))
      t.deepEqual([uid, gid], [1234, 5678])
      t.is(statSync(join(root, 'usr/bin/tool')).mode & 0o7777, 0o4755)
      t.is(readlinkSync(join(root, 'bin')), 'usr/bin')
      t.true(
        execFileSync('tar', ['--xattrs', '-cPf', '-', join(root, 'etc/issue')]).includes('SCHILY.xattr.user.kept=yes'),
      )
      t.regex(
        readFileSync(join(root, 'etc/fstab'), 'utf8'),
        /^UUID=[0-9a-f-]{36} \/ ext4 .*\nUUID=[0-9A-F-]{9} \/boot\/efi vfat /m,
      )
      t.is(
        context.set.get('OSDTargetSystemDrive'),
        context.set.get('OSDFormattedPartitions')?.split('; ')[1]?.split(' ')[0],
      )
      t.is(context.set.get('OSDTargetSystemRoot'), root)
      t.deepEqual(readdirSync(join(root, 'var/lib/reveille/run')), [])
      const { done, total } = context.progressed.at(-1) ?? {}
      t.is(done, total)
    },
  )
}

test.serial('I6: a wrong hash fails the step', async (t) => {
  const octets = makeRootArchive(makeFolder(t), [])
  const context = await prepare(t, octets, imageOf(octets, sha256Of(Buffer.from('other'))))
  await t.throwsAsync(applyOperatingSystemImage(applyAction, context), {
    message: /content RVL00009 version 1, file rootfs.tar has the wrong hash/,
  })
})

test.serial('E04: what is not an archive is refused by its content', async (t) => {
  const octets = Buffer.alloc(100_000, 'QFI\xfb')
  const context = await prepare(t, octets)
  await t.throwsAsync(applyOperatingSystemImage(applyAction, context), {
    instanceOf: ArchiveFault,
    message: /not a tar archive/,
  })
})

test.serial('a second application empties the partition, but keeps the state of the run', async (t) => {
  const octets = makeRootArchive(makeFolder(t), [])
  const context = await prepare(t, octets)
  context.keep(await applyOperatingSystemImage(applyAction, context))
  const { root } = context.target
  writeFileSync(join(root, 'etc/rubbish'), '')
  writeFileSync(join(root, 'var/lib/reveille/run/run.json'), 'the run')
  await context.target.unmountAll()
  await applyOperatingSystemImage({ ...applyAction, destinationVariable: 'OSDTargetSystemDrive' }, context)
  t.false(existsSync(join(root, 'etc/rubbish')))
  t.is(readFileSync(join(root, 'var/lib/reveille/run/run.json'), 'utf8'), 'the run')
})

test.serial('a partition that this run did not format is refused', async (t) => {
  const context = await prepare(t, Buffer.alloc(0))
  context.set.set('Elsewhere', '/dev/vda')
  await t.throwsAsync(applyOperatingSystemImage({ ...applyAction, destinationVariable: 'Elsewhere' }, context), {
    message: /\/dev\/vda, named by the variable Elsewhere, was not formatted in this run/,
  })
})

test('an image that the policy does not hold is named', async (t) => {
  await t.throwsAsync(applyOperatingSystemImage(applyAction, makeContext(makeFolder(t))), {
    message: /RVL00009 is not among the content/,
  })
})

/** Entries of an archive as GNU tar would never write them. */
const attacks = {
  'a name that climbs': ['--transform=s,^,../../,', 'evil'],
  'an absolute name': ['--absolute-names', '--transform=s,^,OUTSIDE/,', 'evil'],
} as const

for (const [what, words] of Object.entries(attacks)) {
  test.serial(`E01: ${what} does not lead out of the target`, async (t) => {
    const folder = makeFolder(t)
    const outside = join(folder, 'outside')
    mkdirSync(outside)
    writeFileSync(join(folder, 'evil'), 'evil')
    const file = join(folder, 'attack.tar')
    run('tar', '-cPf', file, '-C', folder, ...words.map((word) => word.replace('OUTSIDE', outside)))
    const context = await prepare(t, readFileSync(file))
    await applyOperatingSystemImage(applyAction, context).catch(() => {})
    t.deepEqual(readdirSync(outside), [])
    t.false(existsSync(join(context.target.root, '../../evil')))
    t.false(existsSync(join(context.target.root, '../evil')))
  })
}

test.serial('E01: a file through a link that leads out is not written there', async (t) => {
  const folder = makeFolder(t)
  const outside = join(folder, 'outside')
  mkdirSync(outside)
  mkdirSync(join(folder, 'a'))
  symlinkSync(outside, join(folder, 'a/way'))
  mkdirSync(join(folder, 'b/way'), { recursive: true })
  writeFileSync(join(folder, 'b/way/evil'), 'evil')
  const file = join(folder, 'attack.tar')
  run('tar', '-cf', file, '-C', join(folder, 'a'), 'way', '-C', join(folder, 'b'), 'way/evil')
  const context = await prepare(t, readFileSync(file))
  await t.throwsAsync(applyOperatingSystemImage(applyAction, context), {
    instanceOf: ArchiveFault,
    message: /way\/evil/,
  })
  t.deepEqual(readdirSync(outside), [])
})

/** Links of an archive to where the agent writes by itself, and what becomes of the step. */
const linksOut = {
  'etc is a link out': { path: 'etc', refused: /^\/etc of the applied system leads out of it/ },
  'etc/fstab is a link out': { path: 'etc/fstab', refused: undefined },
  'boot is a link out': { path: 'boot', refused: /^\/boot of the applied system leads out of it/ },
  'proc is a link out': { path: 'proc', refused: /^\/proc of the applied system leads out of it/ },
} as const

for (const [what, { path, refused }] of Object.entries(linksOut)) {
  test.serial(`E01: where ${what}, the running system stays as it is`, async (t) => {
    const folder = makeFolder(t)
    const outside = join(folder, 'outside')
    mkdirSync(outside)
    mkdirSync(dirname(join(folder, 'image', path)), { recursive: true })
    const isFile = path.includes('/')
    if (isFile) writeFileSync(join(outside, 'fstab'), 'old')
    symlinkSync(isFile ? join(outside, 'fstab') : outside, join(folder, 'image', path))
    const file = join(folder, 'rootfs.tar')
    run('tar', '-cf', file, '-C', join(folder, 'image'), '.')
    const context = await prepare(t, readFileSync(file))
    if (refused === undefined) {
      await applyOperatingSystemImage(applyAction, context)
      t.regex(readFileSync(join(context.target.root, 'etc/fstab'), 'utf8'), /^UUID=/m)
      t.is(readFileSync(join(outside, 'fstab'), 'utf8'), 'old')
    } else {
      await t.throwsAsync(applyOperatingSystemImage(applyAction, context), { message: refused })
      t.deepEqual(readdirSync(outside), [])
    }
  })
}

test.serial('a system that a step has looked into can be applied anew: only its root stays mounted', async (t) => {
  const context = await prepare(t, makeRootArchive(makeFolder(t), []))
  await applyOperatingSystemImage(applyAction, context)
  const { target } = context
  await target.bindSystemFolders()
  await target.unmountBelow()
  const mounts = readFileSync('/proc/self/mounts', 'utf8')
  t.true(mounts.includes(` ${target.root} `))
  t.false(mounts.includes(` ${target.root}/`))
  await applyOperatingSystemImage(applyAction, context)
  t.regex(readFileSync(join(target.root, 'etc/fstab'), 'utf8'), /^UUID=/m)
})

test.serial('E01: nothing is mounted through a link', async (t) => {
  const octets = makeRootArchive(makeFolder(t), [])
  const context = await prepare(t, octets)
  await applyOperatingSystemImage(applyAction, context)
  const { root } = context.target
  const outside = makeFolder(t)
  rmdirSync(join(root, 'proc'))
  symlinkSync(outside, join(root, 'proc'))
  await t.throwsAsync(context.target.bindSystemFolders(), { message: /^\/proc of the applied system leads out of it/ })
  symlinkSync(outside, join(root, 'boot/efi'))
  const efi = { device: '/dev/null', use: 'efi', fileSystem: 'fat32' } as const
  await t.throwsAsync(context.target.mountBelow('boot/efi', efi), { message: /^\/boot\/efi of .* leads out of it/ })
  t.false(readFileSync('/proc/self/mounts', 'utf8').includes(` ${outside} `))
})

/** A machine with a system from before this run: nothing is known of how its disk was divided. */
async function prepareInstalled(
  t: ExecutionContext,
  firmware: 'bios' | 'uefi',
  partitions: FormatAndPartitionDisk['partitions'] = formatAction.partitions,
): Promise<TestContext> {
  const earlier = await prepare(t, makeRootArchive(makeFolder(t), []))
  earlier.keep(await formatAndPartitionDisk({ ...formatAction, partitions }, earlier))
  for (const system of partitionsWith(earlier, 'primary')) {
    execFileSync('mkdir', ['-p', earlier.scratchFolder])
    run('mount', system, earlier.scratchFolder)
    for (const path of ['etc/passwd', 'etc/os-release', 'home/user/file', 'var/state/kept']) {
      mkdirSync(dirname(join(earlier.scratchFolder, path)), { recursive: true })
      writeFileSync(join(earlier.scratchFolder, path), 'old')
    }
    run('umount', earlier.scratchFolder)
  }
  const { disks, content, target, download } = earlier
  const hardware = { ...earlier.hardware, firmware }
  return makeContext(makeFolder(t), { disks, content, target, download, hardware })
}

function partitionsWith(context: TestContext, use: string): readonly string[] {
  const all = (context.set.get('OSDFormattedPartitions') ?? '').split('; ').map((entry) => entry.split(' '))
  return all.flatMap(([device = '', each]) => (each === use ? [device] : []))
}

const overExisting = { ...applyAction, destinationVariable: '_OSDDetectedWinDrive' }
const [efiPartition, systemPartition] = formatAction.partitions

test.serial(
  'S2-055, S4-005: an image takes the place of the existing system, and the log says what is deleted',
  async (t) => {
    const context = await prepareInstalled(t, 'bios')
    context.set.set('_SMSTSUserStatePath', '/var/state')
    context.keep(await applyOperatingSystemImage(overExisting, context))
    const { root, device } = context.target
    t.is(device, `${context.disks[0]?.device}p2`)
    t.is(context.set.get('OSDTargetSystemDrive'), device)
    t.is(readFileSync(join(root, 'etc/issue'), 'utf8'), 'hello\n')
    t.false(existsSync(join(root, 'home/user')))
    t.is(readFileSync(join(root, 'var/state/kept'), 'utf8'), 'old')
    t.deepEqual(
      context.lines.filter((line) => line.includes('deleted')),
      [
        `log The existing system on ${device} is replaced: everything on this partition is deleted but /var/state. Other partitions stay as they are.`,
      ],
    )
    t.regex(readFileSync(join(root, 'etc/fstab'), 'utf8'), /^UUID=[0-9a-f-]{36} \/ ext4 /m)
    // A step that is tried again finds an emptied volume, and the run on it.
    await applyOperatingSystemImage(overExisting, context)
  },
)

test.serial('S2-055: on a machine with UEFI the EFI system partition of the disk stays in use', async (t) => {
  const context = await prepareInstalled(t, 'uefi')
  const disk = context.disks[0]?.device
  const system = await findExistingSystem(context)
  t.is(system.device, `${disk}p2`)
  t.like(await keptEfiPartition(system, context), { device: `${disk}p1`, use: 'efi', fileSystem: 'fat32' })
  // One that this run made is enough.
  context.set.set('OSDFormattedPartitions', '/dev/other1 efi fat32 1A2B-3C4D')
  t.is(await keptEfiPartition(system, context), undefined)
})

test.serial('S2-055: of several existing systems none is replaced until one is named', async (t) => {
  const half = { ...systemPartition, size: { megabytes: 150 } }
  const context = await prepareInstalled(t, 'bios', [half, { ...half }])
  await t.throwsAsync(applyOperatingSystemImage(overExisting, context), {
    message: /several installed systems, on .*: name one in _OSDDetectedWinDrive/,
  })
  const second = `${context.disks[0]?.device}p2`
  context.set.set('_OSDDetectedWinDrive', second)
  await applyOperatingSystemImage(overExisting, context)
  t.is(context.target.device, second)
})

test.serial('S2-055: nothing is deleted where the new system could not start, or nothing is installed', async (t) => {
  const context = await prepareInstalled(t, 'uefi', [systemPartition])
  await t.throwsAsync(applyOperatingSystemImage(overExisting, context), {
    message: /starts by UEFI, and .* has no EFI system partition: nothing is deleted/,
  })
  t.false(context.target.isMounted)
  const bare = await prepareInstalled(t, 'uefi', [efiPartition])
  await t.throwsAsync(applyOperatingSystemImage(overExisting, bare), { message: /no installed system was found/ })
  bare.set.set('_OSDDetectedWinDrive', bare.disks[0]?.device ?? '')
  await t.throwsAsync(applyOperatingSystemImage(overExisting, bare), { message: /no installed system was found/ })
})
